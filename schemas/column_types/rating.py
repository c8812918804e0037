"""Stars."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core import sql
from schemas.column_types.number import NumericType, Span
from schemas.column_types.settings import WholeNumber
from schemas.document import Column


class RatingType(NumericType):
    """One to `max` stars; no stars is null."""

    key = "rating"
    label = "Rating"
    aliases = ("stars",)
    settings = {"max": WholeNumber(5, low=2, high=10)}
    json_types = (int,)
    examples = (1, 5)
    lookups = ("exact", "gte", "lte", "isnull")
    cell = "crud/cells/rating.html"
    typescript = "number"

    def sql_type(self, column: Column) -> str:
        """Always `smallint`."""
        return "smallint"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """From 1 to `max`."""
        name, most = sql.identifier(column.name), sql.literal(self.setting(column, "max"))
        yield sql.format("{name} between 1 and {most}", name=name, most=most)

    def span(self, column: Column) -> Span:
        """From 1 to `max`."""
        return Span(Decimal(1), Decimal(self.setting(column, "max")))

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A small integer field with the same bounds."""
        bounds = [MinValueValidator(1), MaxValueValidator(self.setting(column, "max"))]
        return models.SmallIntegerField(validators=bounds, **common)
