"""What single types say about their limits."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core.exceptions import ValidationError

from core import sql
from schemas.column_types import ColumnType, column_types
from schemas.document import Column, Json
from schemas.problems import Code

FILES = [
    {"id": str(UUID(int=number)), "name": "Lease.pdf", "size": 3, "type": "application/pdf"} for number in range(1, 4)
]


def checks(kind: ColumnType, column: Column) -> list[str]:
    return [sql.text(check) for check in kind.checks(column)]


@pytest.mark.parametrize(
    ("type_key", "config", "accepted", "refused"),
    [
        ("text", {"max_length": 3}, ["abc", "\U0001f600" * 3], ["abcd", "a\0b", "\ud800"]),
        ("long_text", {"max_length": 3}, ["a\nb"], ["abcd", "a\0b"]),
        ("integer", {"min": 1, "max": 3}, [1, 3], [0, 4, 1.5, True, "2", 2**63]),
        ("integer", {}, [2**63 - 1, -(2**63)], [2**63, -(2**63) - 1]),
        ("decimal", {"precision": 4, "scale": 2}, ["12.34", 0.1, 7], ["123.45", "1.234", "NaN", "Infinity", True, "x"]),
        ("percent", {}, [0, 100, "12.5"], [-1, 101, "0.001"]),
        ("currency", {}, ["9999999999.99"], ["10000000000", "0.001"]),
        ("boolean", {}, [True], [1, "true", "x"]),
        ("date", {}, ["2026-02-28"], ["2026-02-30", "0000-01-01", "10000-01-01", "infinity", 20260228]),
        ("datetime", {}, ["2026-02-28T10:00:00+02:00"], ["0001-01-01T00:00:00+14:00", "infinity", "x"]),
        ("time", {}, ["23:59:59"], ["24:00", "x"]),
        ("email", {}, ["a@b.co"], ["a@b", "a b@c.de", '"a b"@c.de', "user@localhost", "a@b.co\n"]),
        ("url", {}, ["HTTPS://a.de/ä"], ["javascript:alert(1)", "ftp://a.de", "a.de", "http://a b.de"]),
        ("phone", {}, ["+49 30 1234567", "(030) 12-34"], ["call me", "12", "+" * 41]),
        (
            "phone",
            {"country": "DE"},
            ["030 1234567", "+1 (555) 010-9999"],
            ["1", "030 1234567 x12", "+49" + "1" * 15, "a\0b"],
        ),
        ("phone", {"country": "US", "max_length": 12}, ["+1 555 010 9999"], ["+49 1512 3456789"]),
        ("rich_text", {"max_length": 8}, ["<p>a</p>", "a &lt; b"], ["<p>ab</p>", "a && b"]),
        ("rating", {"max": 3}, [1, 3], [0, 4, "2", 2.5]),
        ("multi_select", {"options": [{"value": "a, b"}, {"value": 'c"\n'.strip()}]}, [["a, b", 'c"']], [["a"], ["b"]]),
        ("attachment", {"max_files": 1}, [FILES[:1], []], [FILES[:2]]),
        ("auto_number", {"prefix": "2026 ", "padding": 2}, ["2026 07", "7"], ["2025 07", "x"]),
        ("select", {"options": [{"value": "a"}]}, ["a"], ["b", "A", 1, ""]),
        ("uuid", {}, [str(UUID(int=1))], ["x", 1]),
        ("json", {}, [{"a": [1]}, "x", 0, False], ["a\0b", {"a\0": 1}, float("nan"), ["\udc00"]]),
    ],
)
def test_a_value_is_accepted_or_refused_by_value_and_model_field_alike(
    type_key: str, config: Json, accepted: list[Json], refused: list[Json]
) -> None:
    kind = column_types.get(type_key)
    column = Column("c_x", "x", type_key, config=config)
    for data in accepted:
        kind.model_field(column).run_validators(kind.value(column, data))
    for data in refused:
        if data == "":
            with pytest.raises(ValidationError):
                kind.model_field(column).clean(data, None)
        else:
            with pytest.raises(ValueError, match=r"\w"):
                kind.value(column, data)


@pytest.mark.parametrize(
    ("type_key", "config", "expected"),
    [
        ("text", {"max_length": 3}, ['char_length("x") <= 3']),
        ("integer", {"min": 1, "max": 3}, ['"x" >= 1', '"x" <= 3']),
        ("decimal", {"min": "0.5"}, ['"x" >= 0.5']),
        ("percent", {"max": None}, ['"x" >= 0']),
        ("rating", {"max": 3}, ['"x" between 1 and 3']),
        ("select", {"options": [{"value": "a"}, {"value": "it's"}]}, ["\"x\" in ('a', 'it''s')"]),
        ("phone", {"country": "DE"}, ['char_length("x") <= 40', r""""x" ~  E'\\A[+][1-9][0-9]{2,14}\\Z'"""]),
        ("attachment", {"max_files": 2}, ['jsonb_typeof("x") = \'array\' and jsonb_array_length("x") between 1 and 2']),
        (
            "multi_select",
            {"options": [{"value": "a"}, {"value": "it's"}]},
            [
                "\"x\" <@ array['a', 'it''s']::text[]",
                'array_ndims("x") = 1 and cardinality("x") between 1 and 2',
            ],
        ),
        (
            "duration",
            {},
            ["\"x\" between '-366000 days 0:00:00'::interval and '366000 days 0:00:00'::interval"],
        ),
    ],
)
def test_limits_are_checked_by_postgresql_too(type_key: str, config: Json, expected: list[str]) -> None:
    kind = column_types.get(type_key)

    assert checks(kind, Column("c_x", "x", type_key, config=config)) == expected


@pytest.mark.parametrize(
    ("type_key", "config", "code", "key"),
    [
        ("text", {"max_length": 0}, Code.INVALID_SETTING, "max_length"),
        ("text", {"max_length": True}, Code.INVALID_SETTING, "max_length"),
        ("decimal", {"precision": 4, "scale": 5}, Code.INVALID_SETTING, "scale"),
        ("decimal", {"min": 2, "max": 1}, Code.INVALID_SETTING, "min"),
        ("integer", {"max": "many"}, Code.INVALID_SETTING, "max"),
        ("currency", {"currency": "usd"}, Code.INVALID_SETTING, "currency"),
        ("rating", {"max": 11}, Code.INVALID_SETTING, "max"),
        ("select", {}, Code.INVALID_OPTION, "options"),
        ("select", {"options": [{"value": " a"}]}, Code.INVALID_OPTION, "options[0].value"),
        ("select", {"options": [{"value": "a"}, {"value": "A"}]}, Code.DUPLICATE_OPTION, "options[1].value"),
        ("select", {"options": [{"value": "a", "icon": "x"}]}, Code.UNKNOWN_KEY, "options[0].icon"),
        ("multi_select", {"options": []}, Code.INVALID_OPTION, "options"),
        ("integer", {"max": "1e999999999"}, Code.INVALID_SETTING, "max"),
        ("integer", {"min": "1_000"}, Code.INVALID_SETTING, "min"),
        ("phone", {"country": "de"}, Code.INVALID_SETTING, "country"),
        ("attachment", {"max_files": 0}, Code.INVALID_SETTING, "max_files"),
        ("attachment", {"accept": ["image/*", "image/*"]}, Code.INVALID_SETTING, "accept"),
        ("attachment", {"accept": ["*/*"]}, Code.INVALID_SETTING, "accept"),
        ("attachment", {"accept": [".docx\n"]}, Code.INVALID_SETTING, "accept"),
        ("auto_number", {"prefix": "INV\n"}, Code.INVALID_SETTING, "prefix"),
        ("auto_number", {"padding": 13}, Code.INVALID_SETTING, "padding"),
        ("rich_text", {"max_length": 0}, Code.INVALID_SETTING, "max_length"),
        ("relation", {"to_table": "a", "relation": "many_to_many"}, Code.INVALID_RELATION, "relation"),
        ("relation", {"to_table": "a", "on_delete": "explode"}, Code.INVALID_ON_DELETE, "on_delete"),
    ],
)
def test_a_faulty_setting_is_named(type_key: str, config: Json, code: str, key: str) -> None:
    kind = column_types.get(type_key)

    faults = list(kind.faults(Column("c_x", "x", type_key, config=config)))

    assert [(fault.code, fault.key) for fault in faults] == [(code, key)]
