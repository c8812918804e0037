"""The published JSON Schema takes what the validation takes, and refuses what it refuses."""

from __future__ import annotations

import copy
import json
import os
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from schemas.blueprints import Blueprint, blueprints
from schemas.column_types import column_types
from schemas.document import Json
from schemas.format import FILE, document_format, write
from schemas.validation import validate
from schemas.validation.outline import COLUMN, DOCUMENT, HINTS, RELATIONSHIP, TABLE
from tests.schemas.every_type import every_type_schema
from tests.schemas.strategies import documents

JUDGE = Draft202012Validator(document_format())


def faults(document: Json) -> list[str]:
    return [f"{fault.json_path}: {fault.message[:200]}" for fault in JUDGE.iter_errors(document)]


def test_the_committed_file_is_what_the_definitions_say() -> None:
    if os.environ.get("UPDATE_FORMAT"):
        write()
    assert json.loads(FILE.read_text()) == document_format(), (
        "Run `UPDATE_FORMAT=1 make test ARGS=tests/schemas/test_format.py` and commit schemas/format/v1.json."
    )


def test_it_is_a_json_schema_that_explains_every_key() -> None:
    Draft202012Validator.check_schema(document_format())
    bare = [place for place, form in properties_of(document_format()) if "description" not in form]

    assert bare == [], "Say in schemas/format/descriptions.py what the key means, for editors."


def properties_of(schema: Json, place: str = "") -> list[tuple[str, Json]]:
    found = []
    for key, form in schema.items():
        if key == "properties":
            found += [(f"{place}.{name}", value) for name, value in form.items() if place[-3:] not in ("/if", "hen")]
        if isinstance(form, dict):
            found += properties_of(form, f"{place}/{key}")
    return found


def test_it_knows_every_key_and_every_type() -> None:
    known = document_format()["$defs"]
    columns = [known[f"{kind.key}_column"]["properties"] for kind in column_types if "to_table" not in kind.settings]

    assert set(document_format()["properties"]) == set(DOCUMENT)
    assert set(known["table"]["properties"]) == set(TABLE)
    assert set(known["ui_hints"]["properties"]) == set(HINTS)
    assert set(known["reference"]["properties"]) == set(RELATIONSHIP)
    assert all(set(COLUMN) <= set(column) for column in columns)


def test_a_document_with_every_type_fits() -> None:
    assert faults(every_type_schema().to_json()) == []


@pytest.mark.parametrize("blueprint", blueprints(), ids=lambda blueprint: blueprint.key)
def test_every_bundled_application_fits(blueprint: Blueprint) -> None:
    assert faults(blueprint.document.to_json()) == []


@settings(max_examples=200, deadline=None)
@given(documents())
def test_whatever_is_valid_fits(document: Json) -> None:
    schema = validate(document).schema
    assert schema is not None
    assert faults(schema.to_json()) == []


DOCUMENT_OF_DEALS = {
    "$schema": "https://vibecrm.example/api/schema-format/v1.json",
    "version": "1.0.0",
    "name": "Deals",
    "tables": [
        {
            "id": "t_deals",
            "name": "deals",
            "access": "private",
            "ui_hints": {"label": "Deal", "icon": "handshake", "title_column": "subject"},
            "columns": [
                {"id": "c_subject", "name": "subject", "type": "text", "required": True, "max_length": 100},
                {
                    "id": "c_stage",
                    "name": "stage",
                    "type": "select",
                    "options": [{"value": "open", "label": "Open", "color": "green"}],
                },
                {"id": "c_worth", "name": "worth", "type": "currency", "currency": "EUR", "max": "1e6", "default": 5},
            ],
            "indexes": [{"columns": ["stage", "created_at"]}],
            "unique": [["subject", "stage"]],
        },
        {"id": "t_tags", "name": "tags", "columns": [{"id": "c_name", "name": "name", "type": "text"}]},
    ],
    "relationships": [
        {"from_table": "deals", "from_column": "parent_id", "to_table": "deals", "type": "many_to_one"},
        {"from_table": "deals", "from_column": "tags", "to_table": "tags", "type": "many_to_many"},
    ],
}


def test_an_editors_own_key_is_no_problem() -> None:
    result = validate(DOCUMENT_OF_DEALS)

    assert faults(DOCUMENT_OF_DEALS) == []
    assert [problem.path for problem in result.problems if "$schema" in problem.path] == []
    assert "$schema" not in result.schema.to_json()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", "one"),
        ("version", 1),
        ("name", ""),
        ("name", "x" * 101),
        ("tables", []),
        ("tables", {}),
        ("tables/0/name", "Deals!"),
        ("tables/0/name", "x" * 64),
        ("tables/0/id", "t-deals"),
        ("tables/0/access", "everyone"),
        ("tables/0/colums", []),
        ("tables/0/ui_hints/icon", "House!"),
        ("tables/0/ui_hints/list_columns", "subject"),
        ("tables/0/columns/0/name", None),
        ("tables/0/columns/0/name", "Sub ject"),
        ("tables/0/columns/0/type", "varchars"),
        ("tables/0/columns/0/required", "very"),
        ("tables/0/columns/0/label", "x" * 101),
        ("tables/0/columns/0/max_length", 0),
        ("tables/0/columns/0/max_length", "many"),
        ("tables/0/columns/0/maxlength", 10),
        ("tables/0/columns/0/default", 5),
        ("tables/0/columns/1/options", []),
        ("tables/0/columns/1/options", [{"value": " open"}]),
        ("tables/0/columns/1/options", [{"value": "open", "icon": "x"}]),
        ("tables/0/columns/1/options", [{"value": "open", "color": "#fff"}]),
        ("tables/0/columns/2/currency", "euro"),
        ("tables/0/columns/2/precision", 39),
        ("tables/0/columns/2/max", "lots"),
        ("tables/0/columns/2/max", "1e9999"),
        ("tables/0/indexes", [{"columns": []}]),
        ("tables/0/indexes", [{"columns": ["stage"], "where": "true"}]),
        ("tables/0/unique", [[]]),
        ("relationships/0/type", "many"),
        ("relationships/0/on_delete", "explode"),
        ("relationships/0/to_table", None),
        ("relationships/0/required", "yes"),
        ("relationships/0/default", "x"),
        ("relationships/1/required", True),
    ],
)
def test_what_the_validation_refuses_does_not_fit(path: str, value: Json) -> None:
    document = copy.deepcopy(DOCUMENT_OF_DEALS)
    *way, last = path.split("/")
    place: Any = document
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[last] = value

    assert validate(document).schema is None, "Choose a document that the validation refuses."
    assert faults(document)


def test_a_required_relation_needs_to_say_what_a_delete_does() -> None:
    document = copy.deepcopy(DOCUMENT_OF_DEALS)
    document["relationships"][0] |= {"to_table": "tags", "from_column": "tag_id", "required": True}

    assert faults(document)
    assert faults(validate(document).schema.to_json()) == []


def test_everyone_finds_it_at_one_address() -> None:
    client = Client()
    response = client.get("/api/schema-format/v1.json")

    assert (response.status_code, response["Content-Type"]) == (200, "application/schema+json")
    assert (response["Cache-Control"], response["Access-Control-Allow-Origin"]) == ("public, max-age=3600", "*")
    assert response.content == FILE.read_bytes()
    assert not response.cookies

    again = client.get("/api/schema-format/v1.json", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.post("/api/schema-format/v1.json", {}).status_code == 405
