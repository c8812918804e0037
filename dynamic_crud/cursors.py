"""Cursors: where a list goes on, by the values of a row and not by its number, so that every page costs the same.

A cursor is opaque to callers and no secret: it holds a list's order, the values of the row at the edge of a page, and
the direction. What it leads to is the policies' to decide, like any other filter.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString, Self

import orjson

from core import sql
from dynamic_crud.ordering import Term


class InvalidCursor(ValueError):
    """A text that is no cursor, or one of a list in another order."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list.

    Args:
        values: those of the row at the edge, one for each term of the order, as PostgreSQL writes them.
        backwards: whether what comes before it is wanted.
    """

    values: tuple[str | None, ...]
    backwards: bool = False

    def encode(self, terms: Sequence[Term]) -> str:
        """The cursor as callers get it."""
        data = orjson.dumps([self.backwards, _signature(terms), *self.values])
        return urlsafe_b64encode(data).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, terms: Sequence[Term]) -> Self:
        """The cursor of a list in that order; raises `InvalidCursor`."""
        try:
            data = orjson.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        except (binascii.Error, ValueError):
            raise InvalidCursor("This is no cursor.") from None
        if not isinstance(data, list) or len(data) != len(terms) + 2 or type(data[0]) is not bool:
            raise InvalidCursor("This is no cursor of this list.")
        backwards, signature, *values = data
        if signature != _signature(terms):
            raise InvalidCursor("This cursor belongs to a list in another order.")
        if not all(value is None or (isinstance(value, str) and "\0" not in value) for value in values):
            raise InvalidCursor("This is no cursor of this list.")
        if any(value is None and not term.nullable for value, term in zip(values, terms, strict=True)):
            raise InvalidCursor("This is no cursor of this list.")
        return cls(tuple(values), backwards)


def _signature(terms: Sequence[Term]) -> str:
    return ",".join(f"{'-' if term.descending else ''}{term.path}" for term in terms)


Bound = tuple[sql.Composable, list[Any]]
"""A condition, and the values of its parameters in their order."""

_FALSE: Final[Bound] = (sql.SQL("false"), [])


def beyond(terms: Sequence[Term], places: Sequence[sql.Composable], cursor: Cursor) -> Bound:
    """The condition for the rows that a cursor leads to.

    Args:
        terms: the list's order.
        places: the SQL of each of its values.
        cursor: the place.
    """
    steps = list(zip(terms, places, cursor.values, strict=True))
    descends = {term.descending for term in terms}
    if len(descends) == 1 and not any(term.nullable for term in terms):
        # Rows compared as a whole are one range of an index.
        row = sql.join(", ", places)
        given = sql.join(", ", [_parameter(term) for term in terms])
        template: LiteralString = "({row}) < ({given})" if descends.pop() != cursor.backwards else "({row}) > ({given})"
        return sql.format(template, row=row, given=given), list(cursor.values)
    condition, values = _FALSE
    for term, place, value in reversed(steps):
        condition, values = _step(term, place, value, cursor.backwards, (condition, values))
    return condition, values


def _step(term: Term, place: sql.Composable, value: str | None, backwards: bool, rest: Bound) -> Bound:
    """Rows that differ in this value in the right direction, or that have it and meet the rest."""
    condition, values = rest
    parts = {"place": place, "value": _parameter(term), "rest": condition}
    if value is None:  # nothing comes after what has no value, and all that has one before
        template: LiteralString = "{place} is not null or {place} is null and ({rest})"
        return sql.format(template if backwards else "{place} is null and ({rest})", **parts), values
    further: LiteralString = "{place} < {value}" if term.descending != backwards else "{place} > {value}"
    if term.nullable and not backwards:
        further += " or {place} is null"
    template = "(" + further + ") or {place} = {value} and ({rest})"
    return sql.format(template, **parts), [value, value, *values]


def _parameter(term: Term) -> sql.Composable:
    return sql.format("{value}::{type}", value=sql.PARAMETER, type=sql.type_name(term.sql_type))


def order_sql(terms: Sequence[Term], places: Sequence[sql.Composable], *, backwards: bool = False) -> sql.Composable:
    """The terms of an ORDER BY, or those of the opposite order."""
    return sql.join(", ", [_order_term(term, place, backwards) for term, place in zip(terms, places, strict=True)])


def _order_term(term: Term, place: sql.Composable, backwards: bool) -> sql.Composable:
    template: LiteralString = "{place} desc" if term.descending != backwards else "{place}"
    if term.nullable:
        template += " nulls first" if backwards else " nulls last"
    return sql.format(template, place=place)
