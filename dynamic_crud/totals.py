"""How many rows a list has: counted up to a limit, and above it what PostgreSQL's planner expects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

COUNTED_AT_MOST: Final = 10_000
"""Above this many rows, nobody waits for the exact number."""


@dataclass(frozen=True, slots=True)
class Total:
    """A number of rows.

    Args:
        number: how many; of many rows about how many, and never fewer than are known.
        is_exact: whether they were counted.
    """

    number: int
    is_exact: bool = True


def count_rows(rows: QuerySet[Any]) -> Total:
    """How many rows the query finds, without ever counting more than `COUNTED_AT_MOST`. Call it inside the door."""
    plain = rows.order_by()
    counted = plain[: COUNTED_AT_MOST + 1].count()
    if counted <= COUNTED_AT_MOST:
        return Total(counted)
    (plan,) = json.loads(plain.explain(format="json"))
    return Total(max(counted, _round(int(plan["Plan"]["Plan Rows"]))), is_exact=False)


def _round(number: int) -> int:
    """Two digits that count, and zeros: more would look as if it were known."""
    unit = 10 ** max(0, len(str(number)) - 2)
    return round(number / unit) * unit
