"""What numbers share: their smallest and largest value, and how one kind of them becomes another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, ClassVar, Final

from django.core.validators import MaxValueValidator, MinValueValidator

from core import sql
from schemas.column_types.base import ColumnType, Fault, column_types
from schemas.column_types.conversions import Conversion, matching, trimmed
from schemas.column_types.settings import MAX_PRECISION, Bound, Setting
from schemas.document import Column
from schemas.problems import Code

MONEY_WORDS: Final = frozenset(
    {"amount", "balance", "budget", "commission", "cost", "deposit", "fee", "payment", "price", "rent", "revenue"}
    | {"salary", "wage"}
)

_LONGEST_NUMBER: Final = 2 * MAX_PRECISION
_WRITTEN: Final = rf"\A[+-]?[0-9]{{1,{_LONGEST_NUMBER}}}(\.[0-9]{{0,{_LONGEST_NUMBER}}})?\Z"


@dataclass(frozen=True, slots=True)
class Span:
    """Which numbers a column can hold.

    Args:
        low: the smallest.
        high: the largest.
        scale: digits after the point.
    """

    low: Decimal
    high: Decimal
    scale: int = 0

    def rounded(self, scale: int) -> Span:
        """The same numbers with at most so many digits after the point."""
        if scale >= self.scale:
            return self
        unit = Decimal(1).scaleb(-scale)
        with localcontext(prec=2 * MAX_PRECISION, rounding=ROUND_HALF_UP):
            return Span(self.low.quantize(unit), self.high.quantize(unit), scale)

    def holds(self, other: Span) -> bool:
        """Whether it has all numbers of the other."""
        return self.low <= other.low and other.high <= self.high and other.scale <= self.scale


class NumericType(ColumnType):
    """A type whose values are numbers in PostgreSQL."""

    aggregates = ("sum", "avg", "min", "max")

    def span(self, column: Column) -> Span:
        """Which numbers the column can hold."""
        raise NotImplementedError

    def text_length(self, column: Column) -> int:
        """The digits, a sign and a point."""
        span = self.span(column)
        return max(len(str(int(bound))) for bound in (span.low, span.high)) + span.scale + 2

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """A number of no more digits after the point than the column has; nothing is rounded."""
        number = sql.format("{text}::numeric", text=trimmed(text))
        digits = sql.literal(self.span(column).scale)
        exact = sql.format(
            "case when scale(trim_scale({number})) <= {digits} then {number} end", number=number, digits=digits
        )
        return matching(trimmed(text), _WRITTEN, self._fitting(column, exact))

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """Any number that is not too large, rounded where it has too many digits after the point."""
        kind, name = column_types.get(before.type), sql.identifier(before.name)
        if not isinstance(kind, NumericType):
            return super().conversion(before, after)
        source, target = kind.span(before), self.span(after)
        rounds, fits = source.scale > target.scale, target.holds(source.rounded(target.scale))
        if fits and not rounds:
            return Conversion(sql.format("{name}::{type}", name=name, type=sql.type_name(self.sql_type(after))))
        number = sql.format("{name}::numeric", name=name)
        rounded = sql.format("round({number}, {scale})", number=number, scale=sql.literal(target.scale))
        value = self._fitting(after, rounded if rounds else number)
        losses = [f"Numbers are rounded to {target.scale} decimal places."] if rounds else []
        losses += [] if fits else [f"Numbers below {target.low:f} or above {target.high:f} become empty."]
        exact = sql.format("({value}) = {name}", value=value, name=name) if rounds else None
        return Conversion(value, " ".join(losses), exact)

    def _fitting(self, column: Column, number: sql.Composable) -> sql.Composable:
        span = self.span(column)
        return sql.format(
            "case when {number} between {low} and {high} then ({number})::{type} end",
            number=number,
            low=sql.literal(span.low),
            high=sql.literal(span.high),
            type=sql.type_name(self.sql_type(column)),
        )


class NumberType(NumericType):
    """A number with optional bounds."""

    settings: ClassVar[Mapping[str, Setting]] = {"min": Bound(), "max": Bound()}
    lookups = ("exact", "gt", "gte", "lt", "lte", "isnull")
    cell = "crud/cells/number.html"

    suggests_currency: ClassVar[bool] = False
    """Whether a column of this type that is named like money would better be a currency."""

    def setting_faults(self, column: Column) -> Iterator[Fault]:
        """Bounds are values of the column, and in order."""
        yield from super().setting_faults(column)
        low, high = (Bound.number(self.setting(column, name)) for name in ("min", "max"))
        if low is not None and high is not None and low > high:
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

    def span(self, column: Column) -> Span:
        """What can be stored, within the bounds."""
        stored = self.stored_span(column)
        low, high = (Bound.number(self.setting(column, name)) for name in ("min", "max"))
        low = stored.low if low is None else max(low, stored.low)
        return Span(low, stored.high if high is None else min(high, stored.high), stored.scale)

    def stored_span(self, column: Column) -> Span:
        """What the PostgreSQL type can hold."""
        raise NotImplementedError

    def _bounds(self, column: Column) -> tuple[Decimal | int | None, Decimal | int | None]:
        low, high = (Bound.number(self.setting(column, name)) for name in ("min", "max"))
        return _plain(low), _plain(high)


def _plain(bound: Decimal | None) -> Decimal | int | None:
    """Whole numbers as int, so that SQL and messages show 10 and not 1E+1."""
    return int(bound) if bound is not None and bound == bound.to_integral_value() else bound
