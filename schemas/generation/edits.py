"""Small edits of immutable schemas, from which operations are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from schemas.document import Column, Schema, Table, UIHints, stable_id


class OperationError(ValueError):
    """An operation names something that does not exist, exists already, or would leave no schema."""


def table(schema: Schema, name: str) -> Table:
    """The table of that name; raises `OperationError`."""
    try:
        return schema.table(name)
    except KeyError:
        known = ", ".join(table.name for table in schema)
        raise OperationError(f"There is no table {name!r}. There are: {known}.") from None


def column(table: Table, name: str) -> Column:
    """The column of that name; raises `OperationError`."""
    try:
        return table.column(name)
    except KeyError:
        known = ", ".join(column.name for column in table.columns)
        raise OperationError(f"The table {table.name!r} has no column {name!r}. It has: {known}.") from None


def with_table(schema: Schema, name: str, table: Table) -> Schema:
    """The schema with `table` in place of the one called `name`."""
    return replace(schema, tables=tuple(table if item.name == name else item for item in schema))


def with_columns(schema: Schema, name: str, columns: Iterable[Column]) -> Schema:
    """The schema with other columns in the table called `name`."""
    return with_table(schema, name, replace(schema.table(name), columns=tuple(columns)))


def swapped(columns: tuple[Column, ...], name: str, column: Column) -> tuple[Column, ...]:
    """The columns with `column` in place of the one called `name`."""
    return tuple(column if item.name == name else item for item in columns)


def renamed_groups(groups: tuple[tuple[str, ...], ...], before: str, after: str) -> tuple[tuple[str, ...], ...]:
    """Groups of column names, with `after` where `before` stood."""
    return tuple(tuple(after if name == before else name for name in names) for names in groups)


def renamed_hints(hints: UIHints, before: str, after: str) -> UIHints:
    """The hints with `after` where `before` stood; an empty `after` takes it out."""

    def renamed(name: str) -> str:
        return after if name == before else name

    descending = "-" if hints.default_sort.startswith("-") else ""
    sort = renamed(hints.default_sort.removeprefix("-"))
    return replace(
        hints,
        title_column=renamed(hints.title_column),
        list_columns=tuple(name for name in map(renamed, hints.list_columns) if name),
        default_sort=sort and descending + sort,
    )


def free_id(wanted: str, taken: set[str]) -> str:
    """An id that nothing else has: a renamed neighbour may still carry the one that follows from the name."""
    candidate, number = wanted, 2
    while candidate in taken:
        candidate = stable_id(wanted[0], f"{wanted[2:]}_{number}")
        number += 1
    return candidate
