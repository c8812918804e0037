"""The SQL of an exported application: tables, keys, indexes, triggers and row-level security, for Supabase.

Every identifier and literal is quoted by `core.sql`; types, checks and defaults are those of the column types, so the
exported tables accept what the provisioned ones accept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, LiteralString

from core import sql
from exporter.column_context import ColumnContext
from exporter.context import AppContext, TableContext
from exporter.row_security import Roles, link_guards, row_security
from exporter.sql_names import Names, foreign_key_names, table_name
from schemas.column_types.relation import ON_DELETE
from schemas.junctions import JUNCTION_ACCESS, TARGET
from schemas.list_indexes import LIST_INDEXES, order_sql

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


def migration(app: AppContext) -> tuple[TableSql, ...]:
    """The statements of all tables, in the order of the document."""
    tables, keys, names = _named(app)
    return tuple(
        TableSql(
            name=table.name,
            create=tuple(f"{statement};" for statement in _create(table, names)),
            foreign_keys=tuple(f"{statement};" for statement in _foreign_keys(table, keys)),
            rest=tuple(f"{statement};" for statement in _rest(app, table, names)),
        )
        for table in tables
    )


def guards(app: AppContext, roles: Roles) -> tuple[TableSql, ...]:
    """What is left to say of tables that somebody else makes, with their columns, indexes and most of their limits.

    The columns of the application have those limits alone that are left.

    Foreign keys are checked at once, but can be put off, so that rows may come before those that they point to.
    """
    tables, keys, names = _named(app)
    return tuple(
        TableSql(
            name=table.name,
            create=(),
            foreign_keys=tuple(f"{statement} deferrable;" for statement in _foreign_keys(table, keys)),
            rest=tuple(
                f"{statement};"
                for statement in (
                    *_comment(table),
                    *_checks(table, names),
                    *link_guards(table, names),
                    *row_security(app, table, roles),
                )
            ),
        )
        for table in tables
    )


def _named(app: AppContext) -> tuple[tuple[TableContext, ...], Mapping[tuple[str, str], str], Names]:
    """All tables, the names of their foreign keys, and what gives the other names, none of them twice."""
    keys = foreign_key_names(app)
    tables = (*app.tables, *app.junctions)
    return tables, keys, Names(frozenset({*(table.name for table in tables), *keys.values()}))


def _rest(app: AppContext, table: TableContext, names: Names) -> Iterator[str]:
    yield from _indexes(table, names)
    yield from link_guards(table, names)
    yield from row_security(app, table)


def _create(table: TableContext, names: Names) -> Iterator[str]:
    lines: list[sql.Composable] = [sql.SQL(line) for line in _SYSTEM_COLUMNS]
    lines += [_column(table, column, names) for column in table.stored_columns]
    single = ((column.name,) for column in table.columns if column.unique)
    lines += [_unique(table, columns, names) for columns in dict.fromkeys((*single, *table.unique))]
    yield sql.text(
        sql.format("create table {table} (\n  {lines}\n)", table=table_name(table.name), lines=sql.join(",\n  ", lines))
    )
    yield from _comment(table)


def _comment(table: TableContext) -> Iterator[str]:
    if table.description:
        comment = sql.literal(table.description)
        yield sql.text(
            sql.format("comment on table {table} is {comment}", table=table_name(table.name), comment=comment)
        )


def _column(table: TableContext, column: ColumnContext, names: Names) -> sql.Composable:
    parts = [sql.identifier(column.name), sql.SQL(column.sql_type)]
    if column.numbered:
        start = sql.literal(column.settings["start"])
        parts.append(sql.format("generated always as identity (start with {start} minvalue 0)", start=start))
    if column.kind == "user":
        action = sql.SQL("restrict" if column.required else "set null")
        parts.append(sql.format("references auth.users (id) on delete {action}", action=action))
    if column.required:
        parts.append(sql.SQL("not null"))
    if column.default_sql:
        parts.append(sql.SQL("default " + column.default_sql))
    if column.checks:
        parts.append(_check(table, column, names))
    return sql.join(" ", parts)


def _check(table: TableContext, column: ColumnContext, names: Names) -> sql.Composable:
    """The constraint of what a column's values may be."""
    name = sql.identifier(names.give(table.name, (column.name,), "check"))
    checks = column.checks if len(column.checks) == 1 else [f"({check})" for check in column.checks]
    return sql.format("constraint {name} check ({condition})", name=name, condition=sql.SQL(" and ".join(checks)))


def _checks(table: TableContext, names: Names) -> Iterator[str]:
    for column in table.columns:
        if column.checks:
            check = _check(table, column, names)
            yield sql.text(sql.format("alter table {table}\n  add {check}", table=table_name(table.name), check=check))


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
    """The indexes that lists use, one for every relation, one for the files of a column, and those of the document."""
    for columns in dict.fromkeys(_indexed(table)):
        on = sql.format("({columns})", columns=order_sql(columns))
        yield _index(table, columns, on, names)
    for column in table.columns:
        if column.kind == "files":
            using = sql.format("using gin ({column} jsonb_path_ops)", column=sql.identifier(column.name))
            yield _index(table, (column.name,), using, names)


def _indexed(table: TableContext) -> Iterator[tuple[str, ...]]:
    if table.access == JUNCTION_ACCESS:  # it has no list, and the uniqueness of its links begins with their source
        yield (TARGET,)
        return
    yield from LIST_INDEXES
    yield from ((column.name,) for column in table.columns if column.reference and not column.unique)
    yield from table.indexes


def _index(table: TableContext, columns: tuple[str, ...], on: sql.Composable, names: Names) -> str:
    name = sql.identifier(names.give(table.name, columns, "idx"))
    return sql.text(sql.format("create index {name} on {table} {on}", name=name, table=table_name(table.name), on=on))
