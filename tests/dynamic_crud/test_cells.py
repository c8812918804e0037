"""How values read in lists and on pages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from dynamic_crud.wording import grouped, title_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1962, "1962"),
        (43560, "43,560"),
        (-1234567, "-1,234,567"),
        (0, "0"),
        (Decimal("2.00"), "2"),
        (Decimal("2.50"), "2.5"),
        (Decimal("12000.50"), "12,000.5"),
        (Decimal("100.00"), "100"),
        (Decimal("1E+5"), "100,000"),
    ],
)
def test_a_number_reads_as_people_write_it(value: Decimal | int, text: str) -> None:
    assert grouped(value) == text


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (dt.datetime(2026, 11, 24, 11, 30, tzinfo=dt.UTC), "", "Nov 24, 2026, 11:30 UTC"),
        (dt.date(2026, 11, 4), "", "Nov 4, 2026"),
        (dt.time(9, 5), "", "09:05"),
        (Decimal("465000.00"), "USD", "$465,000.00"),
        (Decimal("-1200.50"), "CHF", "-CHF 1,200.50"),
        (Decimal("12.50"), "", "12.5"),
        (10204, "", "10204"),
        (True, "", "Yes"),
        ("Ada", "", "Ada"),
    ],
)
def test_a_title_reads_as_its_cell_does(value: Any, currency: str, text: str) -> None:
    assert title_text(value, currency) == text
