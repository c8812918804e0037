"""The rows of a project for an export: all tables as they are at one moment, each value as PostgreSQL writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, LiteralString
from uuid import UUID

from django.db import ProgrammingError
from psycopg.errors import UndefinedColumn, UndefinedTable

from core import sql
from core.errors import Conflict
from core.models import Project
from core.tenancy import Door, open_project
from exporter.context import TableContext
from schemas.document import SYSTEM_COLUMNS

Row = tuple[str | None, ...]
"""The values of a row as texts that PostgreSQL reads back whatever its settings are, None for null."""

_FETCHED_AT_ONCE: Final = 200
"""Rows in memory at a time: a row may have several texts of 100,000 characters."""

_TIMEOUT_MS: Final = 60_000
_UNAMBIGUOUS: Final = """
select set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true),
       set_config('intervalstyle', 'iso_8601', true)
"""


def stored_names(table: TableContext) -> tuple[str, ...]:
    """The columns that the table has in PostgreSQL, in the order in which it has them."""
    return (*SYSTEM_COLUMNS, *(column.name for column in table.stored_columns))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The tables of a project at one moment, while its door is open."""

    door: Door

    def rows(self, table: TableContext, as_json: Collection[str] = ()) -> Iterator[Row]:
        """The rows of a table in the order of their ids, read from PostgreSQL as they are asked for.

        Args:
            table: the table.
            as_json: the columns whose values are written as JSON.
        """
        written: dict[bool, LiteralString] = {True: "to_jsonb({name})::text", False: "{name}::text"}
        values = (sql.format(written[name in as_json], name=sql.identifier(name)) for name in stored_names(table))
        query = sql.format(
            "select {values} from {table} order by id", values=sql.join(", ", values), table=sql.identifier(table.name)
        )
        yield from self._fetched(query)

    def people(self, tables: Iterable[TableContext]) -> list[str]:
        """The ids of everyone whom a row of the tables names as its owner or in a column of members, sorted."""
        template: LiteralString = "select {column}::text from {table} where {column} is not null"
        queries = [
            sql.format(template, column=sql.identifier(name), table=sql.identifier(table.name))
            for table in tables
            for name in ("user_id", *(column.name for column in table.stored_columns if column.kind == "user"))
        ]
        return sorted(name for (name,) in self._fetched(sql.join(" union ", queries)) if name)

    def last_number(self, table: TableContext, column: str) -> int | None:
        """The last number that PostgreSQL gave to a row, which may be deleted by now; None before the first."""
        query = sql.format(
            "select pg_sequence_last_value(pg_get_serial_sequence({table}, {column})::regclass)::text",
            table=sql.literal(sql.text(sql.identifier(table.name))),
            column=sql.literal(column),
        )
        ((number,),) = self._fetched(query)
        return None if number is None else int(number)

    def _fetched(self, query: sql.Composable) -> Iterator[Row]:
        with self.door.connection.chunked_cursor() as cursor:
            cursor.execute(sql.text(query))
            while rows := cursor.fetchmany(_FETCHED_AT_ONCE):
                yield from rows


@dataclass(frozen=True, slots=True)
class ProjectRows:
    """Where the rows of an export come from.

    Args:
        project: as `core.permissions.access_project` returns it.
        user_id: who exports; has to be one who may see all rows.
    """

    project: Project
    user_id: UUID

    @contextmanager
    def open(self) -> Iterator[Snapshot]:
        """The rows as they are now; nothing that others write meanwhile shows.

        Raises:
            Conflict: when the tables are no longer those of the version that is exported.
        """
        with open_project(self.project, self.user_id, "owner", _TIMEOUT_MS, snapshot=True) as door:
            _settle(door)
            try:
                yield Snapshot(door)
            except ProgrammingError as error:
                if not isinstance(error.__cause__, UndefinedColumn | UndefinedTable):
                    raise
                detail = "The project's tables changed while they were read. Export the project again."
                raise Conflict(detail, code="tables_changed") from error


def _settle(door: Door) -> None:
    """Makes PostgreSQL write values so that every server reads them alike."""
    with door.connection.cursor() as cursor:
        cursor.execute(_UNAMBIGUOUS)
