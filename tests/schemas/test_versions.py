"""What versions are called."""

from __future__ import annotations

import pytest

from schemas.changes import Change
from schemas.column_types import column_types
from schemas.diff import diff
from schemas.document import Json, Schema
from schemas.impact import Impact
from schemas.setting_differences import SAID
from schemas.versions import next_version
from tests.schemas.applications import application, text

CODE = {"name": "code", "type": "text", "max_length": 50}
PRICE = {"name": "price", "type": "decimal", "precision": 10, "scale": 2}
COUNT = {"name": "count", "type": "integer", "min": 0, "max": 10}
STATE = {"name": "state", "type": "select", "options": ["open", "done"]}
FILES = {"name": "files", "type": "attachment", "max_files": 5, "accept": [".pdf", ".docx"]}
CALL = {"name": "call", "type": "phone"}


def version_after(before: Json, after: Json) -> str:
    first = application({"notes": {"columns": [*text("title"), before]}}, version="1.4.2")
    second = application({"notes": {"columns": [*text("title"), after]}}, parent=first)
    return next_version(first, diff(first, second))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CODE, {**CODE, "max_length": 49}),
        (CODE, {**CODE, "unique": True}),
        (CODE, {**CODE, "required": True}),
        (PRICE, {**PRICE, "precision": 9}),
        (PRICE, {**PRICE, "scale": 1}),
        (PRICE, {**PRICE, "scale": 3}),
        (COUNT, {**COUNT, "max": 9}),
        (COUNT, {**COUNT, "min": 1}),
        ({"name": "count", "type": "integer"}, COUNT),
        (STATE, {**STATE, "options": ["open", "closed"]}),
        (FILES, {**FILES, "max_files": 4}),
        (CODE, {"name": "code", "type": "integer"}),
        ({"name": "day", "type": "datetime"}, {"name": "day", "type": "date"}),
        (CALL, {**CALL, "country": "DE"}),
    ],
)
def test_what_may_no_longer_be_allowed_makes_a_major_version(before: Json, after: Json) -> None:
    assert version_after(before, after) == "2.0.0"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CODE, {**CODE, "max_length": 51}),
        (CODE, {**CODE, "required": True, "default": "x"}),
        (CODE, {**CODE, "default": "x"}),
        (CODE, {**CODE, "type": "long_text"}),
        (STATE, {"name": "state", "type": "text"}),
        (COUNT, {"name": "count", "type": "decimal"}),
        (PRICE, {**PRICE, "type": "currency", "currency": "EUR"}),
        ({"name": "day", "type": "date"}, {"name": "day", "type": "datetime"}),
        (CODE, {**CODE, "name": "number", "renamed_from": "code"}),
        ({**CODE, "unique": True, "required": True}, CODE),
        (PRICE, {**PRICE, "precision": 11, "scale": 3}),
        (COUNT, {"name": "count", "type": "integer"}),
        (STATE, {**STATE, "options": ["open", "late", "done"]}),
        (FILES, {**FILES, "accept": [".pdf", ".docx", ".odt"]}),
        (FILES, {"name": "files", "type": "attachment"}),
        (FILES, {**FILES, "accept": [".pdf"]}),
        ({**CALL, "country": "DE"}, {**CALL, "country": "FR"}),
        ({**CALL, "country": "DE"}, CALL),
    ],
)
def test_other_changes_of_columns_make_a_minor_version(before: Json, after: Json) -> None:
    assert version_after(before, after) == "1.5.0"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CODE, {**CODE, "label": "Number", "help_text": "On the label."}),
        (STATE, {**STATE, "options": [{"value": "done", "color": "red"}, {"value": "open", "label": "New"}]}),
        ({"name": "code", "type": "text"}, {"name": "code", "type": "text", "max_length": 255}),
        ({"name": "number", "type": "auto_number"}, {"name": "number", "type": "auto_number", "prefix": "INV-"}),
    ],
)
def test_what_only_looks_different_makes_a_patch(before: Json, after: Json) -> None:
    assert version_after(before, after) == "1.4.3"


TABLES: dict[str, Json] = {
    "notes": {"columns": [*text("title", "body"), STATE]},
    "files": {"columns": text("path")},
    "pages": {"columns": text("path")},
}
LINK = {"from_table": "notes", "from_column": "file_id", "to_table": "files"}


@pytest.mark.parametrize(
    ("tables", "links", "version"),
    [
        ({key: TABLES[key] for key in ("notes", "files")}, [LINK], "2.0.0"),
        (TABLES | {"notes": {"columns": text("title", "body")}}, [LINK], "2.0.0"),
        (TABLES | {"notes": {**TABLES["notes"], "unique": [["title", "body"]]}}, [LINK], "2.0.0"),
        (TABLES, [], "2.0.0"),
        (TABLES, [{**LINK, "to_table": "pages"}], "2.0.0"),
        (TABLES, [{**LINK, "type": "one_to_one"}], "2.0.0"),
        (TABLES, [{**LINK, "type": "many_to_many", "id": "c_file_id"}], "2.0.0"),
        (TABLES, [{**LINK, "on_delete": "cascade"}], "1.5.0"),
        (TABLES, [LINK, {**LINK, "from_column": "tags", "type": "many_to_many"}], "1.5.0"),
        (TABLES | {"more": {"columns": text("title")}}, [LINK], "1.5.0"),
        (TABLES | {"files": {"columns": [*text("path"), {"name": "size", "type": "integer"}]}}, [LINK], "1.5.0"),
        (TABLES | {"files": {"columns": [*text("path"), {**CODE, "required": True}]}}, [LINK], "1.5.0"),
        (TABLES | {"files": {"columns": [*text("path"), CODE], "unique": [["path", "code"]]}}, [LINK], "1.5.0"),
        (TABLES | {"files": {"columns": text("path"), "indexes": [["path"]]}}, [LINK], "1.5.0"),
        (TABLES | {"files": {"columns": text("path"), "access": "project"}}, [LINK], "1.5.0"),
        (TABLES | {"files": {"columns": text("path"), "ui_hints": {"icon": "home"}}}, [LINK], "1.4.3"),
        (TABLES | {"files": {"columns": text("path"), "description": "All of them."}}, [LINK], "1.4.3"),
        (TABLES | {"notes": {"columns": [STATE, *text("body", "title")]}}, [LINK], "1.4.3"),
        (dict(reversed(TABLES.items())), [LINK], "1.4.3"),
        (TABLES, [LINK], "1.4.2"),
    ],
)
def test_the_number_follows_the_largest_change(tables: dict[str, Json], links: list[Json], version: str) -> None:
    before = application(TABLES, [LINK], version="1.4.2")
    after = application(tables, links, parent=before)

    assert next_version(before, diff(before, after)) == version


def test_the_first_version_is_1_0_0_whatever_its_document_says() -> None:
    first = application(TABLES, version="7.1.0")

    assert next_version(None, diff(None, first)) == "1.0.0"


def test_a_unique_set_with_a_new_column_that_is_filled_is_no_mere_addition() -> None:
    before = application({"notes": {"columns": text("title")}})
    columns = [*text("title"), {"name": "kind", "type": "text", "default": "x"}]
    after = application({"notes": {"columns": columns, "unique": [["title", "kind"]]}}, parent=before)

    assert next_version(before, diff(before, after)) == "2.0.0"


def test_every_kind_of_change_states_its_impact() -> None:
    kinds = {kind for kind in _kinds(Change) if not kind.__name__.startswith("_")}

    assert len(kinds) >= 13
    assert all(isinstance(kind.impact, property) for kind in kinds)
    assert list(Impact) == [Impact.COSMETIC, Impact.STRUCTURAL, Impact.DESTRUCTIVE]


def _kinds(kind: type[Change]) -> set[type[Change]]:
    return {kind}.union(*(_kinds(inner) for inner in kind.__subclasses__())) if kind.__subclasses__() else {kind}


def test_every_setting_of_every_type_says_what_its_change_means() -> None:
    silent = {f"{kind.key}.{name}" for kind in column_types for name in kind.settings if name not in SAID}

    assert not silent, f"Say in schemas/setting_differences.py what it means that these change: {sorted(silent)}."


def test_a_schema_does_not_know_its_own_number_from_its_content() -> None:
    assert diff(Schema("App", version="1.0.0"), Schema("App", version="3.0.0")) == ()
