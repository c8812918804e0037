"""Indexes: the one that lists use, one for every relation, and those that the document lists.

A junction table has no list of its own, and the uniqueness of its links serves look-ups by their source.
"""

from __future__ import annotations

from collections.abc import Iterator

from core import sql
from provisioning.parts.base import Part
from provisioning.target import Target, column_ids, index
from schemas.document import Table
from schemas.junctions import JUNCTION_ACCESS, TARGET

_LIST = ("user_id", "created_at")
"""What a member's list reads: own rows, newest first. It also serves the policies, which ask for `user_id`."""


def indexes(table: Table, target: Target) -> Iterator[Part]:
    """The indexes of a table, each once."""
    for names in dict.fromkeys(_columns(table)):
        ids = column_ids(table, names)
        name = index(table.id, ids)
        columns = sql.identifiers(names)
        parts = {
            "table": target.table(table.name),
            "index": sql.identifier(name),
            "qualified": sql.identifier(target.schema, name),
            "columns": sql.format("{columns} desc", columns=columns) if names == _LIST else columns,
        }
        yield Part(
            name=name,
            key=ids,
            create=sql.text(sql.format("create index {index} on {table} ({columns})", **parts)),
            drop=sql.text(sql.format("drop index {qualified}", **parts)),
            noun=f"index of {table.name} by {', '.join(names)}",
            column_ids=ids,
        )


def _columns(table: Table) -> Iterator[tuple[str, ...]]:
    if table.access == JUNCTION_ACCESS:
        yield (TARGET,)
        return
    yield _LIST
    yield from ((column.name,) for column in table.columns if column.is_reference and not column.unique)
    yield from table.indexes
