"""The examples in docs/generation.md are what the offline engine really makes."""

import re
from pathlib import Path

from schemas.blueprints import blueprint
from schemas.generation import Generation, generate
from schemas.generation.offline import OfflineEngine

PAGE = Path(__file__).resolve().parents[3] / "docs" / "generation.md"
_EXAMPLE = re.compile(r"^> (?P<prompt>.+)\n\n(?P<lines>(?:- .+\n)+)", re.MULTILINE)


def _lines(generation: Generation, is_change: bool) -> list[str]:
    if generation.schema is None:
        return [f"- {generation.outcome}: {generation.message}"]
    if is_change:
        return [f"- {change}" for change in generation.changes]
    return [f"- **{table.name}**: {', '.join(column.name for column in table.columns)}" for table in generation.schema]


def test_the_examples_are_real() -> None:
    page = PAGE.read_text("utf-8")
    descriptions, changes = page.split("## Changes\n")
    examples = [(found, None) for found in _EXAMPLE.finditer(descriptions)]
    examples += [(found, blueprint("real_estate").document) for found in _EXAMPLE.finditer(changes)]

    assert len(examples) >= 16
    for found, active in examples:
        generation = generate(found["prompt"], active=active, engine=OfflineEngine())
        assert found["lines"].splitlines() == _lines(generation, active is not None), found["prompt"]
