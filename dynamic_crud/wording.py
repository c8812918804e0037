"""Values as people write them, the same in lists, on pages and where a value is a record's title.

They are written in English, as all of the product is. Django's own ways of writing them look up the language and its
formats for every value: a list of 50 rows would spend a third of its time on that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from django.utils import timezone

from schemas.column_types import column_types
from schemas.column_types.attachment import AttachmentType
from schemas.column_types.options import option_label
from schemas.column_types.phone import international
from schemas.column_types.rich_text import RichTextType, plain_text
from schemas.document import Column

GROUPED_FROM: Final = 10_000
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

CURRENCY_SYMBOLS: Final[Mapping[str, str]] = {
    "AUD": "A$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "ILS": "₪", "INR": "₹", "JPY": "¥",
    "KRW": "₩", "MXN": "MX$", "NZD": "NZ$", "PHP": "₱", "UAH": "₴", "USD": "$", "VND": "₫",
}  # fmt: skip
"""What English pages write for a currency (CLDR, narrow where it is not mistaken); others show their code."""


def title_reader(column: Column) -> Callable[[Any], str]:
    """What makes a value of the column, which is not None, the title of its record."""
    kind = column_types.get(column.type)
    settings = {name: kind.setting(column, name) for name in kind.settings}
    if "options" in settings:
        return partial(option_labels, options=settings["options"])
    if settings.get("currency"):
        return partial(money, code=settings["currency"])
    if settings.get("country"):
        return international
    if isinstance(kind, AttachmentType):
        return file_names
    return plain_text if isinstance(kind, RichTextType) else title_text


def title_text(value: Any) -> str:
    """A value as the title of its record. A whole number stays as it is: as a title it is the number of something."""
    match value:
        case dt.datetime():
            return moment(value)
        case dt.date():
            return day(value)
        case dt.time():
            return clock(value)
        case dt.timedelta():
            return length(value)
        case Decimal():
            return grouped(value)
        case bool():
            return "Yes" if value else "No"
    return str(value)


def option_labels(value: str | Iterable[str], options: Iterable[Mapping[str, Any]]) -> str:
    """What people read for one option or several, with commas between them."""
    labels = {option["value"]: option_label(option) for option in options}
    chosen = [value] if isinstance(value, str) else value
    return ", ".join(labels.get(each, each) for each in chosen)


def moment(value: dt.datetime) -> str:
    """A date with its time and time zone, such as `Nov 20, 2026, 12:30 UTC`."""
    here = timezone.localtime(value)
    return f"{day(here)}, {clock(here.time())} {here.tzname()}"


def day(value: dt.date) -> str:
    """A date such as `Nov 20, 2026`."""
    return f"{_MONTHS[value.month - 1]} {value.day}, {value.year:04d}"


def clock(value: dt.time) -> str:
    """A time of day such as `14:05`."""
    return f"{value.hour:02d}:{value.minute:02d}"


def file_names(value: Iterable[Mapping[str, Any]]) -> str:
    """The names of files, with commas between them."""
    return ", ".join(file["name"] for file in value)


def length(value: dt.timedelta) -> str:
    """A duration such as `2 d 3 h` or `1 h 30 min`, to the microsecond where it has any."""
    minutes, seconds = divmod(abs(value), dt.timedelta(minutes=1))
    parts = {"d": minutes // 1440, "h": minutes // 60 % 24, "min": minutes % 60, "s": grouped(_in_seconds(seconds))}
    shown = " ".join(f"{number} {unit}" for unit, number in parts.items() if number not in (0, "0"))
    return f"-{shown}" if value < dt.timedelta() else shown or "0 min"


def hours(value: dt.timedelta) -> str:
    """A duration in hours, minutes and seconds, such as `51:04:05`: for inputs, and readable to Django."""
    minutes, seconds = divmod(abs(value), dt.timedelta(minutes=1))
    whole, rest = divmod(seconds // dt.timedelta(microseconds=1), 1_000_000)
    sign = "-" if value < dt.timedelta() else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02d}:{whole:02d}" + (f".{rest:06d}" if rest else "")


def money(value: Decimal, code: str) -> str:
    """An amount with its currency, such as `$1,200.50`."""
    return f"{'-' if value < 0 else ''}{CURRENCY_SYMBOLS.get(code, f'{code} ')}{abs(value):,f}"


def grouped(value: Decimal | int) -> str:
    """A number such as `12,000.5`, without zeros that say nothing.

    Four digits stand together, as ISO 80000-1 has it, so that a year reads as a year.
    """
    shown = Decimal(format(Decimal(value).normalize(), "f"))
    return f"{shown:,f}" if abs(shown) >= GROUPED_FROM else f"{shown:f}"


def _in_seconds(value: dt.timedelta) -> Decimal:
    return Decimal(value // dt.timedelta(microseconds=1)).scaleb(-6)
