"""Values that break careless software, by their shape in JSON: every type gets those of its shapes, a new one too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from schemas.column_types import ColumnType

TEXTS: Final = [
    # Markup, quotes, formulas, templates, SQL
    "O'Hara \"says\" `hi` \\ \\' '' \"\"", "Robert'); DROP TABLE everything;--", "{{ 7*7 }} {% debug %} %s %(x)s",
    "<script>alert(1)</script>", '<p onclick="alert(1)">a &amp; b</p>', "=1+1", "''=1+1", "'", "-2+3", "@SUM(A1)",
    "a,b;c\td|e", '"a","b"', "a\nb", "a\r\nb", "a\rb",
    # Unicode: every plane, right to left, combining, joined, invisible, private, unassigned
    "\u05e9\u05dc\u05d5\u05dd \u202eabc\u202c", "\U0001f469\u200d\U0001f467",
    "e\u0301\u0323 \u1e69\u00df\u0130\u0131\ufb03",
    "\ufeff\u200b\u2028\u2029", "\U00020000\U00030000\U000e0041\U0010fffd", "\uffff\ufffe\ufdd0", "\u00a0\u3000x\u3000",
    # Control characters
    "".join(map(chr, range(1, 32))) + "x\x7f\x85", "a\0b",
    # Nothing, and too much
    " ", " x ", "x" * 90_000, "x" * 1_000_000, " " * 50_000 + "x", "(" * 5_000, "\n" * 5_000 + "x",
    # Numbers
    "NaN", "-Infinity", "1e400", "-0", "99999999999999999999999999999999999999", "1_000", "0x10", "\u0663",
    # Dates, times, durations
    "0001-01-01", "9999-12-31", "0000-01-01", "10000-01-01", "2026-02-30", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "00:00:00",
    "23:59:59.999999", "24:00:00", "366000 00:00:00", "366000 00:00:01", "999999999 23:59:59",
    "1h 30m", "-1 d", "P1Y", "1:30:00",
    # Addresses, numbers, ids
    "a@b.co", "a b@c.de", '"a b"@c.de', "javascript:alert(1)", "HTTPS://\u00e4.de/\u00e4?a=b#c",
    "+1 (555) 010-9999", "020 7946 0018 x12", "00000000-0000-0000-0000-000000000000",
    "{6FA459EA-EE8A-3CA4-894E-DB77E160355E}", "6fa459ea-ee8a-3ca4-894e-db77e16035",
]  # fmt: skip

SHAPES: Final[dict[type, list[Any]]] = {
    str: TEXTS,
    int: [0, -1, 5, 11, 2**31, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 10**40],
    float: [0.1, -0.0, 1e308, 5e-324, 1.005, 1e22],
    bool: [True, False],
    list: [[], [""], [None], ["a", "a"], [["a"]], [{}], [1, True, 0.5], ["x" * 1_000_000], ["nobody"] * 300],
    dict: [{}, {"": ""}, {"a\0": 1}, {"a": {"b": [None, {"c": "\U0001f600"}]}}, {"id": "x"}, {"a": "a\0b"}],
}


def values_of(kind: ColumnType) -> Iterator[Any]:
    """The type's own examples, and what else has one of its shapes."""
    yield from kind.examples
    for shape in kind.json_types:
        yield from SHAPES[shape]
