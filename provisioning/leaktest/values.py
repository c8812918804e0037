"""Invented values that fit a column, unlike those of live rows.

No type is named here: whatever may be a value is offered to the column's own type, and the first that it takes is it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

from schemas.column_types import column_types
from schemas.document import Column, Json

_FIRST_DAY = date(1990, 1, 1)
_DAYS = 25_000


class NoValue(ValueError):
    """Nothing that was offered fits the column."""


def invented_value(column: Column) -> object:
    """A value of the column, as Python has it; another one at each call where the column has enough of them.

    Raises:
        NoValue: when nothing fits.
    """
    kind = column_types.get(column.type)
    for candidate in _candidates(column):
        try:
            value = kind.value(column, candidate)
        except ValueError:
            continue
        if value is not None:
            return value
    raise NoValue(f"No value could be invented for {column.name}.")


def invented_number() -> int:
    """A number of a column that PostgreSQL numbers, far beyond those that it gives."""
    return 2**62 + secrets.randbelow(2**62)


def _candidates(column: Column) -> Iterator[Json]:
    """What may be a value of some column: rare ones first."""
    options = [option["value"] for option in column.config.get("options", ())]
    if options:
        option = secrets.choice(options)
        yield from (option, [option])
    token = f"leaktest{secrets.token_hex(8)}"
    yield from (token, f"{token}@leaktest.example", f"https://{token}.example/", str(uuid4()))
    day = (_FIRST_DAY + timedelta(days=secrets.randbelow(_DAYS))).isoformat()
    time = f"{secrets.randbelow(24):02d}:{secrets.randbelow(60):02d}:{secrets.randbelow(60):02d}"
    yield from (day, f"{day}T{time}Z", time, f"+1212555{secrets.randbelow(10_000):04d}")
    for digits in (9, 6, 4, 2, 1):
        number = secrets.randbelow(10**digits)
        yield from (number, str(number), -number)
    yield from (column.config.get("min"), column.config.get("max"), secrets.token_hex(3), secrets.token_hex(1), True)
    yield secrets.choice("abcdefghijklmnopqrstuvwxyz")
    yield from column_types.get(column.type).examples
