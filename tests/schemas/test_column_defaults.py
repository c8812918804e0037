"""What single types say about their defaults."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from core import sql
from schemas.column_types import column_types
from schemas.document import Column, Json
from schemas.problems import Code


@pytest.mark.parametrize(
    ("type_key", "default", "expected"),
    [
        ("text", "it's \\ {x}", " E'it''s \\\\ {x}'"),
        ("date", "today", "current_date"),
        ("datetime", "now", "now()"),
        ("uuid", "uuid", "gen_random_uuid()"),
        ("date", "2026-11-20", "'2026-11-20'::date"),
        ("boolean", False, "false"),
        ("currency", "9.90", "9.90"),
        ("json", {"b": 1, "a": "it's"}, '\'{"a": "it\'\'s", "b": 1}\'::jsonb'),
        ("user", "current_user", "auth.uid()"),
        ("duration", "1h 30m", "'1:30:00'::interval"),
        ("rich_text", "<p onclick=x>it's</p>", "'<p>it''s</p>'"),
    ],
)
def test_a_default_is_a_typed_literal_or_a_known_function(type_key: str, default: Json, expected: str) -> None:
    kind = column_types.get(type_key)

    default_sql = kind.default_sql(Column("c_x", "x", type_key, default=default))

    assert default_sql is not None
    assert sql.text(default_sql) == expected


@pytest.mark.parametrize(
    ("type_key", "default"), [("text", 5), ("date", "now()"), ("integer", "0); drop schema x; --")]
)
def test_no_sql_in_a_default_ever_runs(type_key: str, default: Json) -> None:
    faults = list(column_types.get(type_key).faults(Column("c_x", "x", type_key, default=default)))

    assert [fault.code for fault in faults] == [Code.INVALID_DEFAULT]


def test_a_default_is_offered_to_forms_as_a_python_value() -> None:
    assert column_types.get("currency").initial(Column("c", "x", "currency", default="9.90")) == Decimal("9.90")
    assert column_types.get("date").initial(Column("c", "x", "date", default="today")) == dt.datetime.now(dt.UTC).date()
    assert column_types.get("text").initial(Column("c", "x", "text")) is None
