"""Whole numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

from schemas.column_types.number import NumberType, Span
from schemas.document import Column


class IntegerType(NumberType):
    """A whole number of 64 bits."""

    key = "integer"
    label = "Whole number"
    aliases = ("int", "bigint", "smallint", "int2", "int4", "int8", "number")
    examples = (0, -7, 9_223_372_036_854_775_807)
    json_types = (int,)
    typescript = "number"
    suggests_currency = True

    def sql_type(self, column: Column) -> str:
        """Always `bigint`: to widen a column later would rewrite its table."""
        return "bigint"

    def stored_span(self, column: Column) -> Span:
        """64 bits."""
        return Span(Decimal(-(2**63)), Decimal(2**63 - 1))

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A 64-bit integer field with the same bounds."""
        return models.BigIntegerField(validators=self.validators(column), **common)
