"""What hangs on a record: the rows that point to it, and what becomes of them when it is deleted."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import Final, Literal

from dynamic_crud.factory import DynamicRow
from dynamic_crud.querysets import all_rows, ordered_rows, with_related
from dynamic_crud.resources import Reference, Resource, ResourceField

SECTION_ROWS: Final = 5
"""How many related rows a detail page shows before it links to the list."""


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one table that point to a record.

    Args:
        reference: by which column they point.
        total: how many there are.
        rows: the newest of them.
        is_ambiguous: whether the same table points here by another column too.
    """

    reference: Reference
    total: int
    rows: list[DynamicRow]
    is_ambiguous: bool = False

    @property
    def fields(self) -> tuple[ResourceField, ...]:
        """The columns worth showing: not the one that is the same in every row."""
        return tuple(item for item in self.reference.source.list_fields if item != self.reference.field)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What deleting a record does to the rows of one table that point to it.

    Args:
        reference: by which column they point.
        count: how many rows of those that the user can see.
        effect: they are deleted too, lose the link, or stand in the way.
    """

    reference: Reference
    count: int
    effect: Literal["delete", "unlink", "block"]


_EFFECTS: Final[dict[str, Literal["delete", "unlink", "block"]]] = {
    "cascade": "delete",
    "set_null": "unlink",
    "restrict": "block",
}


def fetch_sections(resource: Resource, alias: str, row: DynamicRow) -> list[Section]:
    """A section for every column of the schema that points to the row's table."""
    sections = []
    pointers = Counter(reference.source.table.name for reference in resource.references)
    for reference in resource.references:
        pointing = all_rows(reference.source, alias).filter(**{reference.field.name: row.pk})
        total = pointing.count()
        rows = ordered_rows(reference.source, with_related(reference.source, pointing), ["-created_at"])
        is_ambiguous = pointers[reference.source.table.name] > 1
        sections.append(Section(reference, total, list(rows[:SECTION_ROWS]) if total else [], is_ambiguous))
    return sections


def foresee_delete(resource: Resource, alias: str, row: DynamicRow) -> list[Consequence]:
    """What else a deletion does, through cascades of any depth; each referring column is followed once."""
    consequences = []
    seen: set[tuple[str, str]] = set()
    going = deque([(resource, all_rows(resource, alias).filter(pk=row.pk))])
    while going:
        target, rows = going.popleft()
        for reference in target.references:
            key = (reference.source.table.name, reference.field.column.name)
            if key in seen:
                continue
            seen.add(key)
            pointing = all_rows(reference.source, alias).filter(**{f"{reference.field.name}__in": rows})
            count = pointing.count()
            if not count:
                continue
            effect = _EFFECTS[reference.on_delete]
            consequences.append(Consequence(reference, count, effect))
            if effect == "delete":
                going.append((reference.source, pointing))
    return consequences
