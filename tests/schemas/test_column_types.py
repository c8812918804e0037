from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from core import sql
from schemas.column_types import ColumnType, column_types, resolve_type
from schemas.column_types.rich_text import sanitised
from schemas.document import Column, Json
from schemas.problems import Code
from schemas.validation import validate
from tests.schemas.every_type import TABLE, every_type_document, every_type_schema
from tests.schemas.strategies import json_values
from tests.schemas.values import TEXTS, hard

TYPES = list(column_types)
FILES = [
    {"id": str(UUID(int=number)), "name": "Lease.pdf", "size": 3, "type": "application/pdf"} for number in range(1, 4)
]


def example(kind: ColumnType, **changes: Json) -> Column:
    return replace(Column("c_x", "x", kind.key, config=kind.example), **changes)


def checks(kind: ColumnType, column: Column) -> list[str]:
    return [sql.text(check) for check in kind.checks(column)]


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


# What single types say about their limits


@pytest.mark.parametrize(
    ("type_key", "config", "accepted", "refused"),
    [
        ("text", {"max_length": 3}, ["abc", "\U0001f600" * 3], ["abcd", "a\0b", "\ud800"]),
        ("long_text", {"max_length": 3}, ["a\nb"], ["abcd", "a\0b"]),
        ("integer", {"min": 1, "max": 3}, [1, 3], [0, 4, 1.5, True, "2", 2**63]),
        ("integer", {}, [2**63 - 1, -(2**63)], [2**63, -(2**63) - 1]),
        ("decimal", {"precision": 4, "scale": 2}, ["12.34", 0.1, 7], ["123.45", "1.234", "NaN", "Infinity", True, "x"]),
        ("percent", {}, [0, 100, "12.5"], [-1, 101, "0.001"]),
        ("currency", {}, ["9999999999.99"], ["10000000000", "0.001"]),
        ("boolean", {}, [True], [1, "true", "x"]),
        ("date", {}, ["2026-02-28"], ["2026-02-30", "0000-01-01", "10000-01-01", "infinity", 20260228]),
        ("datetime", {}, ["2026-02-28T10:00:00+02:00"], ["0001-01-01T00:00:00+14:00", "infinity", "x"]),
        ("time", {}, ["23:59:59"], ["24:00", "x"]),
        ("email", {}, ["a@b.co"], ["a@b", "a b@c.de", '"a b"@c.de', "user@localhost", "a@b.co\n"]),
        ("url", {}, ["HTTPS://a.de/ä"], ["javascript:alert(1)", "ftp://a.de", "a.de", "http://a b.de"]),
        ("phone", {}, ["+49 30 1234567", "(030) 12-34"], ["call me", "12", "+" * 41]),
        (
            "phone",
            {"country": "DE"},
            ["030 1234567", "+1 (555) 010-9999"],
            ["1", "030 1234567 x12", "+49" + "1" * 15, "a\0b"],
        ),
        ("phone", {"country": "US", "max_length": 12}, ["+1 555 010 9999"], ["+49 1512 3456789"]),
        ("rich_text", {"max_length": 8}, ["<p>a</p>", "a &lt; b"], ["<p>ab</p>", "a && b"]),
        ("rating", {"max": 3}, [1, 3], [0, 4, "2", 2.5]),
        ("multi_select", {"options": [{"value": "a, b"}, {"value": 'c"\n'.strip()}]}, [["a, b", 'c"']], [["a"], ["b"]]),
        ("attachment", {"max_files": 1}, [FILES[:1], []], [FILES[:2]]),
        ("auto_number", {"prefix": "2026 ", "padding": 2}, ["2026 07", "7"], ["2025 07", "x"]),
        ("select", {"options": [{"value": "a"}]}, ["a"], ["b", "A", 1, ""]),
        ("uuid", {}, [str(UUID(int=1))], ["x", 1]),
        ("json", {}, [{"a": [1]}, "x", 0, False], ["a\0b", {"a\0": 1}, float("nan"), ["\udc00"]]),
    ],
)
def test_a_value_is_accepted_or_refused_by_value_and_model_field_alike(
    type_key: str, config: Json, accepted: list[Json], refused: list[Json]
) -> None:
    kind = column_types.get(type_key)
    column = Column("c_x", "x", type_key, config=config)
    for data in accepted:
        kind.model_field(column).run_validators(kind.value(column, data))
    for data in refused:
        if data == "":
            with pytest.raises(ValidationError):
                kind.model_field(column).clean(data, None)
        else:
            with pytest.raises(ValueError, match=r"\w"):
                kind.value(column, data)


@pytest.mark.parametrize(
    ("type_key", "config", "expected"),
    [
        ("text", {"max_length": 3}, ['char_length("x") <= 3']),
        ("integer", {"min": 1, "max": 3}, ['"x" >= 1', '"x" <= 3']),
        ("decimal", {"min": "0.5"}, ['"x" >= 0.5']),
        ("percent", {"max": None}, ['"x" >= 0']),
        ("rating", {"max": 3}, ['"x" between 1 and 3']),
        ("select", {"options": [{"value": "a"}, {"value": "it's"}]}, ["\"x\" in ('a', 'it''s')"]),
        ("phone", {"country": "DE"}, ['char_length("x") <= 40', r""""x" ~  E'\\A[+][1-9][0-9]{2,14}\\Z'"""]),
        ("attachment", {"max_files": 2}, ['jsonb_typeof("x") = \'array\' and jsonb_array_length("x") between 1 and 2']),
        (
            "multi_select",
            {"options": [{"value": "a"}, {"value": "it's"}]},
            [
                "\"x\" <@ array['a', 'it''s']::text[]",
                'array_ndims("x") = 1 and cardinality("x") between 1 and 2',
            ],
        ),
        (
            "duration",
            {},
            ["\"x\" between '-366000 days 0:00:00'::interval and '366000 days 0:00:00'::interval"],
        ),
    ],
)
def test_limits_are_checked_by_postgresql_too(type_key: str, config: Json, expected: list[str]) -> None:
    kind = column_types.get(type_key)

    assert checks(kind, Column("c_x", "x", type_key, config=config)) == expected


@pytest.mark.parametrize(
    ("type_key", "config", "code", "key"),
    [
        ("text", {"max_length": 0}, Code.INVALID_SETTING, "max_length"),
        ("text", {"max_length": True}, Code.INVALID_SETTING, "max_length"),
        ("decimal", {"precision": 4, "scale": 5}, Code.INVALID_SETTING, "scale"),
        ("decimal", {"min": 2, "max": 1}, Code.INVALID_SETTING, "min"),
        ("integer", {"max": "many"}, Code.INVALID_SETTING, "max"),
        ("currency", {"currency": "usd"}, Code.INVALID_SETTING, "currency"),
        ("rating", {"max": 11}, Code.INVALID_SETTING, "max"),
        ("select", {}, Code.INVALID_OPTION, "options"),
        ("select", {"options": [{"value": " a"}]}, Code.INVALID_OPTION, "options[0].value"),
        ("select", {"options": [{"value": "a"}, {"value": "A"}]}, Code.DUPLICATE_OPTION, "options[1].value"),
        ("select", {"options": [{"value": "a", "icon": "x"}]}, Code.UNKNOWN_KEY, "options[0].icon"),
        ("multi_select", {"options": []}, Code.INVALID_OPTION, "options"),
        ("integer", {"max": "1e999999999"}, Code.INVALID_SETTING, "max"),
        ("integer", {"min": "1_000"}, Code.INVALID_SETTING, "min"),
        ("phone", {"country": "de"}, Code.INVALID_SETTING, "country"),
        ("attachment", {"max_files": 0}, Code.INVALID_SETTING, "max_files"),
        ("attachment", {"accept": ["image/*", "image/*"]}, Code.INVALID_SETTING, "accept"),
        ("attachment", {"accept": ["*/*"]}, Code.INVALID_SETTING, "accept"),
        ("attachment", {"accept": [".docx\n"]}, Code.INVALID_SETTING, "accept"),
        ("auto_number", {"prefix": "INV\n"}, Code.INVALID_SETTING, "prefix"),
        ("auto_number", {"padding": 13}, Code.INVALID_SETTING, "padding"),
        ("rich_text", {"max_length": 0}, Code.INVALID_SETTING, "max_length"),
        ("relation", {"to_table": "a", "relation": "many_to_many"}, Code.INVALID_RELATION, "relation"),
        ("relation", {"to_table": "a", "on_delete": "explode"}, Code.INVALID_ON_DELETE, "on_delete"),
    ],
)
def test_a_faulty_setting_is_named(type_key: str, config: Json, code: str, key: str) -> None:
    kind = column_types.get(type_key)

    faults = list(kind.faults(Column("c_x", "x", type_key, config=config)))

    assert [(fault.code, fault.key) for fault in faults] == [(code, key)]


@pytest.mark.parametrize(
    ("type_key", "default", "expected"),
    [
        ("text", "it's \\ {x}", " E'it''s \\\\ {x}'"),
        ("date", "today", "current_date"),
        ("datetime", "now", "now()"),
        ("uuid", "uuid", "gen_random_uuid()"),
        ("date", "2026-11-20", "'2026-11-20'::date"),
        ("boolean", False, "false"),
        ("currency", "9.90", "9.90"),
        ("json", {"b": 1, "a": "it's"}, '\'{"a": "it\'\'s", "b": 1}\'::jsonb'),
        ("user", "current_user", "auth.uid()"),
        ("duration", "1h 30m", "'1:30:00'::interval"),
        ("rich_text", "<p onclick=x>it's</p>", "'<p>it''s</p>'"),
    ],
)
def test_a_default_is_a_typed_literal_or_a_known_function(type_key: str, default: Json, expected: str) -> None:
    kind = column_types.get(type_key)

    default_sql = kind.default_sql(Column("c_x", "x", type_key, default=default))

    assert default_sql is not None
    assert sql.text(default_sql) == expected


@pytest.mark.parametrize(
    ("type_key", "default"), [("text", 5), ("date", "now()"), ("integer", "0); drop schema x; --")]
)
def test_no_sql_in_a_default_ever_runs(type_key: str, default: Json) -> None:
    faults = list(column_types.get(type_key).faults(Column("c_x", "x", type_key, default=default)))

    assert [fault.code for fault in faults] == [Code.INVALID_DEFAULT]


def test_a_default_is_offered_to_forms_as_a_python_value() -> None:
    assert column_types.get("currency").initial(Column("c", "x", "currency", default="9.90")) == Decimal("9.90")
    assert column_types.get("date").initial(Column("c", "x", "date", default="today")) == dt.datetime.now(dt.UTC).date()
    assert column_types.get("text").initial(Column("c", "x", "text")) is None


def test_a_select_is_read_by_value_or_label() -> None:
    kind = column_types.get("select")
    column = Column("c", "x", "select", config={"options": [{"value": "in_work", "label": "In Work"}]})

    assert kind.parse(column, "in_work") == kind.parse(column, "in work") == "in_work"


def test_the_numbers_of_a_column_are_read_with_its_prefix_or_without() -> None:
    kind = column_types.get("auto_number")
    for prefix in ("", "INV-", "2026", "A B ", " "):
        column = Column("c", "x", "auto_number", config={"prefix": prefix, "padding": 3})
        assert kind.parse(column, "7") == kind.parse(column, f"{prefix.lower()}007") == f"{prefix}007"


def test_options_with_commas_quotes_and_lines_are_read_back_from_text() -> None:
    kind = column_types.get("multi_select")
    values = ["plain", "a, b", 'say "so"', "two\nlines", "it's", "\u202e\u05d0", '"']
    column = Column("c", "x", "multi_select", config={"options": [{"value": value} for value in values]})

    assert kind.parse(column, kind.text(column, values)) == values
    assert kind.parse(column, ' Plain ,"A, b"') == ["plain", "a, b"]


MARKUP = [
    "<b>", "</b>", "<p>", "</p>", "<pre>", "</pre>", "<li>", "<ul>", "</ul>", "<h1>", "</h1>", "<div>", "</div>",
    "<br>", "<i x='>'>", "</i>", "<a href='https://a.de'>", "<a href=javascript:x>", "</a>", "<script>", "</script>",
    "<!--", "-->", "<table><td>", "<svg>", "<math>", "<style>", "<template>", "&lt;", "&", "<", ">", '"', "x", "\n",
    "\u00a0",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(MARKUP), max_size=40).map("".join))
def test_sanitising_twice_changes_nothing_more(markup: str) -> None:
    clean = sanitised(markup)

    assert sanitised(clean) == clean
    assert not re.search(r"<(?!/?(?:b|p|pre|i|li|ul|h1|div|br)>|/a>|a(?: href=\"https://a.de\")? rel=)", clean)


def test_markup_that_would_take_forever_is_sanitised_or_shown_as_text() -> None:
    deep, wide = "<div>" * 100_000, "<p>" + "".join(f"<b a={i}>" for i in range(5_000)) + "<p>x" * 5_000

    assert sanitised(deep).startswith("&lt;div&gt;&lt;div&gt;")
    assert len(sanitised(wide)) < 1_000_000


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
