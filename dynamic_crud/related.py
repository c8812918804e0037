"""What hangs on a record: the rows that point to it, and what becomes of them when it is deleted."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import Final, Literal

from dynamic_crud.factory import DynamicRow
from dynamic_crud.links import rows_linked_to
from dynamic_crud.querysets import Rows, all_rows, ordered_rows, with_related
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
        is_ambiguous: whether the name of the table does not tell how it points here.
    """

    reference: Reference
    total: int
    rows: list[DynamicRow]
    is_ambiguous: bool = False

    @property
    def fields(self) -> tuple[ResourceField, ...]:
        """The columns worth showing: not the one that is the same in every row."""
        same = self.reference.field if self.reference.field.column.is_stored else None
        return tuple(item for item in self.reference.source.list_fields if item != same)


Effect = Literal["delete", "empty", "block", "lessen", "release"]


@dataclass(frozen=True, slots=True)
class Consequence:
    """What deleting a record does to the rows of one table that are linked with it.

    Args:
        resource: the table.
        field: by which column they are linked: one of theirs, or one of the deleted row's where they are released.
        count: how many rows of those that the user can see.
        effect: they are deleted too, their column becomes empty or loses one link of several, or they stand in the way;
            released are those that the deleted row links to, which stay as they are.
    """

    resource: Resource
    field: ResourceField
    count: int
    effect: Effect


_EFFECTS: Final[dict[str, Effect]] = {
    "cascade": "delete",
    "set_null": "empty",
    "restrict": "block",
    "": "lessen",
}


def fetch_sections(resource: Resource, alias: str, row: DynamicRow) -> list[Section]:
    """A section for every column of the schema that points to the row's table."""
    sections = []
    pointers = Counter(reference.source.table.name for reference in resource.references)
    for reference in resource.references:
        pointing = all_rows(reference.source, alias).filter(**{reference.field.name: row.pk})
        total = pointing.count()
        rows = ordered_rows(reference.source, with_related(reference.source, pointing), ["-created_at"])
        is_ambiguous = pointers[reference.source.table.name] > 1 or reference.source is resource
        sections.append(Section(reference, total, list(rows[:SECTION_ROWS]) if total else [], is_ambiguous))
    return sections


def foresee_delete(resource: Resource, alias: str, rows: Rows) -> list[Consequence]:
    """What else the deletion of some rows does, through cascades of any depth; each column is followed once."""
    consequences: list[Consequence] = []
    seen: set[tuple[str, str]] = set()
    going = deque([(resource, rows)])

    def note(found: Resource, item: ResourceField, rows: Rows, effect: Effect) -> None:
        if count := rows.count():
            consequences.append(Consequence(found, item, count, effect))
            if effect == "delete":
                going.append((found, rows))

    while going:
        target, rows = going.popleft()
        for reference in target.references:
            source, item = reference.source, reference.field
            key = (source.table.name, item.column.name)
            if key not in seen:
                seen.add(key)
                pointing = all_rows(source, alias).filter(**{f"{item.name}__in": rows})
                pointing = pointing if item.column.is_stored else pointing.distinct()
                note(source, item, pointing, _EFFECTS[reference.on_delete])
        for item in target.links:
            note(target.target(item), item, rows_linked_to(item, alias, rows).distinct(), "release")
    return consequences
