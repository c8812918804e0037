"""Values that a table has once: lines of a file that repeat one another, or a record that is there.

PostgreSQL has the last word, also about records that the user does not see; this says beforehand what can be known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.tenancy import Door
from dynamic_crud.querysets import all_rows
from dynamic_crud.resources import Resource, ResourceField

Key = tuple[Any, ...]

_AT_ONCE: Final = 2000


@dataclass(frozen=True, slots=True)
class Repetition:
    """A line with values that must be there once.

    Args:
        line: its number.
        earlier: the line that has them too; None where a record has.
        label: what a record is called.
        columns: the names of the columns.
        titles: what people call them.
    """

    line: int
    earlier: int | None
    label: str
    columns: tuple[str, ...]
    titles: tuple[str, ...]


def repetitions(resource: Resource, door: Door, values: Mapping[int, Mapping[str, Any]]) -> Iterator[Repetition]:
    """Every line that repeats an earlier one or a record.

    Args:
        resource: the table.
        door: the open door.
        values: what the lines would become, by their numbers.
    """
    for items in _unique(resource):
        first: dict[Key, int] = {}
        again: list[tuple[int, int]] = []
        for number, row in values.items():
            key = tuple(row.get(item.column.name, _default(item)) for item in items)
            if None in key:
                continue  # what is empty repeats nothing
            if key in first:
                again.append((number, first[key]))
            else:
                first[key] = number
        there = {first[key] for key in _stored(resource, door, items, first) if key in first}
        names, titles = (tuple(each) for each in zip(*((i.column.name, i.column.title) for i in items), strict=True))
        for number in there:
            yield Repetition(number, None, resource.table.label.lower(), names, titles)
        for number, earlier in again:
            yield Repetition(number, earlier, resource.table.label.lower(), names, titles)


def _unique(resource: Resource) -> list[tuple[ResourceField, ...]]:
    """The columns that are unique together, as far as an import fills them."""
    single = [(item.column.name,) for item in resource.fields if item.column.unique]
    groups = [tuple(resource.by_column[name] for name in names) for names in (*single, *resource.table.unique)]
    return [items for items in dict.fromkeys(groups) if not any(item.type.numbered for item in items)]


def _default(item: ResourceField) -> Any:
    return item.type.initial(item.column)


def _stored(resource: Resource, door: Door, items: tuple[ResourceField, ...], keys: Mapping[Key, int]) -> Iterator[Key]:
    """The values of records that the door shows, among them all that have one of these keys."""
    if not keys:
        return
    columns = [item.model_field.attname for item in items]
    found = [set(values) for values in zip(*keys, strict=True)]
    most = max(range(len(items)), key=lambda place: len(found[place]))  # the column that finds the fewest records
    wanted = list(found[most])
    for start in range(0, len(wanted), _AT_ONCE):
        rows = all_rows(resource, door.alias).filter(**{f"{columns[most]}__in": wanted[start : start + _AT_ONCE]})
        yield from rows.values_list(*columns)
