"""New rows of a table, in one statement: PostgreSQL reads their values from JSON, each as its column's type.

Django would make an expression of every value, which takes longer than all the rest of a large insert.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

from django.db.models import Expression

from core import sql
from core.tenancy import Door
from dynamic_crud.resources import Resource
from schemas.column_types.attachment import FilesField
from schemas.column_types.multi_select import ChosenField

_INSERT: Final[LiteralString] = (
    "insert into {table} ({columns}) select {columns} from json_populate_recordset(null::{table}, {rows}::json)"
)


def insert_rows(door: Door, resource: Resource, rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """Stores new rows and returns their ids in the same order.

    Args:
        door: the open door.
        resource: the table.
        rows: validated values by column. What is left out gets the column's DEFAULT. Work that may be done again
            names each row's `id` too, so that it cannot add it twice.
    """
    ids = [values.get("id") or uuid4() for values in rows]
    # Of these an empty list is stored as null: there is one way to say that there is nothing.
    lists = {item.column.name for item in resource.fields if isinstance(item.model_field, FilesField | ChosenField)}
    alike: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for pk, values in zip(ids, rows, strict=True):
        given = {
            name: value or None if name in lists else value
            for name, value in values.items()
            if name != "id" and not isinstance(value, Expression)
        }
        alike["id", *given].append({"id": pk, **given})
    for names, group in alike.items():
        statement = sql.format(
            _INSERT,
            table=sql.identifier(resource.table.name),
            columns=sql.identifiers(names),
            rows=sql.PARAMETER,
        )
        with door.connection.cursor() as cursor:
            cursor.execute(sql.statement(statement), [json.dumps(group, default=_written, ensure_ascii=False)])
    return ids


def _written(value: Any) -> str:
    """A value that JSON has no form for, as PostgreSQL reads it whatever its settings are."""
    match value:
        case timedelta():
            return f"{value.days} day {value.seconds} second {value.microseconds} microsecond"
        case datetime() | date() | time():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
    raise TypeError(f"A value of the type {type(value).__name__} cannot be stored.")
