"""How values read in lists and on pages."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dynamic_crud.templatetags.records import grouped


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
