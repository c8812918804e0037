"""Values as people write them, the same in lists, on pages and where a value is a record's title."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format, number_format, time_format

GROUPED_FROM: Final = 10_000

CURRENCY_SYMBOLS: Final[Mapping[str, str]] = {
    "AUD": "A$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "ILS": "₪", "INR": "₹", "JPY": "¥",
    "KRW": "₩", "MXN": "MX$", "NZD": "NZ$", "PHP": "₱", "UAH": "₴", "USD": "$", "VND": "₫",
}  # fmt: skip
"""What English pages write for a currency (CLDR, narrow where it is not mistaken); others show their code."""


def title_text(value: Any, currency: str) -> str:
    """A value as the title of its record.

    Args:
        value: what the row has. A whole number stays as it is: as a title it is the number of something.
        currency: the ISO 4217 code where the value is an amount of money, else nothing.
    """
    match value:
        case dt.datetime():
            return moment(value)
        case dt.date():
            return day(value)
        case dt.time():
            return clock(value)
        case Decimal():
            return money(value, currency) if currency else grouped(value)
        case bool():
            return "Yes" if value else "No"
    return str(value)


def moment(value: dt.datetime) -> str:
    """A date with its time and time zone, such as `Nov 20, 2026, 12:30 UTC`."""
    return date_format(timezone.localtime(value), "M j, Y, H:i T")


def day(value: dt.date) -> str:
    """A date such as `Nov 20, 2026`."""
    return date_format(value, "M j, Y")


def clock(value: dt.time) -> str:
    """A time of day such as `14:05`."""
    return time_format(value, "H:i")


def money(value: Decimal, code: str) -> str:
    """An amount with its currency, such as `$1,200.50`."""
    amount = number_format(abs(value), decimal_pos=None, force_grouping=True)
    return f"{'-' if value < 0 else ''}{CURRENCY_SYMBOLS.get(code, f'{code} ')}{amount}"


def grouped(value: Decimal | int) -> str:
    """A number such as `12,000.5`, without zeros that say nothing.

    Four digits stand together, as ISO 80000-1 has it, so that a year reads as a year.
    """
    shown = Decimal(format(Decimal(value).normalize(), "f"))
    return number_format(shown, use_l10n=True, force_grouping=abs(shown) >= GROUPED_FROM)
