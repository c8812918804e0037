"""What becomes of values when a column gets another type: proved for every pair of types in PostgreSQL."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core import sql
from schemas.column_types import ColumnType, column_types, conversion, lossless
from schemas.document import Column, Json
from tests.schemas.scratch import Scratch
from tests.schemas.values import hard

TYPES = list(column_types)


def column(key: str, name: str = "x", **config: Json) -> Column:
    return Column("c_x", name, key, config=config or column_types.get(key).example)


class Converted:
    """What became of one value.

    Args:
        source: the value as Python has it.
        target: the new one; None for none.
        keeps: whether the conversion says that nothing got lost.
    """

    def __init__(self, source: Any, target: Any, keeps: bool) -> None:
        self.source = source
        self.target = target
        self.keeps = keeps


def convert(scratch: Scratch, before: Column, after: Column, values: list[Any]) -> list[Converted]:
    """Changes a filled table as provisioning would, and returns what became of each value."""
    found = conversion(before, after)
    assert found is not None
    scratch.create(replace(before, name="old"), replace(after, name="new"))
    found = conversion(replace(before, name="old"), replace(after, name="new"))
    numbered, results = column_types.get(after.type).numbered, []
    for value in values:
        scratch.fill(before, "old", value)
        converts, keeps = scratch.holds(found.converts), scratch.holds(found.keeps)
        if numbered:  # PostgreSQL alone writes into the new column
            target = scratch.read(after, "old")
        else:
            scratch.execute(sql.format("update sample set new = {value}", value=found.value))
            target = scratch.read(after, "new")
        assert converts == (target is not None), f"converts is {converts} for {value!r}, which becomes {target!r}"
        assert converts or not keeps
        results.append(Converted(value, target, keeps))
    return results


def values_of(key: str, before: Column) -> list[Any]:
    kind = column_types.get(key)
    found = (kind.value(before, data) for data in hard(kind).accepted)
    return [value for value in found if value not in (None, "")]


def says_the_same(before: Column, after: Column, one: Converted) -> bool:
    """Whether the new value is the old one: typed in, written down, taken back, or as the API has it."""
    old, new = column_types.get(before.type), column_types.get(after.type)
    written = old.text(before, one.source)
    ways: list[Callable[[], bool]] = [
        lambda: new.text(after, one.target).strip() == written.strip(),
        lambda: new.parse(after, written.strip()) == one.target,
        lambda: old.parse(before, new.text(after, one.target)) == one.source,
        lambda: old.value(before, one.target) == one.source,
        lambda: one.target == int(written.removeprefix("INV-")),
        lambda: html.unescape(one.target.replace("<br>", "\n")) == re.sub("\r\n?", "\n", written),
    ]
    return any(holds(way) for way in ways)


def holds(way: Callable[[], bool]) -> bool:
    try:
        return way()
    except (ValueError, TypeError, AttributeError):
        return False


PAIRS = [
    pytest.param(before, after, id=f"{before.key}-{after.key}")
    for before in TYPES
    for after in TYPES
    if conversion(column(before.key), column(after.key))
]


@pytest.mark.parametrize(("before_type", "after_type"), PAIRS)
def test_a_conversion_does_what_it_says(scratch: Scratch, before_type: ColumnType, after_type: ColumnType) -> None:
    before, after = column(before_type.key), column(after_type.key)
    found = conversion(before, after)
    assert found is not None

    for one in convert(scratch, before, after, values_of(before_type.key, before)):
        if found.kind == "lossless":
            assert one.target is not None
        if one.keeps:
            assert says_the_same(before, after, one), f"{one.source!r} became {one.target!r}"


def options(*values: str) -> list[Json]:
    return [{"value": value} for value in values]


SAME_TYPE = [
    ("text", {"max_length": 100}, {"max_length": 500}, "lossless"),
    ("text", {"max_length": 500}, {"max_length": 100}, "lossy"),
    ("email", {}, {"max_length": 100}, "lossy"),
    ("phone", {"country": "DE"}, {}, "lossless"),
    ("phone", {"country": "DE"}, {"country": "US"}, "lossless"),
    ("phone", {}, {"country": "DE"}, "lossy"),
    ("integer", {}, {"min": 0}, "lossy"),
    ("integer", {"min": 5, "max": 9}, {"min": 0, "max": 10}, "lossless"),
    ("decimal", {"precision": 12, "scale": 2}, {"precision": 14, "scale": 4}, "lossless"),
    ("decimal", {"precision": 12, "scale": 2}, {"precision": 12, "scale": 3}, "lossy"),
    ("decimal", {"precision": 12, "scale": 2}, {"precision": 12, "scale": 1}, "lossy"),
    ("decimal", {"precision": 4, "scale": 2, "max": "9.99"}, {"precision": 1, "scale": 0}, "lossy"),
    ("currency", {"currency": "EUR"}, {"currency": "USD"}, "lossless"),
    ("percent", {}, {"min": None, "max": None}, "lossless"),
    ("rating", {"max": 5}, {"max": 10}, "lossless"),
    ("rating", {"max": 10}, {"max": 5}, "lossy"),
    ("select", {"options": options("a", "b")}, {"options": options("b", "c", "a")}, "lossless"),
    ("select", {"options": options("a", "b")}, {"options": options("a")}, "lossy"),
    ("multi_select", {"options": options("a", "b")}, {"options": options("c", "b", "a")}, "lossless"),
    ("multi_select", {"options": options("a", "b", "c")}, {"options": options("c", "b")}, "lossy"),
    ("attachment", {"max_files": 1}, {"max_files": 2, "accept": [".pdf"]}, "lossless"),
    ("attachment", {"max_files": 2}, {"max_files": 1}, "lossy"),
    ("auto_number", {"prefix": "INV-"}, {"prefix": "B", "padding": 8, "start": 500}, "lossless"),
    ("relation", {"to_table": "a"}, {"to_table": "a", "on_delete": "cascade"}, "lossless"),
    ("relation", {"to_table": "a"}, {"to_table": "b"}, None),
    ("many_to_many", {"to_table": "a"}, {"to_table": "b"}, None),
]


@pytest.mark.parametrize(("key", "old", "new", "kind"), SAME_TYPE)
def test_settings_are_judged_by_what_they_do_to_values(key: str, old: Json, new: Json, kind: str | None) -> None:
    before, after = Column("c", "x", key, config=old), Column("c", "x", key, config=new)
    found = conversion(before, after)

    assert (found.kind if found else None) == kind
    assert lossless(before, after) == (kind == "lossless")
    assert lossless(before, before)


@pytest.mark.parametrize(
    ("before", "after", "data", "expected", "keeps"),
    [
        (column("text"), column("text", max_length=3), "abcd", None, False),
        (column("text"), column("text", max_length=3), "abc", "abc", True),
        (column("decimal"), column("integer"), "2.50", 3, False),
        (column("decimal"), column("integer"), "2.00", 2, True),
        (column("decimal"), column("decimal", precision=3, scale=1), "99.95", None, False),
        (column("decimal"), column("decimal", precision=3, scale=1), "99.94", "99.9", False),
        (column("integer"), column("decimal"), 10**10, None, False),
        (column("integer"), column("rating"), 6, None, False),
        (column("datetime"), column("date"), "2026-11-20T23:30:00-02:00", "2026-11-21", False),
        (column("datetime"), column("time"), "2026-11-20T23:30:00-02:00", "01:30", False),
        (column("date"), column("datetime"), "2026-11-20", "2026-11-20T00:00:00Z", True),
        (column("text"), column("date"), "1/2/2026", None, False),
        (column("text"), column("date"), " 2026-02-28 ", "2026-02-28", True),
        (column("text"), column("boolean"), "YES", True, True),
        (column("text"), column("select"), "OPEN", "open", True),
        (column("text"), column("multi_select"), "closed , Open", ["open", "closed"], True),
        (column("text"), column("multi_select"), "closed, ajar", None, False),
        (column("text"), column("json"), '{"a": 1}', {"a": 1}, True),
        (column("text"), column("json"), "[" * 102 + "]" * 102, None, False),
        (column("text"), column("json"), '{"a": [-1e5000]}', None, False),
        (column("select"), column("multi_select"), "open", ["open"], True),
        (column("multi_select"), column("select"), ["open", "closed"], None, False),
        (column("multi_select"), column("multi_select", options=options("open")), ["open", "closed"], ["open"], False),
        (column("multi_select"), column("multi_select", options=options("x")), ["open"], None, False),
        (column("phone"), column("phone", country="DE"), "+1 (555) 010-9999", "+15550109999", True),
        (column("phone"), column("phone", country="DE"), "+49 (0)30 1234567", None, False),
        (column("phone"), column("phone", country="DE"), "030 1234567", None, False),
        (column("text"), column("rich_text"), "a < b\nc", "a &lt; b<br>c", True),
        (column("text"), column("integer"), "9" * 30, None, False),
        (column("duration"), column("text"), "-1 23:59:59.000001", "-1 23:59:59.000001", True),
    ],
)  # fmt: skip
def test_values_become_what_people_expect(
    scratch: Scratch, before: Column, after: Column, data: Json, expected: Json, keeps: bool
) -> None:
    (one,) = convert(scratch, before, after, [column_types.get(before.type).value(before, data)])

    assert one.target == (None if expected is None else column_types.get(after.type).value(after, expected))
    assert one.keeps == keeps


@pytest.mark.parametrize(("before_type", "after_type"), PAIRS)
def test_nothing_stays_nothing(scratch: Scratch, before_type: ColumnType, after_type: ColumnType) -> None:
    before, after = column(before_type.key, "old"), column(after_type.key, "new")
    if before_type.numbered or after_type.numbered:
        return
    found = conversion(before, after)
    scratch.create(before, after)
    scratch.execute("insert into sample default values")

    assert scratch.execute(sql.format("select {value} from sample", value=found.value)).fetchall() == [(None,)]


def test_what_is_no_column_in_postgresql_converts_to_nothing_and_from_nothing() -> None:
    links = column("many_to_many")
    for kind in TYPES:
        assert conversion(links, column(kind.key)) is None
        assert conversion(column(kind.key), links) is None
    assert lossless(links, replace(links, label="Tags"))


@pytest.mark.parametrize("name", ["x", "converted", "value", "options", "part", "parts", "place", "chosen", "text"])
def test_names_of_columns_do_not_mingle_with_those_of_the_conversion(scratch: Scratch, name: str) -> None:
    for before, after, value in (
        (column("text", name), column("multi_select", name), "Open, closed"),
        (column("multi_select", name), column("multi_select", name, options=options("open")), ["closed"]),
        (column("long_text", name), column("email", name), "no address"),
    ):
        found = conversion(before, after)
        scratch.create(before)
        scratch.fill(before, name, value)
        (row,) = scratch.execute(sql.format("select {value} from sample", value=found.value)).fetchall()

        assert row == ((["open", "closed"],) if before.type == "text" else (None,))
