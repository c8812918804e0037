"""What numbers share: their smallest and largest value."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Final

from django.core.validators import MaxValueValidator, MinValueValidator

from core import sql
from schemas.column_types.base import ColumnType, Fault
from schemas.document import Column, Json
from schemas.problems import Code

MONEY_WORDS: Final = frozenset(
    {"amount", "balance", "budget", "commission", "cost", "deposit", "fee", "payment", "price", "rent", "revenue"}
    | {"salary", "wage"}
)


class NumberType(ColumnType):
    """A number with optional bounds."""

    settings = {"min": None, "max": None}
    lookups = ("exact", "gt", "gte", "lt", "lte", "isnull")
    cell = "crud/cells/number.html"

    suggests_currency: ClassVar[bool] = False
    """Whether a column of this type that is named like money would better be a currency."""

    def setting_faults(self, column: Column) -> Iterator[Fault]:
        """Bounds are values of the column, and in order."""
        bounds = {name: _bound(self.setting(column, name)) for name in ("min", "max")}
        for name, value in bounds.items():
            if isinstance(value, ValueError):
                yield Fault(
                    Code.INVALID_SETTING, name, f"{name} has to be a number or null.", f"Set {name} to a number."
                )
        low, high = bounds["min"], bounds["max"]
        if isinstance(low, Decimal) and isinstance(high, Decimal) and low > high:
            yield Fault(Code.INVALID_SETTING, "min", "min is larger than max.", "Exchange min and max.")
        if self.suggests_currency and column.name.rpartition("_")[2] in MONEY_WORDS:
            yield Fault(
                Code.MONEY_AS_NUMBER,
                "type",
                f"{column.name} looks like an amount of money, but its type {self.key} knows no currency.",
                'Use the type "currency", with the ISO code of the currency.',
                severity="warning",
            )

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """The bounds."""
        name = sql.identifier(column.name)
        low, high = self._bounds(column)
        if low is not None:
            yield sql.format("{name} >= {bound}", name=name, bound=sql.literal(low))
        if high is not None:
            yield sql.format("{name} <= {bound}", name=name, bound=sql.literal(high))

    def validators(self, column: Column) -> list[Any]:
        """The bounds as Django validators."""
        low, high = self._bounds(column)
        found: list[Any] = [] if low is None else [MinValueValidator(low)]
        return found if high is None else [*found, MaxValueValidator(high)]

    def _bounds(self, column: Column) -> tuple[Decimal | int | None, Decimal | int | None]:
        low, high = (_bound(self.setting(column, name)) for name in ("min", "max"))
        return _plain(low), _plain(high)


def _bound(value: Json) -> Decimal | ValueError | None:
    """A setting as a number; a `ValueError` stands for what is none."""
    if value is None:
        return None
    if type(value) not in (int, float, str):
        return ValueError()
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return ValueError()
    return number if number.is_finite() else ValueError()


def _plain(bound: Decimal | ValueError | None) -> Decimal | int | None:
    """Whole numbers as int, so that SQL and messages show 10 and not 1E+1."""
    if isinstance(bound, Decimal):
        return int(bound) if bound == bound.to_integral_value() else bound
    return None
