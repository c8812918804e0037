"""Numbered columns: PostgreSQL counts in them, by an identity whose sequence has a name made of ids.

An identity is NOT NULL for as long as it is one, and goes on counting in the archive: rows that are made meanwhile have
their number when the column comes back. So archiving only frees the names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from core import sql
from provisioning.target import Target, archived, archived_pair, not_null, sequence
from schemas.column_types import column_types
from schemas.document import Column, Table

# PostgreSQL's own least value is 1, and numbers may start with 0.
_IDENTITY: LiteralString = "generated always as identity (sequence name {sequence} start with {start} minvalue 0)"

_RESTART: LiteralString = """\
select setval({sequence}, case when is_called then greatest({start} - 1, last_value) else {start} end, is_called)
from {counter}"""


def is_numbered(column: Column) -> bool:
    """Whether PostgreSQL numbers the rows in the column."""
    return column_types.get(column.type).numbered


def start_of(column: Column) -> int:
    """The number of the first row."""
    return int(column_types.get(column.type).setting(column, "start"))


def identity(table: Table, column: Column, target: Target) -> sql.Composable:
    """What makes a column count, as it stands in its definition."""
    return sql.format(_IDENTITY, sequence=_sequence(table, column, target), start=sql.literal(start_of(column)))


def sorting_queries(table: Table, target: Target) -> Iterator[tuple[str, str]]:
    """The statements that bring the rows of a table into the order of their age, each with what it does.

    A column that is added to it then numbers them in that order. A million rows take 5 s to sort and 2 s to number,
    while an UPDATE with row_number() takes 40 s, leaves a table of twice the size, and has to be kept from telling that
    all rows were changed just now.
    """
    index = f"_age_{table.id}"
    names = {
        "table": target.table(table.name),
        "index": sql.identifier(index),
        "qualified": target.table(index),
    }
    for query, comment in (
        ("create index {index} on {table} (created_at, id)", f"Find the order in which the rows of {table.name} came"),
        ("cluster {table} using {index}", f"Bring the rows of {table.name} into that order"),
        ("drop index {qualified}", f"Leave the rows of {table.name} in that order"),
    ):
        yield sql.text(sql.format(query, **names)), comment


def start_query(table: Table, column: Column, target: Target, start: int) -> str:
    """The statement that records another number as that of the first row."""
    names = _names(table, column, target) | {"start": sql.literal(start)}
    template: LiteralString = "alter table {table} alter column {column} set start with {start}"
    return sql.text(sql.format(template, **names))


def restart_query(table: Table, column: Column, target: Target) -> str:
    """The statement that makes the start the next number, unless that one or a larger one was given before."""
    counter = _sequence(table, column, target)
    return sql.text(sql.format(_RESTART, counter=counter, **_names(table, column, target)))


def archive_sequence_queries(table: Table, column: Column, target: Target, number: int) -> tuple[str, str]:
    """The statement that frees the name of a column's sequence, and the one that undoes it."""
    name = sequence(table.id, column.id)
    hidden = archived(number, archived_pair("sq", table.id, column.id))
    template: LiteralString = "alter sequence {old} rename to {new}"

    def rename(old: str, new: str) -> str:
        return sql.text(sql.format(template, old=target.table(old), new=sql.identifier(new)))

    return rename(name, hidden), rename(hidden, name)


def archive_not_null_queries(table: Table, column: Column, target: Target, number: int) -> Iterator[tuple[str, str]]:
    """The statement that frees the name of a column's NOT NULL where it has one, with the one that undoes it."""
    if target.names_not_null:
        name = not_null(table.id, column.id)
        hidden = archived(number, archived_pair("nn", table.id, column.id))
        yield rename_constraint(table, target, name, hidden), rename_constraint(table, target, hidden, name)


def rename_constraint(table: Table, target: Target, old: str, new: str) -> str:
    """The statement that renames a constraint."""
    template: LiteralString = "alter table {table} rename constraint {old} to {new}"
    names = {"old": sql.identifier(old), "new": sql.identifier(new)}
    return sql.text(sql.format(template, table=target.table(table.name), **names))


def _names(table: Table, column: Column, target: Target) -> dict[str, sql.Composable]:
    """The parts of the statements; a function takes the sequence as a text."""
    return {
        "table": target.table(table.name),
        "column": sql.identifier(column.name),
        "start": sql.literal(start_of(column)),
        "sequence": sql.literal(sql.text(_sequence(table, column, target))),
    }


def _sequence(table: Table, column: Column, target: Target) -> sql.Composable:
    return target.table(sequence(table.id, column.id))
