"""What values point to: rows of other tables, and members of the project. Both have to be there for the user."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from core.errors import BadRequest
from core.tenancy import Door
from dynamic_crud.querysets import all_rows
from dynamic_crud.resources import Resource, ResourceField

Values = Mapping[str, Any]
"""A record's validated values, by the attribute names of its model: a relation's is its column's name."""

Fault = dict[str, str]


def check_pointers(
    resource: Resource, door: Door, members: Container[UUID], rows: Sequence[Values], paths: Sequence[str]
) -> None:
    """Refuses ids of rows that the user cannot see, and of people who are no members.

    PostgreSQL's own check of a foreign key looks past the policies, and knows nothing of members.

    Args:
        resource: the table of the rows.
        door: the open door.
        members: the ids of the project's members.
        rows: values that are about to be stored.
        paths: the JSON path of each row, for errors.

    Raises:
        BadRequest: with an entry for every id.
    """
    faults = [*_missing_rows(resource, door, rows, paths), *_strangers(resource, members, rows, paths)]
    if faults:
        is_row = any(fault["code"] == "does_not_exist" for fault in faults)
        missing = "A relation points to a record that does not exist."
        detail = missing if is_row else "A value names somebody who is no member of the project."
        raise BadRequest(detail, code="invalid_values", errors=faults)


def _missing_rows(resource: Resource, door: Door, rows: Sequence[Values], paths: Sequence[str]) -> Iterator[Fault]:
    for item in (*resource.relations, *resource.links):
        given = list(_pointers(item, rows, paths))
        if not given:
            continue
        target = resource.target(item)
        known = set(all_rows(target, door.alias).filter(pk__in={pk for _, pk in given}).values_list("pk", flat=True))
        for path, pk in given:
            if pk not in known:
                yield {
                    "code": "does_not_exist",
                    "path": path,
                    "detail": f"There is no {target.table.label.lower()} with the id {pk}.",
                    "fix": f"Use the id of one of the {target.table.label_plural.lower()}.",
                }


def _strangers(
    resource: Resource, members: Container[UUID], rows: Sequence[Values], paths: Sequence[str]
) -> Iterator[Fault]:
    for item in resource.member_fields:
        for path, pk in _pointers(item, rows, paths):
            if pk not in members:
                yield {
                    "code": "not_a_member",
                    "path": path,
                    "detail": f"There is no member of this project with the id {pk}.",
                    "fix": "Use the id of a member of the project.",
                }


def _pointers(item: ResourceField, rows: Iterable[Values], paths: Iterable[str]) -> Iterator[tuple[str, UUID]]:
    """Every id that a column has in the rows, with its path."""
    for path, values in zip(paths, rows, strict=True):
        value = values.get(item.column.name)
        if isinstance(value, UUID):
            yield f"{path}.{item.column.name}", value
        elif not item.column.is_stored:
            yield from ((f"{path}.{item.column.name}[{index}]", pk) for index, pk in enumerate(value or ()))
