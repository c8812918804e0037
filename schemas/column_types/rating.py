"""Stars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core import sql
from schemas.column_types.base import ColumnType, Fault, whole_number_faults
from schemas.document import Column


class RatingType(ColumnType):
    """One to `max` stars; no stars is null."""

    key = "rating"
    label = "Rating"
    aliases = ("stars",)
    settings = {"max": 5}
    json_types = (int,)
    examples = (1, 5)
    lookups = ("exact", "gte", "lte", "isnull")
    cell = "crud/cells/rating.html"
    typescript = "number"

    def setting_faults(self, column: Column) -> Iterator[Fault]:
        """A row of stars that fits on a phone."""
        yield from whole_number_faults(self, column, "max", 2, 10)

    def sql_type(self, column: Column) -> str:
        """Always `smallint`."""
        return "smallint"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """From 1 to `max`."""
        name, most = sql.identifier(column.name), sql.literal(self.setting(column, "max"))
        yield sql.format("{name} between 1 and {most}", name=name, most=most)

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A small integer field with the same bounds."""
        bounds = [MinValueValidator(1), MaxValueValidator(self.setting(column, "max"))]
        return models.SmallIntegerField(validators=bounds, **common)
