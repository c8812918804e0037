"""The SQL of lists: put together once for each form that a list is asked for in, with a gap for its filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from django.core.exceptions import EmptyResultSet, FullResultSet

from core import sql
from core.tenancy import SEES_OWN_ROWS
from dynamic_crud.cursors import Cursor, beyond, order_sql
from dynamic_crud.listing import ListQuery, Shape
from dynamic_crud.ordering import Term, order_terms
from dynamic_crud.querysets import find_rows
from dynamic_crud.record_sql import RecordSql, record_sql
from dynamic_crud.resources import Resource, derived, derived_by
from dynamic_crud.totals import COUNTED_AT_MOST

_GAP: Final = "\1"
"""Stands for the filters. No name, no literal and no SQL has this character."""

_COUNT: Final[LiteralString] = "select count(*) from {table} where {where}"
_COUNT_SOME: Final[LiteralString] = (
    "select count(*), {own} from (select from {table} where {where} limit case when not {own} then {most} end) as _rows"
)
"""As `totals.count_rows` does it, in one round trip."""

_ESTIMATE: Final[LiteralString] = "explain (format json) select from {table} where {where}"
_PAGE: Final[LiteralString] = (
    "select {record}::text{keys} from {table}{joins} where {where} order by {order} limit {limit}"
)
_LATER_PAGE: Final[LiteralString] = """
select {record}::text from (
    select {table}.id as _id{places} from {table}{joins} where {where} order by {order} limit {limit} offset {offset}
) as _page join {table} on {table}.id = _page._id order by {order_again}
"""
"""Which rows are on the page is found out first, from indexes where there are some: the rows before it stay unread."""

_JOIN: Final[LiteralString] = " left join {target} as {name} on {name}.id = {table}.{column}"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a table's rows, as text for psycopg, and the values of its parameters."""

    text: str = "true"
    values: tuple[Any, ...] = ()

    def fill(self, text: str) -> str:
        """A statement with the condition in its gap."""
        return text.replace(_GAP, self.text)


@dataclass(frozen=True, slots=True)
class Form:
    """What tells the SQL of two pages of a table apart, but for their filters.

    Args:
        shape: how much of each record is answered.
        ordering: the asked order.
        size: rows a page.
        is_later: whether rows come before it that are skipped.
        is_keyed: whether the values are wanted that rows are ordered by.
        backwards: whether the order is turned round.
    """

    shape: Shape
    ordering: tuple[str, ...]
    size: int
    is_later: bool
    is_keyed: bool
    backwards: bool


@dataclass(frozen=True, slots=True)
class PageSql:
    """The SQL of a page, with a gap for its filters.

    Args:
        text: the statement. Its parameters are the members' names, those of the filters, and the rows to skip.
        record: how its records become JSON.
        terms: its order.
        places: the SQL of each of the values that it is ordered by.
    """

    text: str
    record: RecordSql
    terms: tuple[Term, ...]
    places: tuple[sql.Composable, ...]


@derived
def count_sql(resource: Resource) -> dict[str, tuple[str, ...]]:
    """The statements of each way of counting, with a gap for the filters."""
    table = sql.identifier(resource.table.name)
    parts = {
        "table": table,
        "where": sql.SQL(_GAP),
        "most": sql.literal(COUNTED_AT_MOST + 1),
        "own": sql.SQL(SEES_OWN_ROWS),
    }
    texts = {name: sql.statement(sql.format(text, **parts)) for name, text in _COUNTS.items()}
    return {"exact": (texts["all"],), "estimated": (texts["some"], texts["estimate"]), "none": ()}


_COUNTS: Final[dict[str, LiteralString]] = {"all": _COUNT, "some": _COUNT_SOME, "estimate": _ESTIMATE}


def condition_of(resource: Resource, query: ListQuery) -> Condition:
    """The condition that filters and search make, as Django compiles it; raises `BadRequest`."""
    rows = find_rows(resource, "default", query)
    if not rows.query.where:
        return Condition()
    try:
        text, values = rows.query.get_compiler("default").compile(rows.query.where)
    except FullResultSet:
        return Condition()
    except EmptyResultSet:
        return Condition("false")
    return Condition(text, tuple(values))


def from_cursor(condition: Condition, page: PageSql, cursor: Cursor) -> Condition:
    """The condition, for no more rows than those that the cursor leads to."""
    bound, values = beyond(page.terms, page.places, cursor)
    return Condition(f"({condition.text}) and ({sql.statement(bound)})", (*condition.values, *values))


@derived_by
def page_sql(resource: Resource, form: Form) -> PageSql:
    """The SQL of a table's pages of that form."""
    terms = order_terms(resource, form.ordering)
    places, joins = _places(resource, terms)
    record = record_sql(resource, form.shape)
    names = [sql.identifier(f"_k{index}") for index in range(len(terms))]
    named = [
        sql.format(", {place} as {name}", place=place, name=name) for place, name in zip(places, names, strict=True)
    ]
    keys = [sql.format(", {place}::text", place=place) for place in places if form.is_keyed]
    statement = sql.format(
        _LATER_PAGE if form.is_later else _PAGE,
        record=record.json,
        table=sql.identifier(resource.table.name),
        joins=joins,
        where=sql.SQL(_GAP),
        keys=sql.join("", keys),
        places=sql.join("", named),
        order=order_sql(terms, places, backwards=form.backwards),
        order_again=order_sql(terms, names),
        limit=sql.literal(form.size + 1),
        offset=sql.PARAMETER,
    )
    return PageSql(sql.statement(statement), record, terms, tuple(places))


def _places(resource: Resource, terms: Sequence[Term]) -> tuple[list[sql.Composable], sql.Composable]:
    """The SQL of each value of an order, and of the joins that it takes."""
    table = sql.identifier(resource.table.name)
    places: list[sql.Composable] = []
    joins: list[sql.Composable] = []
    for index, term in enumerate(terms):
        row: sql.Composable = table
        if term.relation is not None:
            row = sql.identifier(f"_o{index}")
            target = sql.identifier(resource.target(term.relation).table.name)
            column = sql.identifier(term.relation.column.name)
            joins.append(sql.format(_JOIN, target=target, name=row, table=table, column=column))
        places.append(sql.format("{row}.{column}", row=row, column=sql.identifier(term.column)))
    return places, sql.join("", joins)
