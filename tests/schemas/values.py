"""Values that are hard on whatever stores, shows or converts them, by type, for the type's example column."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from schemas.column_types import ColumnType
from schemas.document import Json


@dataclass(frozen=True)
class Hard:
    """Values of one type.

    Args:
        accepted: values in JSON that the example column takes, at its limits and beyond what one expects.
        refused: values in JSON that it does not.
        refused_by_postgresql: values that PostgreSQL itself does not let in, in its own notation.
    """

    accepted: tuple[Json, ...] = ()
    refused: tuple[Json, ...] = ()
    refused_by_postgresql: tuple[str, ...] = ()


TEXTS: Final = (
    'O\'Hara said "no" \\ %s {x} $1 $$ ` ; -- /* */',
    "<b>&amp;</b> <script>alert(1)</script>",
    "\u202e\u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0639\u0631\u0628\u064a\u0629\u202c",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001d11e \U000e0041 \U0010fffd",
    "e\u0301 \u00e9 \u00df \u0130 \ufb01",
    "\x01\x02\x08\x1b\x1f\x7f\x85",
    "tab\there, line\nbreak, return\r\nboth, \u2028 and \u2029",
    "\ufeff \u00a0 \u3000 \u200b",
    " leading and trailing ",
    "=1+1,\"quoted\",'too'",
    "null",
    "NaN",
    "true",
    "1",
    "-12.50",
    "2026-11-20",
    "2026-11-20T12:30:00+02:00",
    "2026-11-20 24:00",
    "23:59",
    "-1 23:59:59.000001",
    "6fa459ea-ee8a-3ca4-894e-db77e160355e",
    "ada@example.com",
    " https://example.com/a?b=c#d ",
    "+1 (555) 010-9999",
    "+49 (0)30 123456",
    "Open",
    "open, closed",
    '{"a": [1, "two", null]}',
    "infinity",
    "today",
    "1/2/2026",
    "1_000",
    "0x1F",
    "1e400",
    "9" * 40,
    "[" * 120 + "]" * 120,
    "\u0661\u0662",
)
"""Texts that are odd in themselves, or that another type may read."""

_UNSTORABLE: Final = ("a\0b", "\ud800", "half \udfff")
_ID: Final = "6fa459ea-ee8a-3ca4-894e-db77e160355e"
_FILE: Final = {"id": _ID, "name": "a.pdf", "size": 0, "type": "application/pdf"}

_NOT_TEXT: Final = (1, 1.5, True, ["a"], {"a": 1})
_NUMBERS: Final = ("NaN", "Infinity", "-inf", "sNaN", "x", "1,5", True, [1], {"a": 1})

_HARD: Final[dict[str, Hard]] = {
    "text": Hard((*TEXTS, "\U0001f600" * 255), ("a" * 256, *_UNSTORABLE, *_NOT_TEXT)),
    "long_text": Hard((*TEXTS, "\U0001f600 line\n" * 12_500), ("a" * 100_001, *_UNSTORABLE, *_NOT_TEXT)),
    "rich_text": Hard(
        (
            "a &lt; b &amp; c &gt; d&nbsp;\U0001f600",
            "<h1>\u05e9\u05dc\u05d5\u05dd</h1><pre>  two\n\nlines</pre><p>O'Hara \"said\"<br>so</p>",
            '<a href="https://example.com/?a=1&amp;b=2" rel="noopener noreferrer nofollow">x</a>',
            "<p>x</p>" * 9_000,
        ),
        ("a" * 100_001, *_UNSTORABLE, *_NOT_TEXT),
    ),
    "integer": Hard((0, -1, 2**63 - 1, -(2**63)), (2**63, -(2**63) - 1, 10**400, 1.5, "1", *_NUMBERS)),
    "decimal": Hard(
        ("9999999999.99", "-9999999999.99", "-0", "0.01", 0.1, 7, "0E+9", "1e9"),
        ("10000000000", "0.001", 1e300, 10**400, "1e999999999", *_NUMBERS),
    ),
    "currency": Hard(("9999999999.99", "-0.01", 0.1), ("10000000000", "0.001", "1e999999999", *_NUMBERS)),
    "percent": Hard(("0", 100, "99.99", 0.5), (-0.01, "100.01", "0.001", *_NUMBERS), ("NaN",)),
    "boolean": Hard((True, False), (0, 1, "true", "x", [], {}), ("x",)),
    "date": Hard(
        ("0001-01-01", "9999-12-31", "2024-02-29"),
        ("2026-02-29", "0000-01-01", "10000-01-01", "infinity", "today", "20.11.2026", 20261120, True, []),
        ("infinity", "-infinity", "0001-01-01 BC", "10000-01-01"),
    ),
    "datetime": Hard(
        (
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z",
            "2026-11-20T12:30:00.000001+14:00",
            "2026-03-29T02:30:00",
        ),
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00", "infinity", "now", "x", 0, True, []),
        ("infinity", "-infinity", "0001-01-01 00:00:00+14", "10000-01-01 00:00:00+00"),
    ),
    "time": Hard(("00:00", "23:59:59.999999"), ("24:00", "23:60", "x", 12, True, []), ("24:00",)),
    "duration": Hard(
        ("00:00:00", "00:00:00.000001", "-1 23:59:59.999999", "366000 00:00:00", "-366000 00:00:00", "1h 30m"),
        ("366000 00:00:01", "-366001 00:00:00", "9" * 400, "99999999999 00:00:00", " " * 999 + "x", "x", 1, True, []),
        ("366001 days", "1100 years"),
    ),
    "email": Hard(
        ("a@b.co", "o'hara+x@ex\u00e4mple.com", "a" * 64 + "@" + "b" * 60 + ".example"),
        ("a@b", "a b@c.de", "@b.co", "a@@b.co", "user@localhost", "a@b.co\n", *_UNSTORABLE, *_NOT_TEXT),
        ("a@b", "a b@c.de", "@b.co", "a@@b.co", "a@b.co\n"),
    ),
    "phone": Hard(
        ("123", "+" + "9" * 39),
        ("12", "call me", "030\n1234", "+" + "9" * 40, *_UNSTORABLE, *_NOT_TEXT),
        ("12", "call me", "030\n1234", "+" + "9" * 40),
    ),
    "url": Hard(
        ("HTTPS://example.com/\u00e4", "http://[::1]:8000/", "https://a.de/" + "x" * 1_987),
        ("javascript:alert(1)", "ftp://a.de", "a.de", "http://a b.de", "http://a.de\n", *_UNSTORABLE, *_NOT_TEXT),
        ("javascript:alert(1)", "ftp://a.de", "http://a b.de", "http://a.de\n"),
    ),
    "select": Hard(("open",), ("Open", "openn", " open", 1, True, [], {}, *_UNSTORABLE), ("Open", "x", "")),
    "multi_select": Hard(
        (["closed", "open"], ["open", "open"]),
        (["Open"], ["open", "x"], [["open"]], [1], [None], [{}], "open", 1, True, {}, ["a\0b"]),
        ("{}", "{x}", "{open,NULL}", "{{open},{closed}}", "{open,open,open}"),
    ),
    "relation": Hard((_ID, _ID.upper()), ("x", 1, True, [], "\ud800")),
    "many_to_many": Hard(([_ID], [_ID, _ID.upper()]), (["x"], [1], _ID, [[_ID]], 1, {})),
    "attachment": Hard(
        (
            [{**_FILE, "name": TEXTS[3], "size": 2**53}],
            [{**_FILE, "id": f"6fa459ea-ee8a-3ca4-894e-db77e160355{i}"} for i in range(10)],
        ),
        (
            [_FILE, _FILE],
            [{**_FILE, "id": _ID.upper()}],
            [{**_FILE, "size": -1}],
            [{**_FILE, "size": 1.5}],
            [{**_FILE, "size": True}],
            [{**_FILE, "name": ""}],
            [{**_FILE, "name": "x" * 201}],
            [{**_FILE, "name": "a\0b"}],
            [{**_FILE, "name": "\ud800"}],
            [{**_FILE, "url": "https://example.com"}],
            [{"id": _ID}],
            [{**_FILE, "id": f"6fa459ea-ee8a-3ca4-894e-db77e16035{i}"} for i in range(10, 21)],
            ["x"],
            [None],
            "x",
            1,
            {},
        ),
        ("[]", "{}", "null", "1", json.dumps([1] * 11)),
    ),
    "rating": Hard((1, 5), (0, 6, 10**40, 2.5, "2", True, [], {}), ("0", "6", "40000")),
    "user": Hard((_ID, _ID.upper()), ("x", 1, True, [], "\ud800"), ("x",)),
    "auto_number": Hard(
        ("INV-1", "inv-0007", "42", " INV-" + "9" * 18), ("INV-", "INV-1.5", "INV--1", "x1", "9" * 19, 1, True, [], {})
    ),
    "json": Hard(
        (
            {"": [None, True, 1.5, -0.0, 2**63, {"\U0001f600": "\x01\u2028\"\\"}]},
            "text",
            "",
            0,
            False,
            {},
            [[[]]],
        ),
        ("a\0b", {"a\0": 1}, {"\ud800": 1}, ["\udc00"], float("nan"), [float("inf")]),
    ),
    "uuid": Hard((_ID, _ID.upper(), f"{{{_ID}}}"), ("x", _ID[:-1], 1, True, [], "\ud800"), ("x",)),
}  # fmt: skip


def hard(kind: ColumnType) -> Hard:
    """The values of a type; of a type that is not listed here its examples."""
    found = _HARD.get(kind.key, Hard())
    return Hard((*kind.examples, *found.accepted), found.refused, found.refused_by_postgresql)
