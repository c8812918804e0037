"""Shares of a hundred."""

from __future__ import annotations

from schemas.column_types.decimal import DecimalType
from schemas.column_types.settings import MAX_PRECISION, Bound, WholeNumber


class PercentType(DecimalType):
    """A share of a hundred: 12.5 is 12.5 %. From 0 to 100 unless the column says otherwise."""

    key = "percent"
    label = "Percent"
    aliases = ("percentage",)
    settings = {
        "min": Bound(0),
        "max": Bound(100),
        "precision": WholeNumber(7, low=1, high=MAX_PRECISION),
        "scale": WholeNumber(2, low=0, high=MAX_PRECISION),
    }
    examples = ("12.5", 0, 100)
    cell = "crud/cells/percent.html"
    suggests_currency = False
