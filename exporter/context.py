"""A schema as plain values that templates print: names, facts of columns, SQL. No ORM object, no id of the platform."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.projects import MAX_NAME_LENGTH as MAX_PROJECT_NAME_LENGTH
from exporter.column_context import ColumnContext, column_context
from schemas.document import TIMESTAMPS, Schema, Table
from schemas.junctions import Junction, junctions
from schemas.names import model_name, singular

MAX_NAME_LENGTH: Final = MAX_PROJECT_NAME_LENGTH
"""Characters of an application's name: it may be its project's."""

_SLUG_BREAKS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class TableContext:
    """One table.

    Args:
        row_name: what one row is called in code, such as `Property`.
        rows_name: what the rows are called in code, such as `Properties`.
        title: the column that names a row to people.
    """

    name: str
    slug: str
    row_name: str
    rows_name: str
    label: str
    label_plural: str
    description: str
    icon: str
    access: str
    columns: tuple[ColumnContext, ...]
    title: ColumnContext | None
    list_columns: tuple[ColumnContext, ...]
    default_sort: str
    indexes: tuple[tuple[str, ...], ...]
    unique: tuple[tuple[str, ...], ...]

    @property
    def stored_columns(self) -> tuple[ColumnContext, ...]:
        """The columns that the table has in PostgreSQL."""
        return tuple(column for column in self.columns if not column.links)

    @property
    def is_numbered(self) -> bool:
        """Whether PostgreSQL numbers its rows in one of the columns."""
        return any(column.numbered for column in self.columns)


@dataclass(frozen=True, slots=True)
class AppContext:
    """The whole application.

    Args:
        junctions: the tables of the links of relations to many rows; nobody sees them as tables.
    """

    name: str
    slug: str
    tables: tuple[TableContext, ...]
    junctions: tuple[TableContext, ...]

    def table(self, name: str) -> TableContext:
        """The table of that name; raises `KeyError`."""
        return {table.name: table for table in self.tables}[name]


def app_context(schema: Schema, name: str = "", reserved_slugs: frozenset[str] = frozenset()) -> AppContext:
    """The context of a validated schema.

    Args:
        schema: the document that is exported.
        name: what the application is called; the schema's name when empty.
        reserved_slugs: addresses that the target needs for itself.
    """
    name = " ".join((name or schema.name).split())[:MAX_NAME_LENGTH]
    row_names = _row_names(schema)
    slugs = _slugs(schema, reserved_slugs)
    found = junctions(schema)
    return AppContext(
        name=name,
        slug=slugify(name),
        tables=tuple(_table(table, row_names[table.name], slugs[table.name], found) for table in schema),
        junctions=tuple(_table(junction.table, model_name(junction.table.name), "", ()) for junction in found),
    )


def slugify(name: str) -> str:
    """The name as a package, folder or image may be called; `app` where nothing of it can stay."""
    return _SLUG_BREAKS.sub("-", name.lower()).strip("-")[:60].strip("-") or "app"


def _row_names(schema: Schema) -> dict[str, str]:
    """What one row of each table is called: the singular, unless two tables share it or it is another's plural."""
    found: dict[str, str] = {}
    plurals = {model_name(table.name) for table in schema}
    for table in schema:
        name = model_name(singular(table.name))
        taken = name in found.values() or name in plurals - {model_name(table.name)}
        found[table.name] = model_name(table.name) if taken else name
    return found


def _slugs(schema: Schema, reserved: frozenset[str]) -> dict[str, str]:
    """The address of each table: its name with hyphens, and a word more where that is taken."""
    found: dict[str, str] = {}
    for table in schema:
        slug = table.name.replace("_", "-")
        while slug in reserved or slug in found.values():
            slug += "-records"
        found[table.name] = slug
    return found


def _table(table: Table, row_name: str, slug: str, found: Sequence[Junction]) -> TableContext:
    links = {item.column.id: item.table.name for item in found if item.source.id == table.id}
    columns = tuple(column_context(column, links.get(column.id, "")) for column in table.columns)
    by_name = {column.name: column for column in (*map(column_context, TIMESTAMPS), *columns)}
    title = table.title_column
    sort = table.ui_hints.default_sort or "-created_at"
    known = sort.removeprefix("-") in by_name
    return TableContext(
        name=table.name,
        slug=slug,
        row_name=row_name,
        rows_name=model_name(table.name),
        label=table.label,
        label_plural=table.label_plural,
        description=table.description,
        icon=table.ui_hints.icon,
        access=table.access,
        columns=columns,
        title=by_name[title.name] if title else None,
        list_columns=tuple(by_name[column.name] for column in table.list_columns),
        default_sort=sort if known else "-created_at",
        indexes=table.indexes,
        unique=table.unique,
    )
