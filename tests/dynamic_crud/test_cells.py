"""How values read in lists and on pages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from dynamic_crud.wording import grouped, title_reader
from schemas.document import Column, Json


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


OPEN = {"options": [{"value": "open", "label": "Still open"}, {"value": "won", "label": "Won"}]}


@pytest.mark.parametrize(
    ("type_key", "config", "value", "text"),
    [
        ("datetime", {}, dt.datetime(2026, 11, 24, 11, 30, tzinfo=dt.UTC), "Nov 24, 2026, 11:30 UTC"),
        ("date", {}, dt.date(2026, 11, 4), "Nov 4, 2026"),
        ("time", {}, dt.time(9, 5), "09:05"),
        ("duration", {}, dt.timedelta(days=2, hours=3), "2 d 3 h"),
        ("currency", {"currency": "USD"}, Decimal("465000.00"), "$465,000.00"),
        ("currency", {"currency": "CHF"}, Decimal("-1200.50"), "-CHF 1,200.50"),
        ("decimal", {}, Decimal("12.50"), "12.5"),
        ("integer", {}, 10204, "10204"),
        ("boolean", {}, True, "Yes"),
        ("text", {}, "Ada", "Ada"),
        ("rich_text", {}, "<p>Ada &amp; <strong>Bo</strong></p>", "Ada & Bo"),
        ("select", OPEN, "open", "Still open"),
        ("multi_select", OPEN, ["open", "won"], "Still open, Won"),
        ("attachment", {}, [{"name": "a.pdf"}, {"name": "b.png"}], "a.pdf, b.png"),
    ],
)
def test_a_title_reads_as_its_cell_does(type_key: str, config: dict[str, Json], value: Any, text: str) -> None:
    assert title_reader(Column("c_x", "x", type_key, config=config))(value) == text
