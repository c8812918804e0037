"""Shares of a hundred."""

from __future__ import annotations

from schemas.column_types.decimal import DecimalType


class PercentType(DecimalType):
    """A share of a hundred: 12.5 is 12.5 %. From 0 to 100 unless the column says otherwise."""

    key = "percent"
    label = "Percent"
    aliases = ("percentage",)
    parameters = ()
    settings = {"min": 0, "max": 100, "precision": 7, "scale": 2}
    examples = ("12.5", 0, 100)
    cell = "crud/cells/percent.html"
    suggests_currency = False
