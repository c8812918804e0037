"""Days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.utils import timezone

from core import sql
from schemas.column_types.base import ColumnType, DefaultWord
from schemas.document import Column


class DateType(ColumnType):
    """A day, in any place. PostgreSQL's infinite days and those before Christ are refused: Python has none."""

    key = "date"
    label = "Date"
    default_words = {"today": DefaultWord(sql.SQL("current_date"), timezone.localdate)}
    examples = ("2026-11-20", "0001-01-01", "9999-12-31")
    lookups = ("exact", "gt", "gte", "lt", "lte", "isnull")
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
