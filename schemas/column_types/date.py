"""Days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from django.db import models
from django.utils import timezone

from core import sql
from schemas.column_types.base import ColumnType, DefaultWord, column_types
from schemas.column_types.conversions import Conversion, matching, trimmed
from schemas.document import Column

_ISO: Final = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"


class DateType(ColumnType):
    """A day, in any place. PostgreSQL's infinite days and those before Christ are refused: Python has none."""

    key = "date"
    label = "Date"
    default_words = {"today": DefaultWord(sql.SQL("current_date"), timezone.localdate)}
    examples = ("2026-11-20", "0001-01-01", "9999-12-31")
    lookups = ("exact", "gt", "gte", "lt", "lte", "isnull")
    aggregates = ("min", "max")
    cell = "crud/cells/date.html"

    def sql_type(self, column: Column) -> str:
        """Always `date`."""
        return "date"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """The years 1 to 9999."""
        yield sql.format(
            "{name} between {first} and {last}",
            name=sql.identifier(column.name),
            first=sql.literal(dt.date.min),
            last=sql.literal(dt.date.max),
        )

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """Django's date field."""
        return models.DateField(**common)

    def text(self, column: Column, value: dt.date) -> str:
        """ISO 8601, such as `2026-11-20`."""
        return value.isoformat()

    def text_length(self, column: Column) -> int:
        """That of `2026-11-20`."""
        return 10

    def text_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """ISO 8601, whatever the session's DateStyle."""
        return sql.format("to_char({value}, 'YYYY-MM-DD')", value=value)

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """Only ISO 8601: PostgreSQL also takes 1/2/2026, which means two days, and words such as infinity."""
        return matching(trimmed(text), _ISO, super().read_sql(column, text))

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """The day of a moment, in UTC."""
        if column_types.get(before.type).sql_type(before) != "timestamptz":
            return super().conversion(before, after)
        moment = sql.format("({name} at time zone 'UTC')", name=sql.identifier(before.name))
        midnight = sql.format("{moment}::time = '00:00'", moment=moment)
        return Conversion(sql.format("{moment}::date", moment=moment), "The time of day is left out.", midnight)
