"""The examples in docs/generation.md are what the offline engine really makes; `UPDATE_EXAMPLES=1` writes them anew."""

import os
import re
from pathlib import Path

from schemas.blueprints import blueprint
from schemas.document import Schema
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


def _written_anew(page: str) -> str:
    """The page with what the engine makes of its prompts now."""
    descriptions, changes = page.split("## Changes\n")

    def answered(found: re.Match[str], active: Schema | None) -> str:
        generation = generate(found["prompt"], active=active, engine=OfflineEngine())
        lines = "\n".join(_lines(generation, active is not None))
        return f"> {found['prompt']}\n\n{lines}\n"

    active = blueprint("real_estate").document
    return (
        _EXAMPLE.sub(lambda found: answered(found, None), descriptions)
        + "## Changes\n"
        + _EXAMPLE.sub(lambda found: answered(found, active), changes)
    )


def test_the_examples_are_real() -> None:
    page = PAGE.read_text("utf-8")
    written = _written_anew(page)
    if os.environ.get("UPDATE_EXAMPLES"):
        PAGE.write_text(written, "utf-8")
        return

    assert len(_EXAMPLE.findall(page)) >= 30
    assert written == page, "Run `UPDATE_EXAMPLES=1 make test ARGS=tests/schemas/generation/test_generation_docs.py`."


def test_every_prompt_of_the_page_is_answered() -> None:
    """None has slipped out of the form in which examples are written."""
    page = PAGE.read_text("utf-8")

    assert len(_EXAMPLE.findall(page)) == len(re.findall(r"^> ", page, re.MULTILINE))
