"""What a target of the export is: one small class that says which files an application becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar

from core.registry import Registry
from exporter.context import AppContext, TableContext, app_context
from exporter.environment import (
    TABLE_FOLDER,
    TEMPLATE_SUFFIX,
    checked_path,
    environment,
    render,
    template_paths,
    template_text,
)
from schemas.document import Schema


@dataclass(frozen=True, slots=True)
class Export:
    """An exported application.

    Args:
        slug: what its folder and archive are called.
        files: contents by path, sorted by path.
    """

    slug: str
    files: Mapping[str, str]


class ExportTarget:
    """Turns an application's context into files by the target's templates.

    The templates mirror the output: a path with a `__table__` folder makes one file a table, files that end in `.jinja`
    are rendered, others are copied. A template that renders to nothing makes no file.
    """

    key: ClassVar[str]
    """The name in the API and the folder of the templates."""
    label: ClassVar[str]
    """The name people read."""
    reserved_slugs: ClassVar[frozenset[str]] = frozenset()
    """Addresses that no table may have."""

    def export(self, schema: Schema, name: str = "") -> Export:
        """The application of a validated schema.

        Args:
            schema: the document that is exported.
            name: what the application is called; the schema's name when empty.
        """
        app = app_context(schema, name, self.reserved_slugs)
        return Export(slug=app.slug, files=self.files(app))

    def app_values(self, app: AppContext) -> Mapping[str, Any]:
        """What every template of the target sees."""
        return {"app": app, "tables": app.tables}

    def table_values(self, app: AppContext, table: TableContext) -> Mapping[str, Any]:
        """What the templates of one table see besides."""
        return {"table": table}

    def finish(self, path: str, text: str) -> str:
        """The last touch to a rendered file: it ends in one line break."""
        return text.rstrip("\n") + "\n"

    def files(self, app: AppContext) -> dict[str, str]:
        """The application's files: contents by path, sorted by path."""
        env = environment(self.key)
        shared = dict(self.app_values(app))
        made: dict[str, str] = {}
        for source in template_paths(self.key):
            is_per_table = TABLE_FOLDER in source.parts
            for table in app.tables if is_per_table else (None,):
                path = _output_path(source, table)
                if source.suffix == TEMPLATE_SUFFIX:
                    values = shared | dict(self.table_values(app, table)) if table else shared
                    text = render(env, source, values)
                    if text.strip():
                        made[path] = self.finish(path, text)
                else:
                    made[path] = template_text(self.key, source)
        return dict(sorted(made.items()))


def _output_path(source: PurePosixPath, table: TableContext | None) -> str:
    parts = [table.slug if table and part == TABLE_FOLDER else part for part in source.parts]
    return checked_path("/".join(parts).removesuffix(TEMPLATE_SUFFIX))


targets: Registry[ExportTarget] = Registry("export target")
