"""How many rows a list has: counted up to a limit, and above it what PostgreSQL's planner expects.

Whoever sees a part of the rows has all of them counted: the planner knows the rows of all people, and its estimate
would tell of those of others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.db import connections
from django.db.models import QuerySet

from core import sql
from core.tenancy import SEES_OWN_ROWS

COUNTED_AT_MOST: Final = 10_000
"""Above this many rows, nobody who sees all of them waits for the exact number."""


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
    """How many rows the query finds, or about how many. Call it inside the door."""
    plain = rows.order_by()
    counted = plain[: COUNTED_AT_MOST + 1].count()
    if counted <= COUNTED_AT_MOST:
        return Total(counted)
    if _sees_own_rows(rows.db):
        return Total(plain.count())
    return estimated(counted, json.loads(plain.explain(format="json")))


def estimated(counted: int, plans: Any) -> Total:
    """About how many rows there are, where they are more than are counted.

    Args:
        counted: how many are known.
        plans: what EXPLAIN says of the query, read from its JSON.
    """
    (plan,) = plans
    return Total(max(counted, _round(int(plan["Plan"]["Plan Rows"]))), is_exact=False)


def _sees_own_rows(alias: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql.format("select {own}", own=sql.SQL(SEES_OWN_ROWS)))
        return bool(cursor.fetchone()[0])


def _round(number: int) -> int:
    """Two digits that count, and zeros: more would look as if it were known."""
    unit = 10 ** max(0, len(str(number)) - 2)
    return round(number / unit) * unit
