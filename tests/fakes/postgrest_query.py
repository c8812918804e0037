"""The language of PostgREST's addresses, read into values: what is selected, filters, order, range."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPERATORS = {
    "eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "like": "like", "ilike": "ilike"
}  # fmt: skip
_ITEM = re.compile(
    r"(?:(?P<alias>\w+):)?(?P<name>\w+|\*)(?:!(?P<hint>\w+))?(?:\((?P<inner>.*)\))?(?:::(?P<cast>\w+))?\Z"
)
_ORDER = re.compile(r"(?:(?P<relation>\w+)\((?P<field>\w+)\)|(?P<name>\w+))(?:\.(?P<direction>asc|desc))?\Z")
_NOT_FILTERS = frozenset({"select", "order", "limit", "offset", "columns"})


class Unreadable(ValueError):
    """Something that PostgREST could not parse either."""


@dataclass(frozen=True)
class Item:
    """One part of `select`: a column, or rows of another table with parts of their own."""

    label: str
    name: str
    cast: str = ""
    hint: str = ""
    embedded: tuple[Item, ...] | None = None


@dataclass(frozen=True)
class Filter:
    """A condition on a column; `operator` is SQL's, and `in` has many values."""

    column: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class AnyOf:
    """Conditions of which one has to hold."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True)
class Order:
    """What rows are ordered by: a column, or one of the row that an embedded relation leads to."""

    relation: str
    column: str
    descending: bool


@dataclass(frozen=True)
class Query:
    """What is asked for."""

    select: tuple[Item, ...]
    where: tuple[Filter | AnyOf, ...]
    order: tuple[Order, ...]
    limit: int | None
    offset: int


def read(parameters: list[tuple[str, str]]) -> Query:
    """The query of an address's parameters."""
    given = dict(parameters)
    where = [
        AnyOf(tuple(_nested(value))) if name == "or" else _filter(name, value)
        for name, value in parameters
        if name not in _NOT_FILTERS
    ]
    return Query(
        select=tuple(_items(given.get("select", "*"))),
        where=tuple(where),
        order=tuple(_order(part) for part in _split(given.get("order", ""))),
        limit=int(given["limit"]) if "limit" in given else None,
        offset=int(given.get("offset", 0)),
    )


def _items(text: str) -> Iterator[Item]:
    for part in _split(text):
        found = _ITEM.match(part)
        if not found:
            raise Unreadable(f"select has {part!r}")
        inner = None if found["inner"] is None else tuple(_items(found["inner"]))
        yield Item(found["alias"] or found["name"], found["name"], found["cast"] or "", found["hint"] or "", inner)


def _order(part: str) -> Order:
    found = _ORDER.match(part)
    if not found:
        raise Unreadable(f"order has {part!r}")
    column = found["field"] or found["name"]
    return Order(found["relation"] or "", column, found["direction"] == "desc")


def _filter(column: str, text: str) -> Filter:
    """`eq.value`, `is.null` or `in.(a,"b,c")`."""
    operator, _, value = text.partition(".")
    if operator == "in" and value.startswith("(") and value.endswith(")"):
        return Filter(column, "in", tuple(_unquoted(part) for part in _split(value[1:-1])))
    if (operator, value) == ("is", "null"):
        return Filter(column, "is null", ())
    if operator not in _OPERATORS:
        raise Unreadable(f"{column} has the operator {operator!r}")
    return Filter(column, _OPERATORS[operator], (value,))


def _nested(text: str) -> Iterator[Filter]:
    """`(a.eq.1,b.ilike."%x%")`, whose values may stand in quotes."""
    if not (text.startswith("(") and text.endswith(")")):
        raise Unreadable(f"or has {text!r}")
    for part in _split(text[1:-1]):
        column, _, rest = part.partition(".")
        operator, _, value = rest.partition(".")
        yield _filter(column, f"{operator}.{_unquoted(value)}")


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value.startswith('"') and value.endswith('"')
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if is_quoted else value


def _split(text: str) -> Iterator[str]:
    """The parts between commas that stand in no brackets and no quotes."""
    depth, start, quoted, escaped = 0, 0, False, False
    for position, character in enumerate(text):
        if escaped or (quoted and character == "\\"):
            escaped = not escaped
        elif character == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and depth == 0:
            yield text[start:position]
            start = position + 1
    if text[start:]:
        yield text[start:]
