"""docs/schema-problems.md explains every code, and its examples do what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from schemas.document import Json, Schema
from schemas.problems import Code
from schemas.validation import validate, validate_text
from tests.schemas.test_mending import MENDED_CODES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "schema-problems.md"
SECTION = re.compile(r"^### (\w+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TEXTS = dict(SECTION.findall(PAGE.read_text()))
SECTIONS = {code: EXAMPLE.findall(text) for code, text in TEXTS.items()}
SUBJECT = {"name": "subject", "type": "text"}
HINTS = {"title_column": "subject"}


def application(**replaced: Json) -> Json:
    """The application that the page asks to think of."""
    companies = {"name": "companies", "ui_hints": HINTS, "columns": [SUBJECT]}
    deals = replaced.get("deals", {"name": "deals", "ui_hints": HINTS, "columns": [SUBJECT]})
    link = {"from_table": "deals", "from_column": "company_id", "to_table": "companies"}
    return {
        "name": "Sales",
        "tables": [companies, deals, *replaced.get("tables", [])],
        "relationships": [replaced.get("link", link)],
    }


def whole_document(part: Json) -> Json:
    """The document around an example."""
    if "tables" in part:
        return part
    if "from_table" in part:
        return application(link=part)
    if "columns" in part:
        return application(deals=part) if part["name"] == "deals" else application(tables=[part])
    return application(deals={"name": "deals", "ui_hints": HINTS, "columns": [SUBJECT, part]})


def codes(example: str, parent: Schema) -> list[str]:
    try:
        data = json.loads(example)
    except ValueError:
        return [problem.code for problem in validate_text(example).problems]
    return [problem.code for problem in validate(whole_document(data), parent).problems]


@pytest.fixture
def small_limits(settings) -> None:
    settings.SCHEMA_MAX_TABLES = 3
    settings.SCHEMA_MAX_COLUMNS = 4
    settings.SCHEMA_MAX_OPTIONS = 3
    settings.SCHEMA_MAX_BYTES = 2000


def test_every_code_has_a_heading_and_every_heading_a_code() -> None:
    assert list(SECTIONS) == [code.value for code in Code], (
        "docs/schema-problems.md and schemas.problems.Code have to name the same codes, in the same order: "
        "give the new code a heading, a failing example and a mended one."
    )


@pytest.mark.parametrize("code", SECTIONS)
def test_the_first_example_of_a_code_fails_and_the_second_is_mended(code: str, small_limits: None) -> None:
    parent = validate(application()).schema
    assert parent is not None
    failing, mended = SECTIONS[code]

    assert set(codes(failing, parent)) - {"no_title_column", "unlinked_table"} - {code} <= {code}
    assert code in codes(failing, parent)
    assert code not in codes(mended, parent)
    result = validate(whole_document(json.loads(mended)), parent)
    assert result.errors == ()


def test_the_page_says_what_a_machine_can_mend() -> None:
    assert {code for code, text in TEXTS.items() if "`--fix`" in text} == {code.value for code in MENDED_CODES}
