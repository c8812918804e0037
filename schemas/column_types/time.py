"""Times of day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models

from core import sql
from schemas.column_types.base import ColumnType
from schemas.document import Column


class TimeType(ColumnType):
    """A time of day, such as an opening hour."""

    key = "time"
    label = "Time"
    aliases = ("time without time zone", "time_of_day")
    examples = ("09:30", "23:59:59.999999")
    lookups = ("exact", "gt", "gte", "lt", "lte", "isnull")
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
