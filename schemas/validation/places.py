"""JSON paths into a document that was given: found in it as its author wrote it, and changed there."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from schemas.document import Json
from schemas.validation.report import key_path

Steps = tuple[str | int, ...]
"""The keys and positions that lead to a place from the whole document."""

_STEP: Final = re.compile(r'\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]')
_OTHER_NAMES: Final = {
    "options": ("choices", "values", "enum"), "help_text": ("description", "comment"), "to_table": ("references",),
}  # fmt: skip
"""What authors may call a setting instead (schemas/shorthands.py and schemas/column_types/options.py)."""

_LEFT_OUT: Final = ("columns", "value")
"""Keys of objects for which a shorthand writes the list or text under that key alone."""


def steps_of(path: str) -> Steps:
    """The steps of a JSON path such as `$.tables[0].name`."""
    found: list[str | int] = []
    for key, position, quoted in _STEP.findall(path):
        found.append(int(position) if position else json.loads(quoted) if quoted else key)
    return tuple(found)


def path_of(steps: Sequence[str | int]) -> str:
    """The JSON path of steps."""
    path = "$"
    for step in steps:
        path = f"{path}[{step}]" if isinstance(step, int) else key_path(path, step)
    return path


def as_written(document: Json, path: str) -> str:
    """The path of a written-out document in one that uses shorthands, as far as it leads there."""
    node, written = document, list[str | int]()
    for step in steps_of(path):
        if step in _LEFT_OUT and isinstance(node, list | str):
            continue
        if isinstance(step, int) and isinstance(node, str):
            continue
        if isinstance(step, int) and isinstance(node, dict) and "columns" in node:
            written.append("columns")
            node = node["columns"]
        if isinstance(node, dict) and isinstance(step, str) and step not in node:
            step = next((name for name in _OTHER_NAMES.get(step, ()) if name in node), step)
        written.append(step)
        node = find(node, (step,))
    return path_of(written)


def find(document: Json, steps: Sequence[str | int]) -> Json:
    """What stands at a place; None where nothing does."""
    node = document
    for step in steps:
        if isinstance(node, dict):
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return None
    return node


def put(document: Json, steps: Steps, value: Json) -> bool:
    """Puts a value at a place, and says whether there is one. An object above it is made where it is missing."""
    if not steps:
        return False
    *above, last = steps
    owner = find(document, above)
    if owner is None and above and isinstance(above[-1], str) and isinstance(last, str):
        owner = {}
        if not put(document, tuple(above), owner):
            return False
    if not _has_place(owner, last):
        return False
    owner[last] = value
    return True


def remove(document: Json, steps: Steps) -> bool:
    """Removes what stands at a place, and says whether anything did."""
    *above, last = steps or ("",)
    owner = find(document, above)
    if not _has_place(owner, last) or (isinstance(owner, dict) and last not in owner):
        return False
    del owner[last]
    return True


def _has_place(owner: Json, step: str | int) -> bool:
    if isinstance(owner, list):
        return isinstance(step, int) and step < len(owner)
    return isinstance(owner, dict) and isinstance(step, str)
