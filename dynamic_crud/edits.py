"""Changes of records, one or many: all of them or none, with what is wrong with each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, DataError
from django.db.models.functions import Now

from core.errors import BadRequest
from core.permissions import require
from core.rights import Right
from core.tenancy import Door
from dynamic_crud.attaching import Claim
from dynamic_crud.attempts import until_through
from dynamic_crud.etags import Preconditions
from dynamic_crud.factory import DynamicRow
from dynamic_crud.links import replace_links
from dynamic_crud.listing import ListQuery
from dynamic_crud.locking import lock_many, lock_matching
from dynamic_crud.pointers import Values, check_pointers
from dynamic_crud.querysets import all_rows
from dynamic_crud.records import Records, unreadable
from dynamic_crud.resources import Resource
from dynamic_crud.storing import updates
from dynamic_crud.written import Wanted, Written


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one record.

    Args:
        id: the record's.
        values: validated values, of some columns.
        path: the JSON path of the values, for errors.
        id_path: the JSON path of the id, for errors.
    """

    id: UUID
    values: Values
    path: str
    id_path: str


@dataclass(frozen=True, slots=True)
class _Edit:
    """A locked record, and what is new about it: columns by their names, links by those of their relations."""

    row: DynamicRow
    columns: Values
    links: Mapping[str, Collection[UUID]]
    path: str


_Find = Callable[[Door], list[tuple[DynamicRow, Change]]]
"""Finds and locks records in an open door, and says what becomes of each."""


def update_one(records: Records, record_id: UUID, values: Values, only_if: Preconditions, wanted: Wanted) -> Written:
    """Changes the given values of a record, and returns it anew.

    Args:
        records: the table's.
        record_id: the record's id.
        values: validated values, of some columns.
        only_if: in which state the record has to be.
        wanted: how it is to be returned.

    Raises:
        Stale: when the record is not in that state.
        Problem: `NotFound`, or with an entry for every column that cannot be stored.
    """

    def find(door: Door) -> list[tuple[DynamicRow, Change]]:
        row = records.lock_if(door, record_id, only_if)
        return [(row, Change(record_id, values, "$", "$"))]

    (written,) = _Update(records, [values], wanted).run(find)
    return written


def update_many(records: Records, changes: Sequence[Change], wanted: Wanted) -> list[Written]:
    """Changes records, all of them or none, and returns them anew in the order of the changes.

    Args:
        records: the table's.
        changes: one for each record.
        wanted: how they are to be returned.

    Raises:
        NotFound: with an entry for every id that is not there.
        Problem: with an entry for every record and column that cannot be stored.
    """
    ids, paths = [change.id for change in changes], [change.id_path for change in changes]

    def find(door: Door) -> list[tuple[DynamicRow, Change]]:
        rows = lock_many(records.resource, door, ids, paths)
        return [(rows[change.id], change) for change in changes]

    return _Update(records, [change.values for change in changes], wanted).run(find)


def update_matching(
    records: Records, query: ListQuery, expected: int, values: Values, path: str, wanted: Wanted
) -> list[Written]:
    """Gives all records that a question finds the same values; raises as `lock_matching` and `update_many`."""

    def find(door: Door) -> list[tuple[DynamicRow, Change]]:
        rows = lock_matching(records.resource, door, query, expected)
        return [(row, Change(pk, values, path, path)) for pk, row in rows.items()]

    return _Update(records, [values], wanted).run(find)


class _Update:
    """One try to change records.

    Args:
        records: the table's.
        values: what is given, for the files that it names.
        wanted: how they are to be returned.
    """

    def __init__(self, records: Records, values: Sequence[Values], wanted: Wanted) -> None:
        self.records = records
        self.resource = records.resource
        self.values = values
        self.wanted = wanted

    @until_through
    def run(self, find: _Find) -> list[Written]:
        """Finds and locks the records, changes them, and fetches them anew."""
        require(self.records.user, self.records.project, Right.WRITE_RECORDS)
        members = self.records.members
        claim = Claim.make(self.records.user, self.records.project, self.resource, self.values)
        edits: list[_Edit] = []
        try:
            with self.records.door() as door:
                edits = _edits(self.resource, claim, find(door))
                given = [{**edit.columns, **edit.links} for edit in edits]
                check_pointers(self.resource, door, members, given, [edit.path for edit in edits])
                _store(self.resource, door, edits)
                return self.wanted.fetch(door, [edit.row.pk for edit in edits])
        except DatabaseError as error:
            if isinstance(error, DataError) and not edits:
                raise unreadable() from error
            paths = [edit.path for edit in edits]
            problem = self.records.blame(error, paths, lambda door, index: _store(self.resource, door, [edits[index]]))
            if problem is None:
                raise
            raise problem from error


def _edits(resource: Resource, claim: Claim, found: Sequence[tuple[DynamicRow, Change]]) -> list[_Edit]:
    """What is new about each record; raises `BadRequest` with an entry for every file that may not be attached."""
    edits, faults = [], []
    links = {item.column.name for item in resource.links}
    for row, change in found:
        try:
            (values,) = claim.resolve([change.values], [change.path], row)
        except BadRequest as refused:
            faults += refused.errors
            continue
        columns = {name: value for name, value in values.items() if name not in links and getattr(row, name) != value}
        edits.append(_Edit(row, columns, {name: values[name] or () for name in links & values.keys()}, change.path))
    if faults:
        raise BadRequest("Some files cannot be attached; `errors` says which.", code="invalid_values", errors=faults)
    return edits


def _store(resource: Resource, door: Door, edits: Sequence[_Edit]) -> None:
    """Writes what is new: the same columns of any number of records in one go."""
    for question in updates(resource, [{"id": edit.row.pk, **edit.columns} for edit in edits if edit.columns]):
        door.ask(question)
    relinked = [edit.row.pk for edit in edits if _relink(resource, door, edit)]
    if relinked:
        all_rows(resource, door.alias).filter(pk__in=relinked).update(updated_at=Now())


def _relink(resource: Resource, door: Door, edit: _Edit) -> bool:
    """Makes a record's links those that it should have; whether anything changed."""
    links = [item for item in resource.links if item.column.name in edit.links]
    changed = [replace_links(door, item, edit.row.pk, edit.links[item.column.name]) for item in links]
    return any(changed)
