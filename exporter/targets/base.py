"""What a target of the export is: one small class that says which files an application becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, ClassVar

from core.registry import Registry
from exporter.context import AppContext, TableContext, app_context
from exporter.environment import (
    TABLE_PART,
    TEMPLATE_SUFFIX,
    checked_path,
    environment,
    render,
    template_paths,
    template_text,
)
from exporter.rows import ProjectRows
from schemas.document import Schema

Stream = Callable[[], Iterable[str]]
"""Makes the content of a file that may be too long for the memory, in pieces. Called outside of any door."""


@dataclass(frozen=True, slots=True)
class Export:
    """An exported application.

    Args:
        slug: what its folder and archive are called.
        files: contents by path, sorted by path.
        streams: the files with the project's rows.
    """

    slug: str
    files: Mapping[str, str]
    streams: Mapping[str, Stream] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        """The paths of all files, sorted."""
        return sorted((*self.files, *self.streams))

    def pieces(self, path: str) -> Iterable[str]:
        """The content of a file, in pieces."""
        return (self.files[path],) if path in self.files else self.streams[path]()

    def texts(self, most: int, refusal: Exception) -> Iterator[tuple[str, str]]:
        """All files with their contents, in memory.

        Args:
            most: how many characters they may have together.
            refusal: is raised as soon as they have more.
        """
        length = 0
        for path in self.paths:
            pieces = []
            for piece in self.pieces(path):
                length += len(piece)
                if length > most:
                    raise refusal
                pieces.append(piece)
            yield path, "".join(pieces)


class ExportTarget:
    """Turns an application's context into files by the target's templates.

    The templates mirror the output: a path with `__table__` in it makes one file a table, files that end in `.jinja`
    are rendered, others are copied. A template that renders to nothing makes no file.
    """

    key: ClassVar[str]
    """The name in the API and the folder of the templates."""
    label: ClassVar[str]
    """The name people read."""
    description: ClassVar[str]
    """What one gets, in one sentence."""
    takes_rows: ClassVar[bool] = False
    """Whether the project's rows can be part of it."""
    reserved_slugs: ClassVar[frozenset[str]] = frozenset()
    """Addresses that no table may have."""

    def export(self, schema: Schema, name: str = "", rows: ProjectRows | None = None) -> Export:
        """The application of a validated schema.

        Args:
            schema: the document that is exported.
            name: what the application is called; the schema's name when empty.
            rows: the rows that become part of it, where the target takes them; none when left out.
        """
        app = app_context(schema, name, self.reserved_slugs)
        if rows is None:
            return Export(slug=app.slug, files=self.files(app))
        streams = self.streams(app, rows)
        files = {path: text for path, text in self.files(app, with_rows=True).items() if path not in streams}
        return Export(slug=app.slug, files=files, streams=streams)

    def streams(self, app: AppContext, rows: ProjectRows) -> Mapping[str, Stream]:
        """The files with rows by path, of a target that takes them; they take the place of others of that path."""
        raise NotImplementedError

    def app_values(self, app: AppContext) -> Mapping[str, Any]:
        """What every template of the target sees."""
        return {"app": app, "tables": app.tables}

    def table_values(self, app: AppContext, table: TableContext) -> Mapping[str, Any]:
        """What the templates of one table see besides."""
        return {"table": table}

    def table_parts(self, app: AppContext) -> Mapping[str, str]:
        """What `__table__` becomes in a path, by the name of the table."""
        return {table.name: table.slug for table in app.tables}

    def finish(self, path: str, text: str) -> str:
        """The last touch to a rendered file: it ends in one line break."""
        return text.rstrip("\n") + "\n"

    def files(self, app: AppContext, *, with_rows: bool = False) -> dict[str, str]:
        """The application's files: contents by path, sorted by path.

        Args:
            app: the application.
            with_rows: whether files with rows go with them, as `streams` makes them.
        """
        env = environment(self.key)
        shared = {**self.app_values(app), "with_rows": with_rows}
        parts = self.table_parts(app)
        made: dict[str, str] = {}
        for source in template_paths(self.key):
            is_per_table = TABLE_PART in str(source)
            for table in app.tables if is_per_table else (None,):
                path = _output_path(source, parts[table.name] if table else "")
                if source.suffix == TEMPLATE_SUFFIX:
                    values = shared | dict(self.table_values(app, table)) if table else shared
                    text = render(env, source, values)
                    if text.strip():
                        made[path] = self.finish(path, text)
                else:
                    made[path] = template_text(self.key, source)
        return dict(sorted(made.items()))


def _output_path(source: PurePosixPath, table_part: str) -> str:
    return checked_path(str(source).replace(TABLE_PART, table_part).removesuffix(TEMPLATE_SUFFIX))


targets: Registry[ExportTarget] = Registry("export target")
