"""The indexes that every list needs, in the product and in what it exports."""

from __future__ import annotations

from typing import Final, LiteralString

from core import sql

_ORDERS: Final[dict[tuple[str, ...], LiteralString]] = {
    ("user_id", "created_at"): "user_id, created_at desc",
    ("created_at", "id"): "created_at desc, id desc",
}

LIST_INDEXES: Final = tuple(_ORDERS)
"""The columns of both: for lists of own rows, newest first, which serves the policies that ask for `user_id` as well;
and for lists of all rows, which are counted by it too."""


def order_sql(names: tuple[str, ...]) -> sql.Composable:
    """The columns of an index, each with its direction."""
    order = _ORDERS.get(names)
    return sql.identifiers(names) if order is None else sql.SQL(order)
