"""A column as plain values that templates print: its names, its type, its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core import sql
from schemas.column_types import column_types
from schemas.column_types.attachment import FilesField
from schemas.column_types.auto_number import AutoNumberField
from schemas.column_types.options import option_color, option_label
from schemas.column_types.settings import defaults
from schemas.column_types.user import UserField
from schemas.document import Column, Json, thaw
from schemas.names import relation_field_name

_KINDS: Final[tuple[tuple[type[models.Field], str], ...]] = (
    (models.ManyToManyField, "links"),
    (FilesField, "files"),
    (UserField, "user"),
    (AutoNumberField, "number"),
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.TimeField, "time"),
    (models.DurationField, "duration"),
    (models.DecimalField, "decimal"),
    (models.IntegerField, "integer"),
    (models.UUIDField, "uuid"),
    (models.JSONField, "json"),
    (models.EmailField, "email"),
    (models.URLField, "url"),
    (models.TextField, "long_text"),
    (models.Field, "text"),
)
"""How a value is entered, by the Django field that holds it; the first match counts."""


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a select column."""

    value: str
    label: str
    color: str


@dataclass(frozen=True, slots=True)
class Reference:
    """What a relation column points to."""

    table: str
    field: str
    on_delete: str
    one_to_one: bool


@dataclass(frozen=True, slots=True)
class Links:
    """Where the links of a many-to-many relation are.

    Args:
        table: the table that is linked.
        junction: the table of the links.
    """

    table: str
    junction: str


@dataclass(frozen=True, slots=True)
class ColumnContext:
    """One column.

    Args:
        kind: how its values are entered, such as `date`, `choice` or `relation`.
        display: how they are shown; the name of the type's list cell.
        typescript: the type of a value in JSON.
        default: the default in JSON; a word such as `now` if `default_is_computed`.
        settings: the type's own settings, those that the column leaves out included.
        longest: the most characters that the type's field takes, where it sets a limit.
        pattern: the regular expression that every value matches, in Python's syntax.
        numbered: whether PostgreSQL numbers the rows.
        reference: what a foreign key points to.
        links: where the links of a relation to many rows are; such a column is none in PostgreSQL.
    """

    name: str
    label: str
    help_text: str
    required: bool
    unique: bool
    kind: str
    display: str
    type_key: str
    typescript: str
    searchable: bool
    sql_type: str
    checks: tuple[str, ...]
    default_sql: str
    default: Json
    default_is_computed: bool
    settings: Mapping[str, Json]
    minimum: int | Decimal | None
    maximum: int | Decimal | None
    options: tuple[Option, ...]
    longest: int | None
    pattern: str
    pattern_message: str
    numbered: bool
    reference: Reference | None
    links: Links | None


def column_context(column: Column, junction: str = "") -> ColumnContext:
    """The context of a column.

    Args:
        column: the column of the document.
        junction: the table of its links, if it is a relation to many rows.
    """
    kind = column_types.get(column.type)
    default_sql = kind.default_sql(column)
    minimum, maximum = _bounds(column)
    pattern, pattern_message = kind.pattern_of(column)
    return ColumnContext(
        name=column.name,
        label=column.title,
        help_text=column.help_text,
        required=column.required,
        unique=column.unique,
        kind=_kind(column),
        display=kind.cell.rpartition("/")[2].removesuffix(".html"),
        type_key=kind.key,
        typescript=kind.typescript,
        searchable=kind.searchable,
        sql_type=kind.sql_type(column),
        checks=tuple(sql.text(check) for check in kind.checks(column)),
        default_sql=sql.text(default_sql) if default_sql is not None else "",
        default=thaw(column.default),
        default_is_computed=isinstance(column.default, str) and column.default in kind.default_words,
        settings=defaults(kind.settings) | thaw(column.config),
        minimum=minimum,
        maximum=maximum,
        options=_options(column),
        longest=None if column.is_relation else kind.model_field(column).max_length,
        pattern=pattern,
        pattern_message=pattern_message,
        numbered=kind.numbered,
        reference=_reference(column),
        links=Links(column.config["to_table"], junction) if junction else None,
    )


def _kind(column: Column) -> str:
    if column.is_reference:
        return "relation"
    kind = column_types.get(column.type)
    if "options" in column.config:
        return "choices" if kind.typescript.endswith("[]") else "choice"
    field = kind.model_field(column)
    return next(name for field_class, name in _KINDS if isinstance(field, field_class))


def _bounds(column: Column) -> tuple[int | Decimal | None, int | Decimal | None]:
    """The smallest and the largest value that the type's field takes, where it sets them itself."""
    if column.is_relation:
        return None, None
    rules: list[Any] = list(column_types.get(column.type).model_field(column).validators)
    low = max((rule.limit_value for rule in rules if isinstance(rule, MinValueValidator)), default=None)
    high = min((rule.limit_value for rule in rules if isinstance(rule, MaxValueValidator)), default=None)
    return low if _is_exact(low) else None, high if _is_exact(high) else None


def _is_exact(bound: Any) -> bool:
    """Whether a JavaScript number holds it; bounds beyond are those of the storage, not of the column."""
    return bound is not None and bool(abs(bound) < 2**53)


def _options(column: Column) -> tuple[Option, ...]:
    return tuple(
        Option(value=option["value"], label=option_label(option), color=option_color(option))
        for option in column.config.get("options", ())
    )


def _reference(column: Column) -> Reference | None:
    if not column.is_reference:
        return None
    return Reference(
        table=column.config["to_table"],
        field=relation_field_name(column.name),
        on_delete=column.config.get("on_delete", "set_null"),
        one_to_one=column.config.get("relation") == "one_to_one",
    )
