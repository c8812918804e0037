"""What cells of relations and of members mean: a record by its id or its title, a person by id, address or name."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from core.members import Member
from core.tenancy import Door
from dynamic_crud.csv_import.faults import Wrong
from dynamic_crud.querysets import all_rows
from dynamic_crud.resources import Resource, ResourceField

Found = Mapping[str, Collection[UUID]]
"""What a text may mean. Where it is one thing, that is meant."""

_AT_ONCE: Final = 2000


def parts_of(item: ResourceField, text: str) -> list[str]:
    """What a cell names: of links to many records each, with commas between them."""
    if item.column.is_stored:
        return [text.strip()]
    lines = csv.reader(text.splitlines(), skipinitialspace=True)
    return [part.strip() for line in lines for part in line if part.strip()]


def find_records(target: Resource, door: Door, texts: Iterable[str]) -> Found:
    """The records that the door shows which each text may mean, by id or by title.

    Args:
        target: the table that the relation points to.
        door: the open door.
        texts: what the cells say.
    """
    found: dict[str, set[UUID]] = {text: set() for text in texts}
    ids = {text: pk for text in found if (pk := _id(text))}
    there = set(_values(target, door, "pk", set(ids.values()), ("pk",)))
    for text, pk in ids.items():
        found[text] |= {pk} if (pk,) in there else set()
    title = target.title_field
    if title is not None:
        titles: dict[Any, list[str]] = {}
        for text in found.keys() - ids.keys():
            if (value := _read(title, text)) is not None:
                titles.setdefault(value, []).append(text)
        for value, pk in _values(target, door, title.model_field.attname, titles.keys(), (title.name, "pk")):
            for text in titles[value]:
                found[text].add(pk)
    return found


def find_members(members: Mapping[UUID, Member], texts: Iterable[str]) -> Found:
    """The members of the project whom each text may mean, by id, address or name."""
    known: dict[str, set[UUID]] = {}
    for member in members.values():
        for text in (str(member.id), member.email, member.name):
            known.setdefault(text.casefold(), set()).add(member.id)
    return {text: known.get(text.casefold(), set()) for text in texts}


def the_record(target: Resource, text: str, found: Found) -> UUID:
    """The one record that a text means; raises `Wrong`."""
    label, plural, title = target.table.label.lower(), target.table.label_plural.lower(), target.title_field
    names = f"the {title.column.title.lower()} or the id" if title else "the id"
    if not found[text]:
        detail = f'There is no {label} "{cut(text)}" that you can see.'
        raise Wrong(detail, f"Write {names} of one of the {plural}, or add it first.")
    if len(found[text]) > 1:
        detail = f'"{cut(text)}" is the name of {len(found[text])} {plural}, so nobody knows which one is meant.'
        raise Wrong(detail, "Write the id of the one that is meant.")
    return next(iter(found[text]))


def the_member(text: str, found: Found) -> UUID:
    """The one member that a text means; raises `Wrong`."""
    if not found[text]:
        detail = f'There is no member of this project "{cut(text)}".'
        raise Wrong(detail, "Write a member's email address, or add this person to the project first.")
    if len(found[text]) > 1:
        detail = f'"{cut(text)}" is the name of {len(found[text])} members, so nobody knows who is meant.'
        raise Wrong(detail, "Write the email address.")
    return next(iter(found[text]))


def cut(text: str, most: int = 80) -> str:
    """As much of a text as fits into a sentence."""
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def _values(
    target: Resource, door: Door, name: str, wanted: Collection[Any], columns: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """The columns of the rows whose value is one of those wanted."""
    every = list(wanted)
    for start in range(0, len(every), _AT_ONCE):
        rows = all_rows(target, door.alias).filter(**{f"{name}__in": every[start : start + _AT_ONCE]})
        yield from rows.values_list(*columns)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) >= len("0" * 32) else None
    except ValueError:
        return None


def _read(title: ResourceField, text: str) -> Any:
    """A title as the value of its column; None for what can be none."""
    try:
        value = title.type.parse(title.column, text)
        hash(value)
    except (ValueError, TypeError):  # no value of the column, or one that nothing is called by
        return None
    return value
