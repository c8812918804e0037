"""PostgreSQL agrees with the model fields about what fits into a column."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from schemas.column_types import ColumnType, column_types, conversion
from schemas.document import Column, Json
from tests.schemas.scratch import Scratch
from tests.schemas.values import hard

TYPES = [kind for kind in column_types if Column("c_x", "x", kind.key, config=kind.example).is_stored]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.key)
def test_what_a_type_accepts_is_stored_and_read_back(scratch: Scratch, kind: ColumnType) -> None:
    column = Column("c_x", "x", kind.key, config=kind.example)
    scratch.create(column)
    for data in hard(kind).accepted:
        value = kind.value(column, data)

        assert scratch.stored(column, value) == value
        assert kind.parse(column, scratch.text(column)) == value
        if conversion(Column("c_x", "x", "text"), column):
            assert scratch.read_back(column) == value


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.key)
def test_what_python_could_not_read_or_a_limit_forbids_never_gets_in(scratch: Scratch, kind: ColumnType) -> None:
    scratch.create(Column("c_x", "x", kind.key, config=kind.example))
    for written in hard(kind).refused_by_postgresql:
        assert not scratch.takes(written), written


@pytest.mark.parametrize("kind", [kind for kind in TYPES if not kind.no_default], ids=lambda kind: kind.key)
def test_defaults_are_what_python_says_they_are(scratch: Scratch, kind: ColumnType) -> None:
    for data in hard(kind).accepted:
        column = Column("c_x", "x", kind.key, config=kind.example, default=data)
        value = kind.initial(column)
        if value in (None, ""):
            continue
        scratch.create(column)
        scratch.execute("insert into sample default values")

        assert scratch.value(column) == value


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.key)
def test_the_default_words_of_a_type_are_computed(scratch: Scratch, kind: ColumnType) -> None:
    for word in kind.default_words:
        column = Column("c_x", "x", kind.key, config=kind.example, default=word)
        scratch.create(column)
        scratch.execute("insert into sample default values")

        assert isinstance(scratch.value(column), type(kind.initial(column)) | UUID)


def test_a_megabyte_of_text_is_stored_and_read_back(scratch: Scratch) -> None:
    column = Column("c_x", "x", "long_text", config={"max_length": 2_000_000})
    scratch.create(column)
    text = "\U0001f600 \u202eline\r\n" * 120_000

    assert scratch.stored(column, text) == text


def test_numbers_count_from_the_start_that_a_column_says(scratch: Scratch) -> None:
    column = Column("c_x", "x", "auto_number", config={"prefix": "INV-", "padding": 3})
    scratch.create(column)
    scratch.execute("insert into sample default values")

    assert scratch.value(column) == "INV-001"
    with pytest.raises(psycopg.errors.GeneratedAlways):
        scratch.execute("insert into sample values (7)")


@pytest.mark.parametrize(
    ("type_key", "config", "values"),
    [
        ("text", {"max_length": 2}, ["ab", "abc", "\U0001f600\U0001f600", "\U0001f600" * 3]),
        ("email", {}, ["a@b.co", "a@b", "a b@c.de", "user@localhost", "a@b.co\n", "@b.co", "a@@b.co"]),
        (
            "url",
            {},
            ["https://a.de", "HTTP://a.de/x", "javascript:alert(1)", "ftp://a.de", "http://a b.de", "http://a.de\n"],
        ),
        ("phone", {"country": "DE"}, ["+4930123456", "+49 1", "+", "+0123456", "+49" + "1" * 14]),
        ("duration", {}, ["366000 00:00:00", "366000 00:00:01"]),
        ("phone", {}, ["+49 30 1234567", "(030) 12-34", "call me", "12", "030\n1234"]),
        ("integer", {"min": 1, "max": 3}, [0, 1, 3, 4]),
        ("percent", {}, [-1, 0, 100, 101]),
        ("rating", {"max": 3}, [0, 1, 3, 4]),
        ("select", {"options": [{"value": "it's"}, {"value": "b"}]}, ["it's", "b", "B", "a"]),
    ],
)
def test_postgresql_refuses_what_the_model_field_refuses(
    scratch: Scratch, type_key: str, config: Json, values: list[Json]
) -> None:
    kind = column_types.get(type_key)
    column = Column("c_x", "x", type_key, config=config)
    scratch.create(column)
    for value in values:
        try:
            kind.value(column, value)
            expected = True
        except ValueError:
            expected = False

        assert scratch.takes(value) == expected, value
