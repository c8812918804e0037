"""The targets `typescript` and `json-schema`: what records look like, for programs that others write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exporter.context import AppContext, TableContext
from exporter.layout import lay_out
from exporter.sql_names import foreign_key_names
from exporter.targets.base import ExportTarget
from exporter.targets.nextjs import next_table
from exporter.targets.types_json import record_schema


@dataclass(frozen=True, slots=True)
class TypeNames:
    """What the types of a table are called.

    Args:
        name: the table.
        row: a stored row.
        insert: a new row.
        update: a change of a row.
    """

    name: str
    row: str
    insert: str
    update: str


class TypescriptTarget(ExportTarget):
    """The types of all tables, in the form that Supabase's own tool gives them."""

    key = "typescript"
    label = "TypeScript types"
    description = "The types of all rows, for a program of your own with or without supabase-js."

    def app_values(self, app: AppContext) -> Mapping[str, Any]:
        """The tables as TypeScript sees them."""
        keys = foreign_key_names(app)
        return {
            "app": app,
            "named": tuple(_type_names((*app.tables, *app.junctions))),
            "views": [next_table(app, table, keys) for table in app.tables],
            "junctions": [next_table(app, table, keys) for table in app.junctions],
            "foreign_keys": keys,
            "kinds": {column.kind for table in app.tables for column in table.columns},
        }

    def finish(self, path: str, text: str) -> str:
        """Besides, long lines of TypeScript are broken."""
        return lay_out(super().finish(path, text)) if path.endswith(".ts") else super().finish(path, text)


class JsonSchemaTarget(ExportTarget):
    """One JSON Schema a table."""

    key = "json-schema"
    label = "JSON Schema"
    description = "One schema a table, to check records in any language or to describe them to other tools."

    def app_values(self, app: AppContext) -> Mapping[str, Any]:
        """The tables, and those of the links."""
        return {"app": app, "tables": app.tables, "junctions": app.junctions}

    def files(self, app: AppContext, *, with_rows: bool = False) -> dict[str, str]:
        """Besides what the templates make, the schemas."""
        made = super().files(app, with_rows=with_rows)
        for table in (*app.tables, *app.junctions):
            made[f"{table.name}.schema.json"] = json.dumps(record_schema(table), indent=2, ensure_ascii=False) + "\n"
        return dict(sorted(made.items()))


_OWN_NAMES = frozenset({"Attachment", "Database", "Json", "TableName", "Tables", "TablesInsert", "TablesUpdate"})
"""What the files name themselves."""


def _type_names(tables: Iterable[TableContext]) -> Iterator[TypeNames]:
    """The names of the types of each table; one that is taken gets a word more."""
    found = list(tables)
    taken = set(_OWN_NAMES)
    rows = [_free(table.row_name, taken) for table in found]
    for table, row in zip(found, rows, strict=True):
        yield TypeNames(table.name, row, _free(f"{row}Insert", taken), _free(f"{row}Update", taken))


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "Record"
    taken.add(name)
    return name
