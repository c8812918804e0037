"""What a column type is: one small class that states every fact about its columns once.

SQL, Django model field, form, API field, list cell, filters, TypeScript and both export targets are derived from it.
A new type is one file in this package that registers an instance; nothing else names a type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from re import Pattern
from typing import Any, ClassVar, cast

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from core import sql
from core.registry import Registry
from schemas.column_types.conversions import DOES_NOT_FIT, Conversion, checked, read_as, trimmed
from schemas.column_types.settings import Setting
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
    settings: ClassVar[Mapping[str, Setting]] = {}
    """The type's own settings by name; a column may set no others."""
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
    sortable: ClassVar[bool] = True
    """Whether an order by columns of this type says something to people."""
    aggregates: ClassVar[tuple[str, ...]] = ()
    """What the API computes of a column's values, beside counting them."""
    cell: ClassVar[str] = "crud/cells/text.html"
    """The template that shows a value in a list or on a detail page."""
    typescript: ClassVar[str] = "string"
    """The type in JSON, as TypeScript writes it."""
    no_default: ClassVar[str] = ""
    """Why columns of this type have no default, as the end of a sentence; empty where they may have one."""
    numbered: ClassVar[bool] = False
    """Whether PostgreSQL numbers the rows in columns of this type, and nobody else does."""

    def setting(self, column: Column, name: str) -> Json:
        """The column's value of one of the type's settings, or its default."""
        return column.config.get(name, self.settings[name].default)

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
            ways = [] if self.no_default else ["Write a value of this type", *words]
            fix = " or ".join([*ways, "remove the default"]) + "."
            fix = fix[0].upper() + fix[1:]
            yield Fault(Code.INVALID_DEFAULT, "default", f"The default does not fit the column: {error}", fix)

    def setting_faults(self, column: Column) -> Iterator[Fault]:
        """What is wrong with the column's settings. Never raises, whatever JSON they hold."""
        for name, setting in self.settings.items():
            if not setting.accepts(self.setting(column, name)):
                yield setting_fault(name, setting)

    def index_bytes(self, column: Column) -> int | None:
        """The most bytes that a value takes in an index entry; None where values cannot be indexed."""
        return 16

    def sql_type(self, column: Column) -> str:
        """The PostgreSQL type, such as `numeric(12, 2)`; only called for stored columns without faults."""
        raise NotImplementedError

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """SQL conditions that every non-null value meets, for CHECK constraints."""
        yield from ()

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """The Django field. `common` holds what every field takes (null, blank, verbose_name, db_column, ...)."""
        raise NotImplementedError

    def pattern_of(self, column: Column) -> tuple[str, str]:
        """What the column's values match, and the sentence for one that does not; empty where anything goes."""
        rules = [] if column.is_relation else self.model_field(column).validators
        patterns = (rule for rule in rules if type(rule) is RegexValidator)  # those of Django are classes of their own
        rule = next(patterns, None)
        return (cast("Pattern[str]", rule.regex).pattern, str(rule.message)) if rule else ("", "")

    def value(self, column: Column, data: Json) -> Any:
        """The Python value of a JSON value; raises `ValueError` with a sentence."""
        if type(data) not in self.json_types:
            expected = " or ".join(_JSON_NAMES[kind] for kind in self.json_types)
            raise ValueError(f"The value has to be {expected}.")
        return self.clean(column, data)

    def parse(self, column: Column, text: str) -> Any:
        """The Python value of the type's text form, as CSV has it; raises `ValueError` with a sentence."""
        return self.clean(column, text)

    def text(self, column: Column, value: Any) -> str:
        """The text form of a Python value that is not None: what `parse` reads back as an equal value."""
        return str(value)

    def text_length(self, column: Column) -> int | None:
        """The most characters of a text form; None where it can be of any length."""
        return None

    def text_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """SQL of the text form of a value, such as `text` writes it."""
        return sql.format("({value})::text", value=value)

    def search_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """SQL of the text whose words a search finds, immutable; only called for types that are searchable."""
        return self.text_sql(column, value)

    def json_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """SQL of what the API shows of a value: of a type that `to_json` writes as the API does."""
        return self.text_sql(column, value) if str in self.json_types else value

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """SQL of the value of a text form, without fail: null for what `parse` would refuse."""
        return text if self.sql_type(column) == "text" else read_as(trimmed(text), self.sql_type(column))

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """What becomes of the values of a column when it changes to one of this type; None where it cannot.

        Without more being said, a type takes its own values and what it can read of texts.

        Args:
            before: the stored column as it was.
            after: the column as it will be, of this type.
        """
        kind, name = column_types.get(before.type), sql.identifier(before.name)
        if kind is self and list(self.checks(replace(before, name=after.name))) == list(self.checks(after)):
            return Conversion(name)
        if kind is not self and kind.sql_type(before) != "text":
            return None
        value = name if kind is self else self.read_sql(after, name)
        return Conversion(checked(value, after.name, self.checks(after)), DOES_NOT_FIT)

    def clean(self, column: Column, raw: Any) -> Any:
        """What the model field makes of a raw value, its limits checked; raises `ValueError` with a sentence."""
        try:
            return self.model_field(column, null=True, blank=True).clean(raw, None)
        except ValidationError as error:
            raise ValueError(" ".join(dict.fromkeys(error.messages))) from error

    def initial(self, column: Column) -> Any:
        """The default of a new row as a Python value, None for none; raises `ValueError` when it does not fit."""
        if column.default is None:
            return None
        if self.no_default:
            raise ValueError(f"It has none, because {self.no_default}.")
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


def setting_fault(name: str, setting: Setting) -> Fault:
    """The fault of a setting that has not the right form."""
    return Fault(
        Code.INVALID_SETTING, name, f"{name} has to be {setting.expects}.", f"Set {name} to {setting.expects}."
    )


_JSON_NAMES: Mapping[type, str] = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list", dict: "an object",
}  # fmt: skip

column_types: Registry[ColumnType] = Registry("column type")
