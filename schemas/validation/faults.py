"""What a machine can do about a column's faults without guessing."""

from __future__ import annotations

import re
from typing import Final

from schemas.column_types import column_types
from schemas.column_types.base import Fault
from schemas.problems import Code, Edit, Put, Remove
from schemas.validation.outline import ColumnOutline
from schemas.validation.texts import trimmed_option

_OPTION: Final = re.compile(r"options\[(\d+)\]\.(\w+)")
_SURE_TYPES: Final = (bool, int)
"""What a default that was written as text can only mean."""


def mend_of_fault(outline: ColumnOutline, fault: Fault) -> tuple[Edit, ...]:
    """The edits that mend a fault; none where they would be a guess."""
    path = f"{outline.path}.{fault.key}"
    if fault.code == Code.REQUIRED_SET_NULL:
        return (Put(path, "restrict"),)
    if fault.code == Code.INVALID_DEFAULT:
        return _literal(outline, path)
    found = _OPTION.fullmatch(fault.key)
    if found is None:
        return ()
    options = outline.column.config["options"]
    option = options[int(found[1])]
    if fault.code == Code.INVALID_OPTION and found[2] == "value" and _is_only_padded(option.get("value")):
        return trimmed_option(outline, int(found[1]))
    if fault.code == Code.UNKNOWN_KEY and not option[found[2]]:
        return (Remove(path),)
    if fault.code == Code.DUPLICATE_OPTION and option in options[: int(found[1])]:
        return (Remove(path.removesuffix(".value")),)
    return ()


def _is_only_padded(value: object) -> bool:
    return isinstance(value, str) and value != value.strip()


def _literal(outline: ColumnOutline, path: str) -> tuple[Edit, ...]:
    """A number, or true or false, that stands in quotes."""
    column = outline.column
    kind = column_types.get(column.type)
    if not isinstance(column.default, str) or not set(kind.json_types) & set(_SURE_TYPES):
        return ()
    try:
        value = kind.parse(column, column.default)
    except ValueError:
        return ()
    return (Put(path, value),) if type(value) in _SURE_TYPES else ()
