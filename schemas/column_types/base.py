"""What a column type is: one small class that states every fact about its columns once.

SQL, Django model field, form, API field, list cell, filters, TypeScript and both export targets are derived from it.
A new type is one file in this package that registers an instance; nothing else names a type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from psycopg import sql

from core.registry import Registry
from schemas.document import Column, Json


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a column's settings.

    Args:
        code: stable name of the problem, such as `invalid_scale`.
        key: the setting that is wrong, for the JSON path.
        detail: what is wrong, in one sentence.
        fix: what to do about it, in one sentence.
    """

    code: str
    key: str
    detail: str
    fix: str


class ColumnType:
    """The facts about one type of column. Subclasses override only what differs."""

    key: ClassVar[str]
    """The name in documents."""
    label: ClassVar[str]
    """The name people read."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """PostgreSQL and everyday names that documents may use instead, in lower case."""
    settings: ClassVar[Mapping[str, Json]] = {}
    """The type's own settings with their defaults; a column may set no others."""
    lookups: ClassVar[tuple[str, ...]] = ("exact", "isnull")
    """Django lookups that lists and the API offer as filters."""
    searchable: ClassVar[bool] = False
    """Whether a list's search box looks into columns of this type."""
    cell: ClassVar[str] = "crud/cells/text.html"
    """The template that shows a value in a list or on a detail page."""
    typescript: ClassVar[str] = "string"
    """The type in JSON, as TypeScript writes it."""

    def setting(self, column: Column, name: str) -> Json:
        """The column's value of one of the type's settings, or its default."""
        return column.config.get(name, self.settings[name])

    def faults(self, column: Column) -> Iterator[Fault]:
        """What is wrong with the column's settings and default. Never raises, whatever JSON they hold."""
        yield from ()

    def sql_type(self, column: Column) -> str:
        """The PostgreSQL type, such as `numeric(12, 2)`; only called for columns without faults."""
        raise NotImplementedError

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """SQL conditions that every non-null value meets, for CHECK constraints."""
        yield from ()

    def default_sql(self, column: Column) -> sql.Composable | None:
        """The SQL default, built from a typed literal or one of a closed list of functions; None for none."""
        raise NotImplementedError

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """The Django field. `common` holds what every field takes (null, blank, verbose_name, db_column, ...)."""
        raise NotImplementedError

    def parse(self, column: Column, text: str) -> Any:
        """The Python value of the type's text form, as CSV has it; raises `ValueError` with a sentence."""
        return text


column_types: Registry[ColumnType] = Registry("column type")
