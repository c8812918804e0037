"""The target `nextjs`: a Next.js application in TypeScript on Supabase."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Final

from exporter.column_context import ColumnContext
from exporter.context import AppContext, TableContext
from exporter.layout import code_only, lay_out
from exporter.migration import migration
from exporter.row_security import storage
from exporter.rows import ProjectRows
from exporter.sql_names import foreign_key_names
from exporter.targets.base import ExportTarget, Stream
from exporter.targets.icons import lucide
from exporter.targets.nextjs_columns import NextColumn, camel, pattern_name
from exporter.targets.nextjs_values import label_function
from exporter.targets.sql_rows import with_rows
from schemas.junctions import SOURCE, TARGET
from schemas.names import model_name

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_LAID_OUT: Final = (".ts", ".tsx")
_SEED: Final = "supabase/seed.sql"
_SEED_TEMPLATE: Final = PurePosixPath(f"{_SEED}.jinja")


@dataclass(frozen=True, slots=True)
class NextTable:
    """A table as the templates print it.

    Args:
        facts: what is known about the table.
        columns: its columns in display order.
        listed: those that the list shows.
        title: the one that names a row.
    """

    facts: TableContext
    columns: tuple[NextColumn, ...]
    listed: tuple[NextColumn, ...]
    title: NextColumn | None

    @property
    def label_function(self) -> str:
        """The function that says what a row is called."""
        return label_function(self.facts)

    @property
    def selected(self) -> str:
        """What queries of the table ask for."""
        own = [column.selected for column in self.columns if column.selected]
        embedded = [column.embedded for column in self.columns if column.embedded]
        return ", ".join(["id", "created_at", "updated_at", *own, *embedded])

    @property
    def selected_title(self) -> str:
        """What queries ask for that only need to name a row."""
        return f"id, {self.title.selected}" if self.title else "id"

    @property
    def searched(self) -> list[str]:
        """The names of the columns that a search looks into."""
        return [column.name for column in self.columns if column.facts.searchable and not column.facts.numbered]

    @property
    def stored(self) -> list[NextColumn]:
        """The columns that the table has in PostgreSQL."""
        return [column for column in self.columns if not column.facts.links]

    @property
    def entered(self) -> list[NextColumn]:
        """The columns that people fill in."""
        return [column for column in self.columns if not column.facts.numbered]

    @property
    def renamed(self) -> list[NextColumn]:
        """Those of them whose fields are called otherwise than they are."""
        return [column for column in self.entered if column.field_name != column.name]

    @property
    def links(self) -> list[NextColumn]:
        """The relations to many rows."""
        return [column for column in self.columns if column.facts.links]

    @property
    def link_functions(self) -> list[str]:
        """The functions that store those relations."""
        return [f"link{self.facts.row_name}{model_name(column.name)}" for column in self.links]

    @property
    def needs_session(self) -> bool:
        """Whether a form asks who is signed in."""
        return any("session" in column.initial for column in self.entered if column.facts.kind == "user")

    @property
    def with_options(self) -> list[NextColumn]:
        """The columns whose values come from a list."""
        return [column for column in self.columns if column.options_name]

    @property
    def filtered(self) -> list[NextColumn]:
        """The columns that a list can be filtered by."""
        return [column for column in self.columns if column.facts.kind == "choice"]

    @property
    def expressions(self) -> Iterator[str]:
        """The expressions of all pages: what occurs in them has to be in the shared code."""
        for column in (*self.columns, *self.listed):
            yield from (column.initial, column.text("row"), column.cell("row"), column.detail("row"))

    @property
    def targets(self) -> list[TableContext]:
        """The other tables that relations point to, each once."""
        found = {column.target.name: column.target for column in self.columns if column.target}
        return [found[name] for name in sorted(found) if name != self.facts.name]


class NextjsTarget(ExportTarget):
    """A complete Next.js application: App Router, TypeScript, Tailwind CSS, supabase-js."""

    key = "nextjs"
    label = "Next.js and Supabase"
    description = "A complete web application in TypeScript with sign-in, lists, forms and the database's migration."
    takes_rows = True
    reserved_slugs = frozenset({"index", "sign-in", "sign-up"})

    def app_values(self, app: AppContext) -> Mapping[str, Any]:
        """Besides the application: its SQL, its icons, and the kinds of values that occur in it."""
        keys = foreign_key_names(app)
        columns = [column for table in app.tables for column in table.columns]
        views = [next_table(app, table, keys) for table in app.tables]
        return {
            "app": app,
            "tables": app.tables,
            "views": views,
            "migration": migration(app),
            "foreign_keys": keys,
            "icons": {table.name: lucide(table.icon) for table in app.tables},
            "patterns": {pattern_name(column): column for column in columns if column.pattern},
            "storage": storage(app),
            "junctions": [next_table(app, table, keys) for table in app.junctions],
            "kinds": {column.kind for column in columns},
            "displays": {column.display for column in columns},
            "expressions": "\n".join(expression for view in views for expression in view.expressions),
            "used": used,
            "rows": (),
            "label_function": label_function,
        }

    def streams(self, app: AppContext, rows: ProjectRows) -> Mapping[str, Stream]:
        """The records, which are read while they are written."""
        return {_SEED: with_rows(self.key, _SEED_TEMPLATE, self.app_values(app), rows)}

    def table_values(self, app: AppContext, table: TableContext) -> Mapping[str, Any]:
        """The table, and the table as TypeScript sees it."""
        return {"table": table, "view": next_table(app, table, foreign_key_names(app))}

    def finish(self, path: str, text: str) -> str:
        """Besides, long lines of TypeScript are broken."""
        return lay_out(super().finish(path, text)) if path.endswith(_LAID_OUT) else super().finish(path, text)


def used(names: Iterable[str], code: str) -> list[str]:
    """Those of the names that occur in the code, outside its strings: what has to be imported, types last."""
    words = _words(code)
    found = {name for name in names if name.rpartition(" ")[2] in words}
    return sorted(found, key=lambda name: (" " in name, name))


@lru_cache(maxsize=8)  # a template asks about the same code again and again
def _words(code: str) -> frozenset[str]:
    return frozenset(_WORD.findall(code_only(code)))


def next_table(app: AppContext, table: TableContext, keys: Mapping[tuple[str, str], str]) -> NextTable:
    """A table as TypeScript sees it.

    Args:
        app: the application.
        table: one of its tables, or a junction table.
        keys: the names of the foreign keys, as `foreign_key_names` gives them.
    """
    options = _options_names(table)
    columns = {
        column.name: NextColumn(
            facts=column,
            options_name=options.get(column.name, ""),
            target=_target(app, column),
            link_keys=(keys[column.links.junction, SOURCE], keys[column.links.junction, TARGET])
            if column.links
            else ("", ""),
            foreign_key=keys[table.name, column.name]
            if column.reference and column.reference.table != table.name
            else "",
        )
        for column in table.columns
    }
    return NextTable(
        facts=table,
        columns=tuple(columns.values()),
        listed=tuple(columns.get(column.name) or NextColumn(column) for column in table.list_columns),
        title=columns[table.title.name] if table.title else None,
    )


def _target(app: AppContext, column: ColumnContext) -> TableContext | None:
    """The table that a column points or links to."""
    place = column.reference or column.links
    return app.table(place.table) if place else None


def _options_names(table: TableContext) -> dict[str, str]:
    """The constants that hold the options of a table's columns; `a_1` and `a1` get two different ones."""
    found: dict[str, str] = {}
    for column in table.columns:
        if column.options:
            name = f"{camel(column.name)}Options"
            while name in found.values():
                name += "2"
            found[column.name] = name
    return found
