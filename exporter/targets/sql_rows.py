"""The rows of a project as INSERT statements, which any client of PostgreSQL can send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, LiteralString

from core import sql
from exporter.context import AppContext, TableContext
from exporter.environment import environment, stream
from exporter.rows import ProjectRows, Row, Snapshot, stored_names
from exporter.sql_names import table_name
from exporter.targets.base import Stream

_ROWS_A_STATEMENT: Final = 100
_CHARACTERS_A_STATEMENT: Final = 500_000
"""About where a statement ends, so that no server and no editor has to hold a very long one."""

_PLACEHOLDERS: Final[LiteralString] = """\
-- Everyone whom a row names, as accounts that nobody can sign in with.
insert into auth.users (id) values
  {people}
on conflict (id) do nothing;

-- Supabase reads no account in which these are missing.
do $$
begin
  if exists (
    select from pg_catalog.pg_attribute
    where attrelid = 'auth.users'::regclass and attname = 'confirmation_token'
  ) then
    update auth.users set
      instance_id = coalesce(instance_id, '00000000-0000-0000-0000-000000000000'),
      aud = 'authenticated',
      role = coalesce(role, 'authenticated'),
      confirmation_token = coalesce(confirmation_token, ''),
      recovery_token = coalesce(recovery_token, ''),
      email_change = coalesce(email_change, ''),
      email_change_token_new = coalesce(email_change_token_new, '')
    where aud is null;
  end if;
end;
$$;

"""


def with_rows(target: str, template: PurePosixPath, values: Mapping[str, Any], rows: ProjectRows) -> Stream:
    """A script with all rows, which are read while it is written.

    Args:
        target: whose template it is.
        template: prints `rows`, piece by piece.
        values: what it sees besides.
        rows: where they come from.
    """

    def script() -> Iterator[str]:
        with rows.open() as snapshot:
            pieces = statements(values["app"], snapshot)
            yield from stream(environment(target), template, {**values, "with_rows": True, "rows": pieces})

    return script


def statements(app: AppContext, snapshot: Snapshot) -> Iterator[str]:
    """The statements that put the rows into new tables, in pieces. The accounts come first, for rows refer to them."""
    tables = (*app.tables, *app.junctions)
    people = snapshot.people(tables)
    if people:
        values = sql.join(",\n  ", [sql.format("({id})", id=sql.literal(person)) for person in people])
        yield sql.text(sql.format(_PLACEHOLDERS, people=values))
    for table in tables:
        yield from _inserts(table, snapshot.rows(table))
        for column in table.stored_columns:
            last = snapshot.last_number(table, column.name) if column.numbered else None
            if last is not None:
                yield _numbered(table, column.name, last)


def _inserts(table: TableContext, rows: Iterator[Row]) -> Iterator[str]:
    """The rows of one table, each on lines of its own, many in a statement."""
    head = _head(table)
    count = length = 0
    for row in rows:
        line = sql.text(sql.format("({values})", values=sql.literals(row)))
        full = count >= _ROWS_A_STATEMENT or length >= _CHARACTERS_A_STATEMENT
        if full:
            count = length = 0
            yield ";\n\n"
        yield f",\n  {line}" if count else f"{head}\n  {line}"
        count, length = count + 1, length + len(line)
    if count:
        yield ";\n\n"


def _head(table: TableContext) -> str:
    overriding = sql.SQL(" overriding system value" if table.is_numbered else "")
    return sql.text(
        sql.format(
            "insert into {table} ({columns}){overriding} values",
            table=table_name(table.name),
            columns=sql.identifiers(stored_names(table)),
            overriding=overriding,
        )
    )


def _numbered(table: TableContext, column: str, last: int) -> str:
    """The statement after which counting goes on where it was: numbers of deleted rows do not come again."""
    template: LiteralString = "select setval(pg_get_serial_sequence({table}, {column}), {last});\n\n"
    return sql.text(
        sql.format(
            template,
            table=sql.literal(sql.text(table_name(table.name))),
            column=sql.literal(column),
            last=sql.literal(last),
        )
    )
