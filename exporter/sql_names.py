"""The names in exported SQL: the readable ones that a person would give, each once, as long as PostgreSQL keeps."""

from __future__ import annotations

import hashlib
from typing import Final

from core import sql
from exporter.context import AppContext

_SCHEMA: Final = "public"


class Names:
    """Gives names such as `deals_company_id_fkey`, each once, none longer than PostgreSQL keeps."""

    def __init__(self, taken: frozenset[str]) -> None:
        self._taken = set(taken)

    def give(self, table: str, columns: tuple[str, ...], suffix: str) -> str:
        """The name of something that belongs to a table's columns."""
        words = "_".join((table, *columns))
        name = f"{words}_{suffix}"
        if len(name) > sql.MAX_IDENTIFIER_BYTES or name in self._taken:
            digest = hashlib.sha256("\n".join((table, *columns, suffix)).encode()).hexdigest()[:8]
            name = f"{words[: sql.MAX_IDENTIFIER_BYTES - len(digest) - len(suffix) - 2]}_{digest}_{suffix}"
        self._taken.add(name)
        return name


def foreign_key_names(app: AppContext) -> dict[tuple[str, str], str]:
    """The name of each relation's foreign key, by table and column. PostgREST's queries state them."""
    names = Names(frozenset())
    return {
        (table.name, column.name): names.give(table.name, (column.name,), "fkey")
        for table in (*app.tables, *app.junctions)
        for column in table.columns
        if column.reference
    }


def table_name(name: str) -> sql.Composable:
    """The name of a table with its schema, quoted."""
    return sql.identifier(_SCHEMA, name)
