"""Moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from core import sql
from schemas.column_types.base import ColumnType, DefaultWord, column_types
from schemas.column_types.conversions import Conversion, matching, read_as, trimmed
from schemas.column_types.time import CLOCK
from schemas.document import Column

_OFFSET: Final = r"(Z|[+-][0-9]{2}:?([0-9]{2})?)"
_ISO: Final = rf"\A[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]{CLOCK} ?{_OFFSET}?)?\Z"
_ZONE: Final = sql.literal(rf":.*{_OFFSET}\Z")

FIRST: Final = dt.datetime.min.replace(tzinfo=dt.UTC)
LAST: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


def check_readable(value: dt.datetime) -> None:
    """Refuses a moment outside the years 1 to 9999 of UTC, which PostgreSQL would take and Python could not read."""
    if not FIRST <= in_some_zone(value) <= LAST:
        raise ValidationError("Enter a date and time in the years 1 to 9999 (UTC).", code="out_of_range")


def in_some_zone(value: dt.datetime) -> dt.datetime:
    """The moment itself, or in the current time zone where it says none."""
    return timezone.make_aware(value) if timezone.is_naive(value) else value


class DatetimeType(ColumnType):
    """A moment, the same everywhere; shown in the reader's time zone."""

    key = "datetime"
    label = "Date and time"
    aliases = (
        "timestamp",
        "timestamptz",
        "timestamp with time zone",
        "timestamp without time zone",
        "date_time",
        "moment",
    )
    default_words = {"now": DefaultWord(sql.SQL("now()"), timezone.now)}
    examples = ("2026-11-20T12:30:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z")
    lookups = ("exact", "gt", "gte", "lt", "lte", "isnull")
    aggregates = ("min", "max")
    cell = "crud/cells/datetime.html"

    def sql_type(self, column: Column) -> str:
        """Always `timestamptz`: without a zone nobody knows the moment."""
        return "timestamptz"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """The years 1 to 9999."""
        yield sql.format(
            "{name} between {first} and {last}",
            name=sql.identifier(column.name),
            first=sql.literal(FIRST),
            last=sql.literal(LAST),
        )

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """Django's field for moments."""
        return models.DateTimeField(validators=[check_readable], **common)

    def clean(self, column: Column, raw: Any) -> dt.datetime:
        """With a time zone in any case."""
        return in_some_zone(super().clean(column, raw))

    def text(self, column: Column, value: dt.datetime) -> str:
        """ISO 8601 in UTC, such as `2026-11-20T12:30:00Z`."""
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")

    def text_length(self, column: Column) -> int:
        """That of `2026-11-20T12:30:00.000001Z`."""
        return 27

    def text_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """ISO 8601 in UTC, whatever the session's DateStyle and time zone."""
        written = """to_char({value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        return sql.format("replace(" + written + ", '.000000', '')", value=value)

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """ISO 8601; without a time it is midnight, and without a time zone it is UTC."""
        written = trimmed(text)
        zoned = sql.format("({text} || case when {text} ~ {zone} then '' else ' UTC' end)", text=written, zone=_ZONE)
        return matching(written, _ISO, read_as(zoned, "timestamptz"))

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """The midnight, in UTC, with which a day begins."""
        if column_types.get(before.type).sql_type(before) != "date":
            return super().conversion(before, after)
        return Conversion(sql.format("({name}::timestamp at time zone 'UTC')", name=sql.identifier(before.name)))
