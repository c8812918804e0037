"""docs/column-types.md describes every type as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from schemas.column_types import ColumnType, column_types
from schemas.document import Column
from schemas.validation import validate

PAGE = Path(__file__).resolve().parents[2] / "docs" / "column-types.md"
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL))


def test_every_type_has_a_heading_in_the_order_of_the_registry() -> None:
    assert list(SECTIONS) == column_types.names(), (
        "Give the type a heading in docs/column-types.md, with its settings, aliases, filters and an example."
    )


@pytest.mark.parametrize("kind", list(column_types), ids=lambda kind: kind.key)
def test_a_section_states_the_facts_of_its_type(kind: ColumnType) -> None:
    section = " ".join(SECTIONS[kind.key].split())
    example = Column("c_x", "x", kind.key, config=kind.example)
    facts = [
        f"In PostgreSQL: `{kind.sql_type(example)}`; in TypeScript: `{kind.typescript}`",
        *(f"`{name}` ({json.dumps(setting.default)})" for name, setting in kind.settings.items()),
        *(f"`{word}`" for word in (*kind.default_words, *kind.aliases, *kind.lookups)),
    ]

    assert [fact for fact in facts if fact not in section] == []


@pytest.mark.parametrize("kind", list(column_types), ids=lambda kind: kind.key)
def test_the_example_of_a_section_is_valid(kind: ColumnType) -> None:
    (example,) = re.findall(r"^```json\n(.*?)^```", SECTIONS[kind.key], re.MULTILINE | re.DOTALL)
    column = json.loads(example)
    companies = {"name": "companies", "columns": [{"name": "title", "type": "text"}]}

    result = validate({"name": "App", "tables": [{"name": "deals", "columns": [column]}, companies]})

    assert result.errors == ()
    assert column["type"] == kind.key
