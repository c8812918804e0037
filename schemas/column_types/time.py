"""Times of day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from django.db import models

from core import sql
from schemas.column_types.base import ColumnType, column_types
from schemas.column_types.conversions import Conversion, matching, trimmed
from schemas.document import Column

CLOCK: Final = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
"""A time of day in the syntax that Python and PostgreSQL have in common."""


class TimeType(ColumnType):
    """A time of day, such as an opening hour."""

    key = "time"
    label = "Time"
    aliases = ("time without time zone", "time_of_day")
    examples = ("09:30", "23:59:59.999999")
    lookups = ("exact", "gt", "gte", "lt", "lte", "isnull")
    aggregates = ("min", "max")
    cell = "crud/cells/time.html"

    def sql_type(self, column: Column) -> str:
        """Always `time`."""
        return "time"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """PostgreSQL also has 24:00, which Python cannot read."""
        yield sql.format("{name} < '24:00'", name=sql.identifier(column.name))

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """Django's field for times."""
        return models.TimeField(**common)

    def text(self, column: Column, value: dt.time) -> str:
        """ISO 8601, such as `09:30:00`."""
        return value.isoformat()

    def text_length(self, column: Column) -> int:
        """That of `23:59:59.999999`."""
        return 15

    def text_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """ISO 8601, with all digits of a second or none, as `text`."""
        return sql.format("replace(to_char({value}, 'HH24:MI:SS.US'), '.000000', '')", value=value)

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """Hours and minutes, with or without seconds."""
        return matching(trimmed(text), rf"\A{CLOCK}\Z", super().read_sql(column, text))

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """The time of day of a moment, in UTC."""
        if column_types.get(before.type).sql_type(before) != "timestamptz":
            return super().conversion(before, after)
        time = sql.format("({name} at time zone 'UTC')::time", name=sql.identifier(before.name))
        return Conversion(time, "The day is left out.", sql.SQL("false"))
