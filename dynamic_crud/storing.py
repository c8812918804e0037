"""Storing records: PostgreSQL reads their values from JSON, each as its column's type, any number in one statement.

Django would make an expression of every value, which takes longer than all the rest of a large insert.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

import orjson
from django.db.models import Expression

from core import sql
from core.pipelines import Question
from dynamic_crud.listing import Shape
from dynamic_crud.pointers import Values
from dynamic_crud.record_sql import record_sql
from dynamic_crud.resources import Resource, derived, derived_by
from schemas.column_types.attachment import FilesField
from schemas.column_types.multi_select import ChosenField

_INSERT: Final[LiteralString] = """
insert into {table} ({columns}) select {columns} from json_populate_recordset(null::{table}, {rows}::json)
"""
_UPDATE: Final[LiteralString] = """
update {table} set {assignments} from json_populate_recordset(null::{table}, {rows}::json) as _new
where {table}.id = _new.id
"""
_CHANGED: Final[LiteralString] = " and ({old}) is distinct from ({new})"
_UNMOVED: Final[LiteralString] = " and (extract(epoch from {table}.updated_at) * 1000000)::bigint = any({states})"


_Columns = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement.

    Args:
        names: the columns that get values.
        defaults: those that get their DEFAULT.
        answered: how much of each record it answers; None for nothing.
        is_conditional: whether it asks when the rows were changed last.
    """

    names: tuple[str, ...]
    defaults: tuple[str, ...]
    answered: Shape | None = None
    is_conditional: bool = False


def new_rows(resource: Resource, rows: Iterable[Values]) -> list[dict[str, Any]]:
    """Rows as they are stored: with an id, and without links, which other tables have.

    Args:
        resource: the table.
        rows: validated values. Work that may be done again names each row's `id` too, so that it cannot add it twice.
    """
    apart = frozenset(("id", *(item.column.name for item in resource.links)))
    return [
        {"id": row.get("id") or uuid4(), **{name: value for name, value in row.items() if name not in apart}}
        for row in rows
    ]


def insertions(resource: Resource, rows: Iterable[Values], answered: Shape | None = None) -> Iterator[Question]:
    """The statements that store new rows: one for each set of columns that they have values for.

    Args:
        resource: the table.
        rows: their values, with their ids. What is left out gets the column's DEFAULT.
        answered: how much of each record is answered, as `record_sql` has it, without what it points to.
    """
    for (names, defaults), group in _alike(resource, rows):
        yield Question(_insert_text(resource, _Form(names, defaults, answered)), [_json(group)])


def updates(resource: Resource, rows: Sequence[Values]) -> Iterator[Question]:
    """The statements that give rows, which are locked, other values: one for each set of columns that change."""
    for columns, group in _alike(resource, rows):
        yield Question(_update_text(resource, _Form(*columns)), [_json(group)])


def change(resource: Resource, row: Values, states: Sequence[int] | None, answered: Shape) -> Question:
    """The statement that gives a row other values, if these are other ones, and the row is as it has to be.

    Args:
        resource: the table.
        row: the values, with its id.
        states: when the row may have been changed last, in microseconds since 1970 began; None for at any time.
        answered: how much of the changed record is answered, without what it points to.
    """
    ((columns, group),) = _alike(resource, [row])
    form = _Form(*columns, answered, is_conditional=states is not None)
    return Question(_change_text(resource, form), [_json(group), *([] if states is None else [list(states)])])


def _alike(resource: Resource, rows: Iterable[Values]) -> Iterable[tuple[_Columns, list[dict[str, Any]]]]:
    """The rows by the columns that get values, and those that get their DEFAULT."""
    lists = _lists(resource)
    alike: defaultdict[_Columns, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        given = {
            name: value or None if name in lists else value
            for name, value in row.items()
            if not isinstance(value, Expression)
        }
        defaults = () if len(given) == len(row) else tuple(name for name in row if name not in given)
        alike[tuple(given), defaults].append(given)
    return alike.items()


@derived
def _lists(resource: Resource) -> frozenset[str]:
    """Columns of which an empty list is stored as null: there is one way to say that there is nothing."""
    kinds = FilesField | ChosenField
    return frozenset(item.column.name for item in resource.fields if isinstance(item.model_field, kinds))


@derived_by
def _insert_text(resource: Resource, form: _Form) -> str:
    names, table = sql.identifiers(form.names), sql.identifier(resource.table.name)
    insert = sql.format(_INSERT, table=table, columns=names, rows=sql.PARAMETER)
    return sql.statement(sql.join("", [insert, _returning(resource, form)]))


@derived_by
def _update_text(resource: Resource, form: _Form) -> str:
    return sql.statement(_update(resource, form))


@derived_by
def _change_text(resource: Resource, form: _Form) -> str:
    table, new = sql.identifier(resource.table.name), sql.SQL("_new")
    parts = [_update(resource, form)]
    if not form.defaults:
        compared = [name for name in form.names if name != "id"]
        old, given = (sql.join(", ", [_of(row, name) for name in compared]) for row in (table, new))
        parts.append(sql.format(_CHANGED, old=old, new=given))
    if form.is_conditional:
        parts.append(sql.format(_UNMOVED, table=table, states=sql.PARAMETER))
    return sql.statement(sql.join("", [*parts, _returning(resource, form)]))


def _update(resource: Resource, form: _Form) -> sql.Composable:
    named = [(name, _of(sql.SQL("_new"), name)) for name in form.names if name != "id"]
    named += [(name, sql.SQL("default")) for name in form.defaults]
    assignments = [sql.format("{name} = {value}", name=sql.identifier(name), value=value) for name, value in named]
    table, joined = sql.identifier(resource.table.name), sql.join(", ", assignments)
    return sql.format(_UPDATE, table=table, assignments=joined, rows=sql.PARAMETER)


def _returning(resource: Resource, form: _Form) -> sql.Composable:
    if form.answered is None:
        return sql.SQL("")
    return sql.format(" returning {answer}", answer=record_sql(resource, form.answered).answer)


def _of(row: sql.Composable, column: str) -> sql.Composable:
    return sql.format("{row}.{column}", row=row, column=sql.identifier(column))


def _json(rows: Sequence[Values]) -> str:
    try:
        return orjson.dumps(rows, default=_written).decode()
    except orjson.JSONEncodeError:  # a whole number in a document may have more than 64 bits
        return json.dumps(rows, default=_written, ensure_ascii=False)


def _written(value: Any) -> str:
    """A value that JSON has no form for, as PostgreSQL reads it whatever its settings are."""
    match value:
        case timedelta():
            return f"{value.days} day {value.seconds} second {value.microseconds} microsecond"
        case datetime() | date() | time():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
    raise TypeError(f"A value of the type {type(value).__name__} cannot be stored.")
