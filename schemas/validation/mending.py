"""Mends a schema document as far as nobody has to guess what its author meant.

Each problem carries its own edits; here they are carried out in the document as it was written, shorthands and all,
until no edit is left. The document is judged anew after every round, because mending can bring further problems to
light.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from schemas.document import Json
from schemas.problems import Code, Edit, Problem, Put, Remove, Rename, Validation
from schemas.validation import validate, validate_text
from schemas.validation.places import Steps, find, put, remove, steps_of

MAX_ROUNDS: Final = 200
"""A round mends as many problems as a report names, so this is never reached by a document of the usual size."""

_UNREADABLE: Final = (Code.NOT_JSON, Code.TOO_LARGE, Code.TOO_DEEP)
_END_OF_REFERENCE: Final = r"(\.id| ?\( ?id ?\))?\Z"

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of mending.

    Args:
        data: the document, as its author wrote it but for what was mended.
        mended: the problems that are gone.
        left: the verdict on the document as it is now.
    """

    data: Json
    mended: tuple[Problem, ...]
    left: Validation


def mend(data: Json) -> Mended:
    """Makes every edit that the problems of a document carry. Never raises, and never changes what it is given.

    A document that would have more errors afterwards stays as it is.

    Args:
        data: what `json.loads` made of a document.
    """
    before = validate(data)
    if not any(problem.mend for problem in before.problems):
        return Mended(data, (), before)
    document, left = copy.deepcopy(data), before
    mended: list[Problem] = []
    for _ in range(MAX_ROUNDS):
        done = _mend_round(document, left)
        if not done:
            break
        mended += done
        left = validate(document)
    if not mended or len(left.errors) > len(before.errors):
        return Mended(data, (), before)
    return Mended(document, tuple(mended), left)


@dataclass(frozen=True, slots=True)
class MendedText:
    """What came of mending a document that is still JSON text.

    Args:
        text: the document: the same text if nothing was mended, and empty if it was none.
        mended: the problems that are gone.
        left: the verdict on the text.
    """

    text: str
    mended: tuple[Problem, ...]
    left: Validation


def mend_text(text: bytes) -> MendedText:
    """As `mend`, for JSON text. What is mended is written with two spaces a level, its keys in their order."""
    verdict = validate_text(text)
    if any(problem.code in _UNREADABLE for problem in verdict.problems):
        return MendedText("", (), verdict)
    result = mend(json.loads(text)) if any(problem.mend for problem in verdict.problems) else None
    if result is None or not result.mended:
        return MendedText(text.decode(json.detect_encoding(text)), (), verdict)
    written = json.dumps(result.data, indent=2, ensure_ascii=text.isascii() or not _is_encodable(result.data))
    return MendedText(f"{written}\n", result.mended, validate_text(f"{written}\n"))


def _is_encodable(data: Json) -> bool:
    """Whether no text in the data has half of a character."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _mend_round(document: Json, verdict: Validation) -> list[Problem]:
    """Carries out the edits of all problems: first those that leave every place where it is, then the removals."""
    done: set[int] = set()
    removals: list[tuple[Steps, int]] = []
    for number, problem in enumerate(verdict.problems):
        removals += [(steps_of(edit.path), number) for edit in problem.mend if isinstance(edit, Remove)]
        kept = [edit for edit in problem.mend if not isinstance(edit, Remove)]
        carried_out = [_carry_out(document, edit) for edit in kept]
        if kept and all(carried_out):
            done.add(number)
    for steps, number in sorted(removals, key=lambda item: _place_key(item[0]), reverse=True):
        if remove(document, steps):
            done.add(number)
    return [problem for number, problem in enumerate(verdict.problems) if number in done]


def _place_key(steps: Steps) -> list[tuple[bool, int, str]]:
    """Sorts places so that the last entry of a list comes last, and what is inside of something after it."""
    return [(isinstance(step, int), step, "") if isinstance(step, int) else (False, 0, step) for step in steps]


def _carry_out(document: Json, edit: Edit) -> bool:
    steps = steps_of(edit.path)
    if isinstance(edit, Put):
        return find(document, steps) != edit.value and put(document, steps, edit.value)
    if not isinstance(edit, Rename) or not isinstance(find(document, steps), str):
        return False
    if len(steps) == len(("tables", 0, "name")) and steps[0] == "tables":
        return _rename_table(document, steps, edit.name)
    return _rename_column(document, steps, edit.name)


def _rename_table(document: Json, steps: Steps, new: str) -> bool:
    """Renames a table, and wherever a relation names it."""
    old = find(document, steps)
    put(document, steps, new)
    for relation in _objects(find(document, ("relationships",))):
        _replace(relation, ("from_table", "to_table"), old, new)
    for table in _objects(find(document, ("tables",))):
        for column in _objects(table.get("columns")):
            _replace(column, ("to_table",), old, new)
            _replace_reference(column, old, new)
    return True


def _replace_reference(column: Entry, old: str, new: str) -> None:
    """`references` says the table as a text such as `Companies(id)`, or in an object."""
    reference = column.get("references")
    if isinstance(reference, str):
        found = re.match(re.escape(old) + _END_OF_REFERENCE, reference)
        column["references"] = new + (found[1] or "") if found else reference
    elif isinstance(reference, dict):
        _replace(reference, ("table",), old, new)


def _rename_column(document: Json, steps: Steps, new: str) -> bool:
    """Renames a column or relation, and wherever its table's hints, indexes and unique sets name it."""
    old = find(document, steps)
    put(document, steps, new)
    entry = find(document, steps[:-1])
    table_name = entry.get("from_table") if steps[0] == "relationships" else find(document, (*steps[:2], "name"))
    for table in _objects(find(document, ("tables",))):
        if table.get("name") == table_name:
            for owner, key in _mentions(table):
                _replace_name(owner, key, old, new)
    return True


def _mentions(table: Entry) -> Iterator[tuple[Any, Any]]:
    """Every place where a table names a column, as what holds it and the key or position in it."""
    hints = table.get("ui_hints")
    if isinstance(hints, dict):
        yield from ((hints, key) for key in ("title_column", "default_sort") if key in hints)
        yield from _positions(hints.get("list_columns"))
    for key in ("indexes", "unique"):
        sets = table.get(key)
        yield from _positions(sets)
        for names in sets if isinstance(sets, list) else ():
            yield from _positions(names.get("columns") if isinstance(names, dict) else names)


def _positions(names: Json) -> Iterator[tuple[list[Json], int]]:
    if isinstance(names, list):
        yield from ((names, position) for position in range(len(names)))


def _replace_name(owner: Any, key: Any, old: str, new: str) -> None:
    if owner[key] == old:
        owner[key] = new
    elif key == "default_sort" and owner[key] == f"-{old}":
        owner[key] = f"-{new}"


def _replace(entry: Entry, keys: tuple[str, ...], old: str, new: str) -> None:
    for key in keys:
        if entry.get(key) == old:
            entry[key] = new


def _objects(value: Json) -> list[Entry]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
