"""Which column of a table each column of a file is: by its name or label, or as people choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from core.errors import Conflict
from dynamic_crud.resources import Resource, ResourceField
from schemas.document import SYSTEM_COLUMNS

LEFT_OUT: Final = ""
"""What stands for no column."""

WRONG: Final = "What is wrong"
"""The column of a file of refused lines that says why; no column of a table is meant by it."""

_LABEL: Final = " (label)"
_TITLES: Final = ("name", "title")
"""What people call a column by which they know a record."""

Matching = Sequence[str]
"""The id of a table's column for each column of a file. Ids outlive renaming."""


def importable(resource: Resource) -> list[ResourceField]:
    """The columns that values can be imported into: all but those that PostgreSQL numbers."""
    return [item for item in resource.fields if not item.type.numbered]


def suggested(resource: Resource, header: Sequence[str]) -> list[str]:
    """The columns that a file's own names mean, each at most once: exact names first, then labels and like names.

    A column that is called `Name` or the like is the table's title, where the table has no column of that name.
    """
    found = [LEFT_OUT] * len(header)
    for known in (_by_name(resource), _by_likeness(resource), _by_meaning(resource)):
        for place, name in enumerate(header):
            bare = name.removesuffix(_LABEL)  # a column of labels means the relation where the file has no ids of it
            means = known.get(bare) or known.get(_plain(bare))
            if means and found[place] == LEFT_OUT and means not in found and not note(resource, name, header):
                found[place] = means
    return found


def note(resource: Resource, name: str, header: Sequence[str]) -> str:
    """Why a column of a file is none to import, in a few words; empty where it may be one."""
    if name == WRONG:
        return "What was wrong with these lines before."
    if name in SYSTEM_COLUMNS:
        return "Every record gets its own."
    numbered = {item.column.name for item in resource.fields if item.type.numbered}
    if name in numbered:
        return "Counts up by itself."
    pointing = {f"{item.name}{_LABEL}": item.column.name for item in resource.expandable}
    if pointing.get(name) in header:
        return f"Only information: {pointing[name]} says what it points to."
    return ""


def matched(resource: Resource, matching: Matching) -> dict[int, ResourceField]:
    """The table's columns by their places in the file.

    Raises:
        Conflict: when one of them is gone, because the table was changed meanwhile.
    """
    known = {item.column.id: item for item in importable(resource)}
    if any(each not in known for each in matching if each != LEFT_OUT):
        detail = f"The columns of {resource.table.label_plural} were changed meanwhile. Match the columns again."
        raise Conflict(detail, code="columns_changed")
    return {place: known[each] for place, each in enumerate(matching) if each != LEFT_OUT}


def complaints(resource: Resource, matching: Matching, header: Sequence[str]) -> Iterator[str]:
    """What keeps a matching from being used, in sentences."""
    found = matched(resource, matching)
    for item in importable(resource):
        names = [f'"{header[place]}"' for place, each in found.items() if each == item]
        if len(names) > 1:
            yield f"{item.column.title} can have the values of one column, not of {' and '.join(names)}."
        elif not names and item.column.required and item.column.default is None:
            yield f"{item.column.title} is required: choose the column that has its values."
    if not found:
        yield "Choose at least one column to import."


def _by_name(resource: Resource) -> dict[str, str]:
    return {item.column.name: item.column.id for item in importable(resource)}


def _by_likeness(resource: Resource) -> dict[str, str]:
    """Names and labels without what people write in many ways. What could mean two columns means none."""
    known: dict[str, set[str]] = {}
    for item in importable(resource):
        for text in (item.column.name, item.column.title, item.name):
            known.setdefault(_plain(text), set()).add(item.column.id)
    return {text: next(iter(ids)) for text, ids in known.items() if len(ids) == 1}


def _by_meaning(resource: Resource) -> dict[str, str]:
    title = resource.title_field
    is_written = title is not None and title in importable(resource)
    return dict.fromkeys(_TITLES, title.column.id) if title and is_written else {}


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
