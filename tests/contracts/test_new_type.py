"""A column type is one class: what nobody has heard of before works everywhere as soon as it is registered."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
from django.core.validators import RegexValidator
from django.db import models
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from core import sql
from core.models import User
from dynamic_crud.csv_export import unguarded
from dynamic_crud.runtime import runtimes
from exporter.targets import targets
from schemas.blueprints import blueprint
from schemas.blueprints.samples import sample_rows
from schemas.column_types import ColumnType, column_types, conversion
from schemas.document import Column, Schema
from schemas.format import document_format
from schemas.generation.prompts import system_blocks
from schemas.generation.reply import reply_schema
from schemas.validation import validate
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.schemas.scratch import Scratch

HEX = r"\A#[0-9a-f]{6}\Z"
SENTENCE = "Enter a color such as #1a2b3c."


class ColorField(models.CharField):
    """A colour in lower case, however it is written."""

    def to_python(self, value: Any) -> Any:
        """The value as it is stored."""
        text = super().to_python(value)
        return text.strip().lower() if text else text


class ColorType(ColumnType):
    """A color, such as that of a label."""

    key = "color"
    label = "Color"
    aliases = ("colour", "hex_color")
    examples = ("#1a2b3c", "#ffffff")
    lookups = ("exact", "in", "isnull")

    def sql_type(self, column: Column) -> str:
        """Always `text`."""
        return "text"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """Six digits after a #."""
        yield sql.format("{name} ~ {pattern}", name=sql.identifier(column.name), pattern=sql.literal(HEX))

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A text field with the same pattern."""
        return ColorField(max_length=7, validators=[RegexValidator(HEX, SENTENCE)], **common)

    def text_length(self, column: Column) -> int:
        """Always the same."""
        return 7

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """The text as forms read it."""
        return sql.format("lower(btrim({text}))", text=text)


@pytest.fixture(autouse=True)
def color() -> Iterator[ColumnType]:
    """The type, for one test: nobody remembers it afterwards."""
    yield column_types.register("color", ColorType())
    column_types.unregister("color")
    runtimes.clear()


def document(**facts: Any) -> dict[str, Any]:
    accent = {"name": "accent", "type": "color", **facts}
    return {"name": "Labels", "tables": [{"name": "labels", "columns": [{"name": "name", "type": "text"}, accent]}]}


def schema_of(**facts: Any) -> Schema:
    result = validate(document(**facts))
    assert result.schema is not None, result.errors
    return result.schema


@pytest.fixture
def labels(user: User) -> RecordsClient:
    """A project with a column of the type, by API."""
    return RecordsClient(client_of(user), provisioned(user, document()))


@pytest.fixture
def pages(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(labels: RecordsClient, name: str, *args: Any) -> str:
    return reverse(name, args=[labels.project.pk, "labels", *args])


def html(response: Any, status: int = 200) -> str:
    text = response.content.decode()
    assert response.status_code == status, text[-2000:]
    return text


# Documents


def test_the_validation_knows_it_by_all_of_its_names() -> None:
    for name in ("color", "Colour", "HEX_COLOR"):
        (_, column) = schema_of(type=name, default="#AABBCC").tables[0].columns
        assert column.type == "color"


def test_a_default_that_is_none_of_its_values_is_refused() -> None:
    (problem,) = validate(document(default="red")).errors

    assert problem.path == "$.tables[0].columns[1].default"
    assert SENTENCE in problem.detail


def test_a_setting_that_it_has_not_is_refused() -> None:
    (problem,) = validate(document(alpha=True)).errors

    assert problem.path == "$.tables[0].columns[1].alpha"


def test_the_json_schema_of_documents_names_it() -> None:
    judge = Draft202012Validator(document_format())

    assert document_format()["$defs"]["color_column"]["description"] == "A color, such as that of a label."
    assert judge.is_valid(schema_of(default="#1a2b3c").to_json())
    assert not judge.is_valid(document(default=5))


def test_the_generator_is_told_of_it_for_as_long_as_it_is_registered(color: ColumnType) -> None:
    def told() -> tuple[bool, bool]:
        table = reply_schema()["properties"]["tables"]["items"]
        column = table["properties"]["columns"]["items"]
        return "- color: Color" in system_blocks()[0]["text"], "color" in column["properties"]["type"]["enum"]

    assert told() == (True, True)
    column_types.unregister("color")
    assert told() == (False, False)
    column_types.register("color", color)


def test_sample_records_have_its_examples() -> None:
    source = replace(blueprint("gym"), key="own", document=schema_of(required=True), samples={})
    rows = sample_rows(source, today=date(2026, 11, 21), per_table=5)["labels"]

    assert len(rows) == 5
    assert {row["accent"] for row in rows} <= set(ColorType.examples)


# PostgreSQL


@pytest.mark.parametrize(
    ("text", "expected"), [(" #AABBCC", "#aabbcc"), ("#1a2b3c", "#1a2b3c"), ("red", None), ("#12345", None)]
)
def test_texts_become_what_they_say(scratch: Scratch, text: str, expected: str | None) -> None:
    before, after = Column("c", "old", "text"), Column("c", "new", "color")
    found = conversion(before, after)
    assert found is not None
    scratch.create(before, after)
    scratch.fill(before, "old", text)

    assert found.kind == "lossy"
    assert scratch.holds(found.keeps) == (expected is not None)
    scratch.execute(sql.format("update sample set new = {value}", value=found.value))
    assert scratch.read(after, "new") == expected


def test_it_becomes_a_text_without_loss() -> None:
    found = conversion(Column("c", "x", "color"), Column("c", "x", "text"))

    assert found is not None
    assert found.kind == "lossless"
    assert conversion(Column("c", "x", "integer"), Column("c", "x", "color")) is None


def test_not_even_a_superuser_gets_anything_else_into_the_table(
    labels: RecordsClient, superuser: psycopg.Connection
) -> None:
    table = sql.identifier(labels.project.schema_name, "labels")
    statement = sql.format("insert into {table} (user_id, accent) values (%s, %s)", table=table)
    superuser.execute(statement, [labels.project.owner_id, "#aabbcc"])

    for rubbish in ("red", "#AABBCC", "#aabbccdd", "#aabbcc\n", ""):
        with pytest.raises(psycopg.errors.CheckViolation):
            superuser.execute(statement, [labels.project.owner_id, rubbish])


# API


def test_the_api_takes_and_answers_it(labels: RecordsClient) -> None:
    made = labels.made("labels", name="Sky", accent=" #AABBCC ")

    assert made["accent"] == "#aabbcc"
    assert labels.get("labels", made["id"]).json() == made
    assert labels.change("labels", made["id"], {"accent": "#FFFFFF"}).json()["accent"] == "#ffffff"
    assert labels.change("labels", made["id"], {"accent": None}).json()["accent"] is None


@pytest.mark.parametrize("rubbish", ["red", "#12345g", "#aabbc'", 5, ["#aabbcc"], {}])
def test_the_api_refuses_anything_else_with_a_sentence(labels: RecordsClient, rubbish: Any) -> None:
    response = labels.create("labels", {"accent": rubbish})

    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["path"] == "$.accent"
    assert error["detail"].endswith(".")
    assert error["detail"] == SENTENCE or not isinstance(rubbish, str)


def test_the_api_filters_and_orders_by_it(labels: RecordsClient) -> None:
    labels.create("labels", [{"name": "White", "accent": "#ffffff"}, {"name": "Black", "accent": "#000000"}, {}])

    def names(**parameters: str) -> list[str | None]:
        return [row["name"] for row in labels.list("labels", **parameters).json()["results"]]

    assert names(accent="#FFFFFF") == ["White"]
    assert names(accent__in="#000000,#111111") == ["Black"]
    assert names(accent__isnull="true") == [None]
    assert names(ordering="accent")[:2] == ["Black", "White"]


# Pages


def test_a_form_saves_it_and_a_list_shows_it(labels: RecordsClient, pages: Client) -> None:
    assert 'name="accent"' in html(pages.get(address(labels, "record-create")))
    pages.post(address(labels, "record-create"), {"name": "Sky", "accent": "#AABBCC"})
    (made,) = labels.list("labels").json()["results"]
    labels.made("labels", name="White", accent="#ffffff")

    assert made["accent"] == "#aabbcc"
    assert 'value="#aabbcc"' in html(pages.get(address(labels, "record-edit", made["id"])))
    assert "#aabbcc" in html(pages.get(address(labels, "record-detail", made["id"])))
    everything = html(pages.get(address(labels, "record-list")))
    assert '<span class="vc-text">#aabbcc</span>' in everything
    assert '<span class="vc-text">#ffffff</span>' in everything


def test_a_form_says_what_is_wrong(labels: RecordsClient, pages: Client) -> None:
    page = html(pages.post(address(labels, "record-create"), {"name": "Sky", "accent": "sky"}), 422)

    assert SENTENCE in page
    assert 'value="sky"' in page
    assert labels.list("labels").json()["count"] == 0


def test_a_list_is_filtered_by_it(labels: RecordsClient, pages: Client) -> None:
    labels.create("labels", [{"name": "White", "accent": "#ffffff"}, {"name": "Black", "accent": "#000000"}])
    page = html(pages.get(address(labels, "record-list"), {"accent": "#000000"}))

    assert "Black" in page
    assert "White" not in page
    assert "Accent is #000000" in page


def test_a_csv_file_has_it_as_it_is_read(labels: RecordsClient, pages: Client, color: ColumnType) -> None:
    labels.made("labels", name="Sky", accent="#aabbcc")
    response = pages.get(address(labels, "record-list"), {"format": "csv"})
    (line,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"), newline=""))

    assert line["accent"] == "#aabbcc"
    assert color.parse(Column("c", "accent", "color"), unguarded(line["accent"])) == "#aabbcc"


# The exported application


def exported(**facts: Any) -> dict[str, str]:
    return dict(targets.get("nextjs").export(schema_of(**facts)).files)


def test_the_exported_table_has_its_check_and_its_default() -> None:
    migration = exported(required=True, default="#1A2B3C")["supabase/migrations/0001_init.sql"]

    (line,) = (line.strip() for line in migration.splitlines() if line.strip().startswith('"accent"'))
    assert line == (
        '"accent" text not null default \'#1a2b3c\' constraint "labels_accent_check" '
        f'check ("accent" ~ {sql.text(sql.literal(HEX))})'
    )


def test_the_exported_form_has_its_field_and_its_rule() -> None:
    files = exported(required=True)
    validation, form = files["src/lib/validation.ts"], files["src/app/(app)/labels/form.tsx"]

    assert "export function color(max?: number)" in validation
    assert "/^#[0-9a-f]{6}$/" in validation
    assert f'"{SENTENCE}"' in validation
    assert "accent: required(color(7))" in form
    assert "import { color, optional, required, text } from" in form
    assert '<TextField control={form.control} name="accent" label="Accent" required />' in " ".join(form.split())
    assert "accent: string;" in files["src/lib/database.types.ts"]
