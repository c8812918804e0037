"""The targets `typescript` and `json-schema`: what they say of a record is true of the records of a project."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator

from core.models import User
from core.tenancy import open_project
from exporter.archive import write_zip
from exporter.targets import targets
from schemas.document import Schema
from schemas.junctions import as_stored
from tests.exporter.projects import fill_every_type, provisioned
from tests.exporter.schemas import every_type, hostile, real_estate, schema_of
from tests.provisioning.acts import named

Make = Callable[[], Schema]


def files_of(target: str, schema: Schema) -> dict[str, str]:
    return dict(targets.get(target).export(schema).files)


def validators(schema: Schema) -> dict[str, Draft202012Validator]:
    """What judges the records of each table, by the table's name."""
    found = {}
    for path, text in files_of("json-schema", schema).items():
        if path.endswith(".schema.json"):
            judge = json.loads(text)
            Draft202012Validator.check_schema(judge)
            assert judge["$id"] == path
            found[path.removesuffix(".schema.json")] = Draft202012Validator(
                judge, format_checker=Draft202012Validator.FORMAT_CHECKER
            )
    return found


def test_every_stored_record_has_the_form_that_its_schema_says(user: User) -> None:
    schema = every_type()
    project = provisioned(user, schema)
    fill_every_type(project, schema, [user.pk, uuid4()])
    for table, judge in validators(schema).items():
        query = named("select to_jsonb(t)::text from {table} t", table=table)
        with open_project(project, user.pk, "admin") as door, door.connection.cursor() as cursor:
            cursor.execute(query)
            records = [json.loads(text) for (text,) in cursor.fetchall()]
        assert records or table == "empty_ones"
        for record in records:
            assert [error.message[:300] for error in judge.iter_errors(record)] == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("text_required", None),
        ("text_required", "x" * 256),
        ("integer_optional", 1.5),
        ("boolean_required", "true"),
        ("date_optional", "2026-02-30"),
        ("time_optional", "24"),
        ("select_optional", "none of them"),
        ("multi_select_optional", ["none of them"]),
        ("rating_optional", 6),
        ("attachment_optional", []),
        ("attachment_optional", [{"id": "x"}]),
        ("email_optional", 1),
        ("uuid_optional", "x"),
        ("amount", 10.5),
        ("no_such_column", 1),
    ],
)
def test_a_record_of_another_form_is_refused(column: str, value: Any) -> None:
    judge = validators(every_type())["samples"]
    faults = [error for error in judge.iter_errors({column: value}) if error.validator != "required"]
    assert len(faults) == 1, faults
    optional = judge.schema["properties"].get(column, {}).get("type", "")
    assert ("null" in optional) == (column.endswith("_optional") or column == "amount")


def test_a_schema_tells_people_and_programs_what_a_column_is() -> None:
    judge = validators(every_type())["samples"].schema
    assert judge["properties"]["note"] == {
        "title": "Note",
        "description": 'A "short" note & more',
        "type": ["string", "null"],
        "maxLength": 255,
        "default": "none",
    }
    assert judge["properties"]["amount"]["default"] == 1.5
    assert judge["properties"]["auto_number_required"]["readOnly"]
    assert judge["properties"]["other_owner_id"]["$comment"] == "The id of a row of owners."
    assert "default" not in judge["properties"]["moment"]


@pytest.mark.parametrize("make", [real_estate, every_type, hostile])
def test_there_is_a_schema_for_every_table_and_every_link(make: Make) -> None:
    assert set(validators(make())) == {table.name for table in as_stored(make())}


@pytest.mark.parametrize("make", [real_estate, every_type, hostile])
def test_the_types_are_those_of_the_nextjs_application(make: Make) -> None:
    files = files_of("typescript", make())
    assert set(files) == {"README.md", "database.types.ts", "index.ts"}
    assert files["database.types.ts"] == files_of("nextjs", make())["src/lib/database.types.ts"]


def test_the_types_of_a_table_have_names_of_their_own() -> None:
    names = ("tables", "companies", "company_inserts", "json", "attachment")
    tables = [{"name": name, "columns": [{"name": "a", "type": "text"}]} for name in names]
    index = files_of("typescript", schema_of({"name": "n", "tables": tables}))["index.ts"]
    found = re.findall(r"^export type (\w+)", index, re.MULTILINE)
    assert "Company" in found
    assert len(set(found)) == len(found) == 1 + 3 * len(names)
    assert not set(found[1:]) & {"Tables", "Json", "Attachment", "Database", "TablesInsert"}


@pytest.mark.parametrize("target", ["sql", "typescript", "json-schema"])
@pytest.mark.parametrize("make", [real_estate, every_type, hostile])
def test_two_exports_are_equal_and_hold_nothing_of_the_platform(tmp_path, target: str, make: Make) -> None:
    archives = []
    for name in ("first", "second"):
        with (tmp_path / name).open("wb") as packed:
            write_zip(targets.get(target).export(make(), "Harbour"), packed)
        archives.append((tmp_path / name).read_bytes())
    assert archives[0] == archives[1]
    for path, text in files_of(target, make()).items():
        assert not re.search(r"vibe|jinja|\bp_[a-z2-7]{12}\b", text), path
        assert make is hostile or not re.search(r"\[\[|<%", text), path
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        assert not [line for line in text.split("\n") if line != line.rstrip(" ")], path
