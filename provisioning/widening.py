"""Which changes of a PostgreSQL type keep every value."""

from __future__ import annotations

import re

_NUMERIC = re.compile(r"numeric\((\d+), ?(\d+)\)\Z")


def is_widening(before: str, after: str) -> bool:
    """Whether every value of `before` is a value of `after`: no fewer digits on either side of the point."""
    old, new = _NUMERIC.match(before), _NUMERIC.match(after)
    if not old:
        return False
    if not new:
        return after == "numeric"
    old_precision, old_scale = map(int, old.groups())
    new_precision, new_scale = map(int, new.groups())
    return new_scale >= old_scale and new_precision - new_scale >= old_precision - old_scale


def is_rewrite(before: str, after: str) -> bool:
    """Whether PostgreSQL copies the table for such a change: not when the number of decimal places stays."""
    old, new = _NUMERIC.match(before), _NUMERIC.match(after)
    return old is not None and new is not None and new.group(2) != old.group(2)
