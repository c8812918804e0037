"""What a column type is: one small class that states every fact about its columns once.

SQL, Django model field, form, API field, list cell, filters, TypeScript and both export targets are derived from it.
A new type is one file in this package that registers an instance; nothing else names a type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from core import sql
from core.registry import Registry
from schemas.document import Column, Json
from schemas.problems import Code, Severity


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a column's settings.

    Args:
        code: stable name of the problem, such as `invalid_setting`.
        key: the setting that is wrong, for the JSON path.
        detail: what is wrong, in one sentence.
        fix: what to do about it, in one sentence.
        severity: `warning` where the column can be used all the same.
    """

    code: str
    key: str
    detail: str
    fix: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class DefaultWord:
    """A default that is a word of a closed list, such as `now`: computed for each new row.

    Args:
        sql: what PostgreSQL computes.
        python: computes the same for a form that shows a new row.
    """

    sql: sql.Composable
    python: Callable[[], Any]


class ColumnType:
    """The facts about one type of column. Subclasses override only what differs."""

    key: ClassVar[str]
    """The name in documents."""
    label: ClassVar[str]
    """The name people read."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """PostgreSQL and everyday names that documents may use instead, in lower case."""
    parameters: ClassVar[tuple[str, ...]] = ()
    """The settings that stand in brackets after an alias, as in `NUMERIC(12, 2)`; those left out there are 0."""
    settings: ClassVar[Mapping[str, Json]] = {}
    """The type's own settings with their defaults; a column may set no others."""
    default_words: ClassVar[Mapping[str, DefaultWord]] = {}
    """Defaults that PostgreSQL computes, by the word that documents write."""
    json_types: ClassVar[tuple[type, ...]] = (str,)
    """What a value is in JSON."""
    example: ClassVar[Mapping[str, Json]] = {}
    """Settings of an example column, for the documentation and the tests."""
    examples: ClassVar[tuple[Json, ...]] = ()
    """Values, as the API has them, that fit the example column."""
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

    def tidy(self, entry: Mapping[str, Json]) -> Mapping[str, Json]:
        """A column's JSON with the type's shorthands written out. Never raises; what it cannot read stays."""
        return entry

    def faults(self, column: Column) -> Iterator[Fault]:
        """What is wrong with the column's settings and default. Never raises, whatever JSON they hold."""
        found = list(self.setting_faults(column))
        yield from found
        if column.default is None or any(fault.severity == "error" for fault in found):
            return
        try:
            self.initial(column)
        except ValueError as error:
            words = [f'"{word}"' for word in self.default_words]
            fix = " or ".join(["Write a value of this type", *words, "remove the default"]) + "."
            yield Fault(Code.INVALID_DEFAULT, "default", f"The default does not fit the column: {error}", fix)

    def setting_faults(self, column: Column) -> Iterator[Fault]:
        """What is wrong with the column's settings. Never raises, whatever JSON they hold."""
        yield from ()

    def indexable(self, column: Column) -> bool:
        """Whether every value fits into an index entry of PostgreSQL (2,704 bytes)."""
        return True

    def sql_type(self, column: Column) -> str:
        """The PostgreSQL type, such as `numeric(12, 2)`; only called for columns without faults."""
        raise NotImplementedError

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """SQL conditions that every non-null value meets, for CHECK constraints."""
        yield from ()

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """The Django field. `common` holds what every field takes (null, blank, verbose_name, db_column, ...)."""
        raise NotImplementedError

    def value(self, column: Column, data: Json) -> Any:
        """The Python value of a JSON value; raises `ValueError` with a sentence."""
        if type(data) not in self.json_types:
            expected = " or ".join(_JSON_NAMES[kind] for kind in self.json_types)
            raise ValueError(f"The value has to be {expected}.")
        return self.clean(column, data)

    def parse(self, column: Column, text: str) -> Any:
        """The Python value of the type's text form, as CSV has it; raises `ValueError` with a sentence."""
        return self.clean(column, text)

    def clean(self, column: Column, raw: Any) -> Any:
        """What the model field makes of a raw value, its limits checked; raises `ValueError` with a sentence."""
        try:
            return self.model_field(column, null=True, blank=True).clean(raw, None)
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from error

    def initial(self, column: Column) -> Any:
        """The default of a new row as a Python value, None for none; raises `ValueError` when it does not fit."""
        if column.default is None:
            return None
        word = self._default_word(column)
        return word.python() if word else self.value(column, column.default)

    def default_sql(self, column: Column) -> sql.Composable | None:
        """The SQL default, built from a typed literal or one of a closed list of functions; None for none."""
        if column.default is None:
            return None
        word = self._default_word(column)
        return word.sql if word else sql.literal(self.value(column, column.default))

    def _default_word(self, column: Column) -> DefaultWord | None:
        return self.default_words.get(column.default) if isinstance(column.default, str) else None


def whole_number_faults(column_type: ColumnType, column: Column, name: str, low: int, high: int) -> Iterator[Fault]:
    """The fault of a setting that is not a whole number from `low` to `high`, if it is not."""
    value = column_type.setting(column, name)
    if type(value) is not int or not low <= value <= high:
        detail = f"{name} has to be a whole number from {low} to {high}."
        yield Fault(Code.INVALID_SETTING, name, detail, f"Set {name} to a whole number from {low} to {high}.")


_JSON_NAMES: Mapping[type, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}

column_types: Registry[ColumnType] = Registry("column type")
