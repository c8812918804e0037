from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from django.db import models
from hypothesis import given, settings

from core import sql
from schemas.column_types import ColumnType, column_types, resolve_type
from schemas.document import Column, Json
from schemas.problems import Code
from schemas.validation import validate
from tests.schemas.every_type import TABLE, every_type_document, every_type_schema
from tests.schemas.strategies import json_values
from tests.schemas.values import TEXTS, hard

TYPES = list(column_types)


def example(kind: ColumnType, **changes: Json) -> Column:
    return replace(Column("c_x", "x", kind.key, config=kind.example), **changes)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.key)
def test_a_type_states_every_fact(kind: ColumnType) -> None:
    column = example(kind)

    assert column_types.get(kind.key) is kind, "Register the type under its own key."
    assert kind.label, "Give the type a label that people read."
    assert kind.sql_type(column), "Say the PostgreSQL type."
    assert isinstance(kind.model_field(column, null=True), models.Field), "Say the Django field."
    assert kind.lookups, "Say by which lookups people may filter."
    assert kind.cell.startswith("crud/cells/"), "Say which template shows a value."
    assert kind.typescript, "Say the TypeScript type of the JSON value."
    assert kind.examples or "to_table" in kind.settings, "Give examples of values: tests and docs are made of them."
    assert set(kind.example) <= set(kind.settings), "The example may only use the type's own settings."


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.key)
def test_the_examples_of_a_type_have_no_faults(kind: ColumnType) -> None:
    assert list(kind.faults(example(kind))) == []
    for value in (*kind.examples, *kind.default_words):
        column = example(kind, default=value)
        if kind.no_default:
            assert [fault.code for fault in kind.faults(column)] == [Code.INVALID_DEFAULT]
        else:
            assert list(kind.faults(column)) == []
            assert sql.text(kind.default_sql(column))


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.key)
def test_lookups_exist_in_django(kind: ColumnType) -> None:
    field = kind.model_field(example(kind))
    known = set(field.get_lookups()) | {"isnull"}

    assert set(kind.lookups) <= known


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.key)
def test_the_text_form_of_a_value_is_read_back(kind: ColumnType) -> None:
    column = example(kind)
    for data in hard(kind).accepted:
        value = kind.value(column, data)
        text = kind.text(column, value)
        longest = kind.text_length(column)

        assert kind.parse(column, text) == value
        assert longest is None or len(text) <= longest


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.key)
def test_what_value_takes_the_model_field_takes_unchanged(kind: ColumnType) -> None:
    column = example(kind)
    for data in hard(kind).accepted:
        value = kind.value(column, data)

        assert type(kind.value(column, data)) is type(value)
        if column.is_stored and not column.is_relation:
            assert kind.model_field(column, null=True, blank=True).clean(value, None) == value


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.key)
def test_what_does_not_fit_is_refused_with_a_sentence(kind: ColumnType) -> None:
    column = example(kind)
    for data in hard(kind).refused:
        with pytest.raises(ValueError, match=r"^[A-Z\u201c\"].*[.\"]$") as error:
            kind.value(column, data)
        assert not isinstance(error.value, UnicodeError)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.key)
def test_no_text_makes_a_type_raise_anything_but_a_sentence(kind: ColumnType) -> None:
    column = example(kind)
    for text in ("", *TEXTS, "\0", "\ud800", " " * 100_000, "9" * 100_000, "[" * 100_000, '"' * 100_001):
        with suppress(ValueError):
            value = kind.parse(column, text)
            assert value in (None, "") or kind.parse(column, kind.text(column, value)) == value


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_no_json_makes_a_type_raise_anything_but_a_sentence(data: Json) -> None:
    for kind in TYPES:
        with suppress(ValueError):
            value = kind.value(example(kind), data)
            assert value in (None, "") or kind.parse(example(kind), kind.text(example(kind), value)) == value


def test_a_megabyte_of_text_fits_where_the_column_says_so() -> None:
    text = "\U0001f600 line\n" * 150_000
    for key in ("long_text", "rich_text"):
        column = Column("c_x", "x", key, config={"max_length": 2_000_000})
        assert column_types.get(key).value(column, text) == text
        with pytest.raises(ValueError, match="2000000"):
            column_types.get(key).value(column, text + text)


@settings(max_examples=300, deadline=None)
@given(json_values, json_values)
def test_no_settings_and_no_default_make_a_type_raise(settings_value: Json, default: Json) -> None:
    for kind in TYPES:
        config = dict.fromkeys(kind.settings, settings_value)
        list(kind.faults(Column("c_x", "x", kind.key, config=config, default=default, required=True)))
        list(kind.faults(example(kind, default=default)))
        if isinstance(settings_value, dict):
            kind.tidy(settings_value)
        kind.tidy(config)


def test_no_two_types_share_a_name() -> None:
    names = [*column_types.names(), *(alias for kind in TYPES for alias in kind.aliases)]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("TEXT", ("text", {})),
        ("VARCHAR(200)", ("text", {"max_length": 200})),
        ("character varying (30)", ("text", {"max_length": 30})),
        ("NUMERIC(12,2)", ("decimal", {"precision": 12, "scale": 2})),
        ("numeric(5)", ("decimal", {"precision": 5, "scale": 0})),
        ("TIMESTAMPTZ", ("datetime", {})),
        ("timestamp(3) with time zone", ("datetime", {})),
        ("BOOL", ("boolean", {})),
        ("INT", ("integer", {})),
        ("JSONB", ("json", {})),
        ("UUID", ("uuid", {})),
        ("text[]", None),
        ("interval", ("duration", {})),
        ("BIGSERIAL", ("auto_number", {})),
        ("blob_text", None),
        ("varchar(99999999999999999999)", None),
        ("", None),
        ("x" * 1_000_000, None),
    ],
)
def test_names_of_postgresql_are_aliases(name: str, found: tuple[str, Json] | None) -> None:
    assert resolve_type(name) == found


def test_every_type_stands_in_one_schema() -> None:
    schema = every_type_schema()

    assert {column.type for column in schema.table(TABLE).columns} == set(column_types.names())
    assert validate(every_type_document()).problems[0].severity == "warning"


# A type of one's own


class ColorType(ColumnType):
    """A colour such as #00ff00."""

    key = "color"
    label = "Colour"
    aliases = ("colour",)
    examples = ("#00ff00",)
    cell = "crud/cells/text.html"

    def sql_type(self, column: Column) -> str:
        return "text"

    def model_field(self, column: Column, **common: object) -> models.Field:
        return models.CharField(max_length=7, **common)


def test_a_new_type_needs_one_class_and_no_other_edit() -> None:
    column_types.register("color", ColorType())
    try:
        schema = every_type_schema()
        column = schema.table(TABLE).column("color_value")

        assert (column.type, resolve_type("Colour")) == ("color", ("color", {}))
        faulty = validate(
            {
                "name": "App",
                "tables": [{"name": "cars", "columns": [{"name": "paint", "type": "colour", "default": 1}]}],
            }
        )
        assert [problem.code for problem in faulty.errors] == [Code.INVALID_DEFAULT]
    finally:
        column_types.unregister("color")
