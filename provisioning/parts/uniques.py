"""Unique constraints: those of single columns and those that the document lists."""

from __future__ import annotations

from collections.abc import Iterator

from core import sql
from provisioning import risks
from provisioning.parts.base import Part
from provisioning.target import Target, column_ids, unique
from schemas.document import Table


def uniques(table: Table, target: Target) -> Iterator[Part]:
    """The unique constraints of a table, each once."""
    single = ((column.name,) for column in table.columns if column.unique)
    for names in dict.fromkeys((*single, *table.unique)):
        ids = column_ids(table, names)
        name = unique(table.id, ids)
        parts = {
            "table": target.table(table.name),
            "name": sql.identifier(name),
            "columns": sql.identifiers(names),
        }
        clause = sql.format("constraint {name} unique ({columns})", **parts)
        yield Part(
            name=name,
            key=ids,
            create=sql.text(sql.format("alter table {table} add {clause}", table=parts["table"], clause=clause)),
            drop=sql.text(sql.format("alter table {table} drop constraint {name}", **parts)),
            noun=f"uniqueness of {table.name} by {', '.join(names)}",
            column_ids=ids,
            clause=clause,
            risk=risks.unique_may_fail(table.name, names),
        )
