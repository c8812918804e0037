"""What differs between two versions of a table as a whole: each fact in words, with what it does to what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from schemas.document import Table, UIHints
from schemas.impact import Difference, Impact, quoted

_ACCESS: Final[Mapping[str, str]] = {
    "private": "members see only their own records",
    "project": "every member of the project sees and changes all records",
}


def table_differences(before: Table, after: Table) -> Iterator[Difference]:
    """What differs apart from the name, the columns themselves and sets of them; nothing for equal tables.

    Whatever follows from a column that is renamed, new or gone is no difference: that change says it.

    Args:
        before: the table as it was.
        after: the same table as it will be.
    """
    if before.access != after.access:
        yield Difference(_ACCESS.get(after.access, f"access {quoted(after.access)}"), Impact.STRUCTURAL)
    if before.description != after.description:
        words = "another description" if after.description else "no description any more"
        yield Difference(words, Impact.COSMETIC)
    yield from _hint_differences(before, after)
    if _reordered(before, after):
        yield Difference("columns in another order", Impact.COSMETIC)


def named_anew(hints: UIHints, names: Mapping[str, str]) -> UIHints:
    """The hints with other names for their columns; a column whose name becomes empty is no longer named."""
    listed = (names.get(name, name) for name in hints.list_columns)
    sort = hints.default_sort.removeprefix("-")
    new_sort = names.get(sort, sort)
    return replace(
        hints,
        title_column=names.get(hints.title_column, hints.title_column),
        list_columns=tuple(name for name in listed if name),
        default_sort=f"{'-' if hints.default_sort.startswith('-') else ''}{new_sort}" if new_sort else "",
    )


def _hint_differences(before: Table, after: Table) -> Iterator[Difference]:
    names = {column.id: column.name for column in after.columns}
    # As the hints would be if only columns had changed.
    old, new = named_anew(before.ui_hints, {c.name: names.get(c.id, "") for c in before.columns}), after.ui_hints
    for key, words, nothing in (
        ("label", "one record is called {}", "no word of its own for one record"),
        ("label_plural", "several records are called {}", "no word of its own for several records"),
        ("icon", "icon {}", "no icon any more"),
        ("title_column", "records are named by {}", "no column names the records any more"),
        ("default_sort", "lists are sorted by {}", "lists are sorted as usual"),
    ):
        value = getattr(new, key)
        if getattr(old, key) != value:
            yield Difference(words.format(_plain(key, value)) if value else nothing, Impact.COSMETIC)
    if old.list_columns != new.list_columns:
        yield Difference("other columns in lists", Impact.COSMETIC)


def _plain(key: str, value: str) -> str:
    """A hint in a sentence: words in quotation marks, names as they are."""
    if key == "default_sort":
        return f"{value.removeprefix('-')}, largest first" if value.startswith("-") else value
    return value if key.endswith("_column") else quoted(value)


def _reordered(before: Table, after: Table) -> bool:
    """Whether columns that stay changed places; one that becomes a relation, or no longer is one, does so by itself."""
    relations = {column.id: column.is_relation for column in after.columns}
    stayed = [column.id for column in before.columns if column.id in relations]
    known = set(stayed)
    return sorted(stayed, key=relations.__getitem__) != [column.id for column in after.columns if column.id in known]
