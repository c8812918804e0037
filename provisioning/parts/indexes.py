"""Indexes: those that lists use, one for searches, one for every relation, and those that the document lists.

A junction table has no list of its own, and the uniqueness of its links serves look-ups by their source.
"""

from __future__ import annotations

from collections.abc import Iterator

from core import sql
from provisioning.parts.base import Part
from provisioning.target import Target, column_ids, index, words_index
from schemas import search
from schemas.document import Table
from schemas.junctions import JUNCTION_ACCESS, TARGET
from schemas.list_indexes import LIST_INDEXES, order_sql


def indexes(table: Table, target: Target) -> Iterator[Part]:
    """The indexes of a table, each once."""
    for names in dict.fromkeys(_columns(table)):
        ids = column_ids(table, names)
        name = index(table.id, ids)
        parts = {
            "table": target.table(table.name),
            "index": sql.identifier(name),
            "qualified": sql.identifier(target.schema, name),
            "columns": order_sql(names),
        }
        yield Part(
            name=name,
            key=ids,
            create=sql.text(sql.format("create index {index} on {table} ({columns})", **parts)),
            drop=sql.text(sql.format("drop index {qualified}", **parts)),
            noun=f"index of {table.name} by {', '.join(names)}",
            column_ids=ids,
        )
    yield from _words(table, target)


def _words(table: Table, target: Target) -> Iterator[Part]:
    """The index of the words of a record, where it has a column that is searched."""
    columns = search.searched_columns(table)
    if not columns:
        return
    name = words_index(table.id)
    words = search.words_sql(search.text_sql(columns, lambda column: sql.identifier(column.name)))
    parts = {
        "index": sql.identifier(name),
        "table": target.table(table.name),
        "words": words,
        "qualified": sql.identifier(target.schema, name),
    }
    yield Part(
        name=name,
        key=sql.text(search.text_sql(columns, lambda column: sql.literal(column.id))),
        create=sql.text(sql.format("create index {index} on {table} using gin ({words})", **parts)),
        drop=sql.text(sql.format("drop index {qualified}", **parts)),
        noun=f"index of {table.name} for searches",
        column_ids=tuple(column.id for column in columns),
    )


def _columns(table: Table) -> Iterator[tuple[str, ...]]:
    if table.access == JUNCTION_ACCESS:
        yield (TARGET,)
        return
    yield from LIST_INDEXES
    yield from ((column.name,) for column in table.columns if column.is_reference and not column.unique)
    yield from table.indexes
