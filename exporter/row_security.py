"""Who may do what in an exported database: rights, policies, the guards of relations, and the policies of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, LiteralString

from core import sql
from exporter.context import AppContext, TableContext
from exporter.sql_names import Names, table_name
from schemas.document import SYSTEM_COLUMNS
from schemas.junctions import JUNCTION_ACCESS, SOURCE

_OWN_ROW: LiteralString = "user_id = (select auth.uid())"
_EVERY_ROW: LiteralString = "true"
_VISIBLE_SOURCE: LiteralString = "exists (select from {source} seen where seen.id = {table}.source_id)"
_TRIGGER: LiteralString = """\
create trigger set_updated_at before update on {table}
  for each row execute function public.set_updated_at()"""
_GRANT: LiteralString = "grant select, insert, update, delete on table {table} to {member}"
_GRANT_LINKS: LiteralString = "grant select, insert, delete on table {table} to {member}"
_GRANT_COLUMNS: LiteralString = """\
grant select, insert ({columns}), update ({columns}), delete
  on table {table} to {member}"""
"""Nobody enters the numbers that PostgreSQL gives, not by OVERRIDING SYSTEM VALUE either."""
_GRANT_ADMIN: LiteralString = "grant select, insert, update, delete on table {table} to {admin}"
_ADMIN_POLICY: LiteralString = """\
create policy admin_rows on {table} for all to {admin}
  using (true)
  with check (true)"""
_REACH: Final[Mapping[str, LiteralString]] = {"private": _OWN_ROW, "project": _EVERY_ROW}
"""Which rows a signed-in user reads, changes and deletes, by the table's access."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of PostgreSQL that people act as.

    Args:
        member: whoever is signed in.
        outsider: whoever is not; empty where they never get as far as the database.
        admin: whoever sees all rows; empty where nobody does.
    """

    member: str
    outsider: str = ""
    admin: str = ""


SUPABASE: Final = Roles(member="authenticated", outsider="anon")


def row_security(app: AppContext, table: TableContext, roles: Roles = SUPABASE) -> Iterator[str]:
    """The statements that keep a table's rows apart: its trigger, the rights on it, and one policy a command."""
    is_junction = table.access == JUNCTION_ACCESS  # links come and go, but do not change
    # A program that has administrators loads rows with their numbers, and names all columns of a row whoever adds it.
    is_numbered = table.is_numbered and not roles.admin
    statements: tuple[LiteralString, ...] = (
        _TRIGGER,
        "alter table {table} enable row level security",
        "alter table {table} force row level security",
        "revoke all on table {table} from {everybody}",
        _GRANT_LINKS if is_junction else _GRANT_COLUMNS if is_numbered else _GRANT,
        *((_GRANT_ADMIN, _ADMIN_POLICY) if roles.admin else ()),
    )
    entered = [column.name for column in table.stored_columns if not column.numbered]
    parts = {
        "table": table_name(table.name),
        "columns": sql.identifiers((*SYSTEM_COLUMNS, *entered)),
        "member": sql.identifier(roles.member),
        "admin": sql.identifier(roles.admin or roles.member),
        "everybody": sql.identifiers(filter(None, (roles.outsider, roles.member, roles.admin))),
    }
    for statement in statements:
        yield sql.text(sql.format(statement, **parts))
    reach = _reach(app, table)
    policies: tuple[tuple[LiteralString, LiteralString], ...] = (
        ("select_rows", "for select to {member}\n  using ({reach})"),
        ("insert_rows", "for insert to {member}\n  with check ({own})"),
        ("update_rows", "for update to {member}\n  using ({reach})\n  with check ({reach})"),
        ("delete_rows", "for delete to {member}\n  using ({reach})"),
    )
    for name, rule in policies:
        if name == "update_rows" and is_junction:
            continue
        body = sql.format(rule, reach=reach, own=sql.SQL(_OWN_ROW), **parts)
        yield sql.text(
            sql.format("create policy {name} on {table} {body}", name=sql.identifier(name), body=body, **parts)
        )


def _reach(app: AppContext, table: TableContext) -> sql.Composable:
    """The condition for the rows that a user reaches. A link is visible to whom its source is."""
    if table.access != JUNCTION_ACCESS:
        return sql.SQL(_REACH[table.access])
    source = next(column.reference.table for column in table.columns if column.reference and column.name == SOURCE)
    if app.table(source).access == "project":
        return sql.SQL(_EVERY_ROW)
    return sql.format(_VISIBLE_SOURCE, source=table_name(source), table=table_name(table.name))


def link_guards(table: TableContext, names: Names) -> Iterator[str]:
    """The triggers that refuse links to rows that the user does not see: foreign keys look past policies."""
    event: LiteralString = "insert" if table.access == JUNCTION_ACCESS else "insert or update of {column}"
    template: LiteralString = (
        f"create trigger {{name}} before {event} on {{table}}\n"
        "  for each row execute function public.check_link({column_name}, {target_name})"
    )
    for column in table.columns:
        if column.reference:
            parts = {
                "name": sql.identifier(names.give(table.name, (column.name,), "link")),
                "column": sql.identifier(column.name),
                "table": table_name(table.name),
                "column_name": sql.literal(column.name),
                "target_name": sql.literal(sql.text(table_name(column.reference.table))),
            }
            yield sql.text(sql.format(template, **parts))


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
