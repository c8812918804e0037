"""The SQL of an exported application: tables, keys, indexes, triggers and row-level security, for Supabase.

Names are the readable ones that a person would give. Every identifier and literal is quoted by `core.sql`; types,
checks and defaults are those of the column types, so the exported tables accept what the provisioned ones accept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, LiteralString

from core import sql
from exporter.context import AppContext, ColumnContext, TableContext
from schemas.column_types.relation import ON_DELETE
from schemas.junctions import JUNCTION_ACCESS, SOURCE

_SCHEMA: Final = "public"
_OWN_ROW: LiteralString = "(select auth.uid()) = user_id"
_EVERY_ROW: LiteralString = "true"
_VISIBLE_SOURCE: LiteralString = "exists (select from {source} seen where seen.id = {table}.source_id)"
_REACH: Final[Mapping[str, LiteralString]] = {
    "private": _OWN_ROW,
    "project": _EVERY_ROW,
    JUNCTION_ACCESS: _VISIBLE_SOURCE,
}
"""Which rows a signed-in user reads, changes and deletes, by the table's access."""

_SYSTEM_COLUMNS: Final[tuple[LiteralString, ...]] = (
    '"id" uuid primary key default gen_random_uuid()',
    '"user_id" uuid not null default auth.uid() references auth.users (id) on delete cascade',
    '"created_at" timestamptz not null default now()',
    '"updated_at" timestamptz not null default now()',
)


@dataclass(frozen=True, slots=True)
class TableSql:
    """The statements of one table, each with its semicolon.

    Args:
        create: the table itself.
        foreign_keys: run when all tables exist, for they may point to each other.
        rest: indexes, trigger, rights and policies.
    """

    name: str
    create: tuple[str, ...]
    foreign_keys: tuple[str, ...]
    rest: tuple[str, ...]


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


def migration(app: AppContext) -> tuple[TableSql, ...]:
    """The statements of all tables, in the order of the document."""
    keys = foreign_key_names(app)
    tables = (*app.tables, *app.junctions)
    names = Names(frozenset({*(table.name for table in tables), *keys.values()}))
    return tuple(
        TableSql(
            name=table.name,
            create=tuple(f"{statement};" for statement in _create(table, names)),
            foreign_keys=tuple(f"{statement};" for statement in _foreign_keys(table, keys)),
            rest=tuple(f"{statement};" for statement in _rest(table, names)),
        )
        for table in tables
    )


def storage(app: AppContext) -> tuple[str, ...]:
    """The statements for the files of records: a bucket, and who may reach what is in it. None without such columns.

    Whoever sees a record reads its files: the policy looks for a row with the file under the tables' own policies.
    """
    columns = [(table, column) for table in app.tables for column in table.columns if column.kind == "files"]
    if not columns:
        return ()
    most = sql.literal(max(int(column.settings["max_size_mb"]) for _, column in columns) * 1024 * 1024)
    seen = sql.join(
        "\n    or ",
        [
            sql.format(
                "exists (select from {table} seen where seen.{column} @> "
                "jsonb_build_array(jsonb_build_object('id', storage.objects.name)))",
                table=table_name(table.name),
                column=sql.identifier(column.name),
            )
            for table, column in columns
        ],
    )
    own: LiteralString = "bucket_id = 'attachments' and owner_id = (select auth.uid())::text"
    statements = (
        sql.format(
            "insert into storage.buckets (id, name, public, file_size_limit)\n"
            "  values ('attachments', 'attachments', false, {most}) on conflict (id) do nothing",
            most=most,
        ),
        sql.SQL(
            f"create policy attachments_insert on storage.objects for insert to authenticated\n  with check ({own})"
        ),
        sql.format(
            "create policy attachments_select on storage.objects for select to authenticated\n"
            "  using (bucket_id = 'attachments' and (owner_id = (select auth.uid())::text\n    or {seen}))",
            seen=seen,
        ),
        sql.SQL(f"create policy attachments_delete on storage.objects for delete to authenticated\n  using ({own})"),
    )
    return tuple(f"{sql.text(statement)};" for statement in statements)


def _rest(table: TableContext, names: Names) -> Iterator[str]:
    yield from _indexes(table, names)
    yield from _link_guards(table, names)
    yield from _security(table)


def _create(table: TableContext, names: Names) -> Iterator[str]:
    lines: list[sql.Composable] = [sql.SQL(line) for line in _SYSTEM_COLUMNS]
    lines += [_column(table, column, names) for column in table.stored_columns]
    lines += [_unique(table, (column.name,), names) for column in table.columns if column.unique]
    lines += [_unique(table, columns, names) for columns in table.unique]
    yield sql.text(
        sql.format("create table {table} (\n  {lines}\n)", table=table_name(table.name), lines=sql.join(",\n  ", lines))
    )
    if table.description:
        comment = sql.literal(table.description)
        yield sql.text(
            sql.format("comment on table {table} is {comment}", table=table_name(table.name), comment=comment)
        )


def _column(table: TableContext, column: ColumnContext, names: Names) -> sql.Composable:
    parts = [sql.identifier(column.name), sql.SQL(column.sql_type)]
    if column.numbered:
        start = sql.literal(column.settings["start"])
        parts.append(sql.format("generated always as identity (start with {start})", start=start))
    if column.kind == "user":
        action = sql.SQL("restrict" if column.required else "set null")
        parts.append(sql.format("references auth.users (id) on delete {action}", action=action))
    if column.required:
        parts.append(sql.SQL("not null"))
    if column.default_sql:
        parts.append(sql.SQL("default " + column.default_sql))
    if column.checks:
        name = sql.identifier(names.give(table.name, (column.name,), "check"))
        condition = sql.SQL(" and ".join(column.checks))
        parts.append(sql.format("constraint {name} check ({condition})", name=name, condition=condition))
    return sql.join(" ", parts)


def _unique(table: TableContext, columns: tuple[str, ...], names: Names) -> sql.Composable:
    name = sql.identifier(names.give(table.name, columns, "key"))
    return sql.format("constraint {name} unique ({columns})", name=name, columns=sql.identifiers(columns))


def _foreign_keys(table: TableContext, keys: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for column in table.columns:
        if column.reference:
            yield sql.text(
                sql.format(
                    "alter table {table}\n  add constraint {name} foreign key ({column})\n"
                    "  references {target} (id) on delete {action}",
                    table=table_name(table.name),
                    name=sql.identifier(keys[table.name, column.name]),
                    column=sql.identifier(column.name),
                    target=table_name(column.reference.table),
                    action=ON_DELETE[column.reference.on_delete],
                )
            )


def _indexes(table: TableContext, names: Names) -> Iterator[str]:
    # The first column of a unique set needs no index of its own.
    served = {columns[0] for columns in table.unique}
    wanted: list[tuple[str, ...]] = [
        (column.name,)
        for column in table.columns
        if column.reference and not column.unique and column.name not in served
    ]
    wanted += [columns for columns in table.indexes if columns not in wanted]
    if table.access != JUNCTION_ACCESS:
        name = sql.identifier(names.give(table.name, ("user_id", "created_at"), "idx"))
        yield sql.text(
            sql.format(
                "create index {name} on {table} (user_id, created_at desc)", name=name, table=table_name(table.name)
            )
        )
    for column in table.columns:
        if column.kind == "files":
            yield sql.text(
                sql.format(
                    "create index {name} on {table} using gin ({column} jsonb_path_ops)",
                    name=sql.identifier(names.give(table.name, (column.name,), "idx")),
                    table=table_name(table.name),
                    column=sql.identifier(column.name),
                )
            )
    for columns in wanted:
        yield sql.text(
            sql.format(
                "create index {name} on {table} ({columns})",
                name=sql.identifier(names.give(table.name, columns, "idx")),
                table=table_name(table.name),
                columns=sql.identifiers(columns),
            )
        )


def _security(table: TableContext) -> Iterator[str]:
    trigger: LiteralString = (
        "create trigger set_updated_at before update on {table}\n"
        "  for each row execute function public.set_updated_at()"
    )
    statements: tuple[LiteralString, ...] = (
        trigger,
        "alter table {table} enable row level security",
        "alter table {table} force row level security",
        "revoke all on table {table} from anon",
        "grant select, insert, update, delete on table {table} to authenticated",
    )
    for statement in statements:
        yield sql.text(sql.format(statement, table=table_name(table.name)))
    reach = _reach(table)
    policies: tuple[tuple[LiteralString, LiteralString], ...] = (
        ("select_rows", "for select to authenticated\n  using ({reach})"),
        ("insert_rows", "for insert to authenticated\n  with check ({own})"),
        ("update_rows", "for update to authenticated\n  using ({reach})\n  with check ({reach})"),
        ("delete_rows", "for delete to authenticated\n  using ({reach})"),
    )
    for name, rule in policies:
        if name == "update_rows" and table.access == JUNCTION_ACCESS:
            continue  # links come and go, but do not change
        body = sql.format(rule, reach=reach, own=sql.SQL(_OWN_ROW))
        yield sql.text(
            sql.format(
                "create policy {name} on {table} {body}",
                name=sql.identifier(name),
                table=table_name(table.name),
                body=body,
            )
        )


def _reach(table: TableContext) -> sql.Composable:
    """The condition for the rows that a user reaches. A link is visible to whom its source is."""
    source = next(
        (column.reference.table for column in table.columns if column.reference and column.name == SOURCE), ""
    )
    rule = _REACH[table.access]
    return (
        sql.format(rule, source=table_name(source), table=table_name(table.name))
        if table.access == JUNCTION_ACCESS
        else sql.SQL(rule)
    )


def _link_guards(table: TableContext, names: Names) -> Iterator[str]:
    """The triggers that refuse links to rows that the user does not see: foreign keys look past policies."""
    for column in table.columns:
        if column.reference:
            yield sql.text(
                sql.format(
                    "create trigger {name} before insert or update of {column} on {table}\n"
                    "  for each row execute function public.check_link({column_name}, {target_name})",
                    name=sql.identifier(names.give(table.name, (column.name,), "link")),
                    column=sql.identifier(column.name),
                    table=table_name(table.name),
                    column_name=sql.literal(column.name),
                    target_name=sql.literal(sql.text(table_name(column.reference.table))),
                )
            )


def table_name(name: str) -> sql.Composable:
    """The name of a table with its schema, quoted."""
    return sql.identifier(_SCHEMA, name)
