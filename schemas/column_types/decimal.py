"""Exact numbers with decimal places."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models

from schemas.column_types.base import Fault
from schemas.column_types.number import NumberType, Span
from schemas.column_types.settings import MAX_PRECISION, WholeNumber
from schemas.document import Column, Json
from schemas.problems import Code


class DecimalType(NumberType):
    """An exact number. Its API form is text, so that no digit is lost on the way."""

    key = "decimal"
    label = "Decimal number"
    aliases: ClassVar[tuple[str, ...]] = ("numeric", "float", "real", "double", "double precision", "float4", "float8")
    settings = {
        **NumberType.settings,
        "precision": WholeNumber(12, in_brackets=True, low=1, high=MAX_PRECISION),
        "scale": WholeNumber(2, in_brackets=True, low=0, high=MAX_PRECISION),
    }
    examples: ClassVar[tuple[Json, ...]] = ("1234567890.12", "-0.5", 3)
    json_types = (str, int, float)
    suggests_currency = True

    def setting_faults(self, column: Column) -> Iterator[Fault]:
        """The digits are in bounds, and no more of them are decimals than there are."""
        yield from super().setting_faults(column)
        precision, scale = self.setting(column, "precision"), self.setting(column, "scale")
        if type(precision) is int and type(scale) is int and scale > precision:
            detail = "scale, the digits after the point, is larger than precision, the digits in all."
            yield Fault(Code.INVALID_SETTING, "scale", detail, "Raise precision or lower scale.")

    def sql_type(self, column: Column) -> str:
        """`numeric` with the column's digits."""
        return f"numeric({self.setting(column, 'precision')}, {self.setting(column, 'scale')})"

    def stored_span(self, column: Column) -> Span:
        """All numbers of the column's digits."""
        precision, scale = self.setting(column, "precision"), self.setting(column, "scale")
        most = Decimal((0, (9,) * precision, -scale))
        return Span(most.copy_negate(), most, scale)

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A decimal field with the same digits and bounds."""
        return models.DecimalField(
            max_digits=self.setting(column, "precision"),
            decimal_places=self.setting(column, "scale"),
            validators=self.validators(column),
            **common,
        )

    def clean(self, column: Column, raw: Json) -> Any:
        """A float counts as what it is written as: 0.1 has one decimal place, not fifty-five."""
        return super().clean(column, repr(raw) if isinstance(raw, float) else raw)

    def text(self, column: Column, value: Decimal) -> str:
        """All digits, never an exponent."""
        return format(value, "f")
