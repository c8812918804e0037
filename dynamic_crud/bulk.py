"""Many records changed at once: all of them or none, with what is wrong with each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DatabaseError, DataError
from django.db.models.functions import Now

from core import sql
from core.errors import BadRequest
from core.permissions import require
from core.rights import Right
from core.tenancy import Door
from dynamic_crud.attaching import Claim
from dynamic_crud.attempts import until_through
from dynamic_crud.factory import DynamicRow
from dynamic_crud.links import replace_links
from dynamic_crud.listing import ListQuery
from dynamic_crud.locking import lock_many, lock_matching
from dynamic_crud.pointers import Values, check_pointers
from dynamic_crud.querysets import all_rows, with_related
from dynamic_crud.records import Records, unreadable
from dynamic_crud.resources import Resource


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


def update_many(records: Records, changes: Sequence[Change], expand: Collection[str] = ()) -> list[DynamicRow]:
    """Changes records, all of them or none, and returns them anew in the order of the changes.

    Args:
        records: the table's.
        changes: one for each record.
        expand: relations to fetch whole.

    Raises:
        NotFound: with an entry for every id that is not there.
        Problem: with an entry for every record and column that cannot be stored.
    """
    ids, paths = [change.id for change in changes], [change.id_path for change in changes]

    def find(door: Door) -> list[tuple[DynamicRow, Change]]:
        rows = lock_many(records.resource, door, ids, paths)
        return [(rows[change.id], change) for change in changes]

    return _Update(records, [change.values for change in changes], expand).run(find)


def update_matching(records: Records, query: ListQuery, expected: int, values: Values, path: str) -> list[DynamicRow]:
    """Gives all records that a question finds the same values; raises as `lock_matching` and `update_many`."""

    def find(door: Door) -> list[tuple[DynamicRow, Change]]:
        rows = lock_matching(records.resource, door, query, expected)
        return [(row, Change(pk, values, path, path)) for pk, row in rows.items()]

    return _Update(records, [values], query.expand).run(find)


class _Update:
    """One try to change several records.

    Args:
        records: the table's.
        values: what is given, for the files that it names.
        expand: relations to fetch whole.
    """

    def __init__(self, records: Records, values: Sequence[Values], expand: Collection[str]) -> None:
        self.records = records
        self.resource = records.resource
        self.values = values
        self.expand = expand

    @until_through
    def run(self, find: Callable[[Door], list[tuple[DynamicRow, Change]]]) -> list[DynamicRow]:
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
                rows = with_related(self.resource, all_rows(self.resource, door.alias), self.expand)
                found = rows.in_bulk([edit.row.pk for edit in edits])
                return [found[edit.row.pk] for edit in edits]
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
    alike: dict[tuple[str, ...], list[_Edit]] = {}
    for edit in edits:
        alike.setdefault(tuple(edit.columns), []).append(edit)
    with door.connection.cursor() as cursor:
        for names, group in alike.items():
            if names:
                cursor.executemany(_update_sql(resource, names), list(_parameters(resource, door, names, group)))
    relinked = [edit.row.pk for edit in edits if _relink(resource, door, edit)]
    if relinked:
        all_rows(resource, door.alias).filter(pk__in=relinked).update(updated_at=Now())


def _update_sql(resource: Resource, names: Sequence[str]) -> str:
    assignments = [sql.format("{name} = %s", name=sql.identifier(name)) for name in names]
    table, values = sql.identifier(resource.table.name), sql.join(", ", assignments)
    return sql.text(sql.format("update {table} set {values} where id = %s", table=table, values=values))


def _parameters(resource: Resource, door: Door, names: Sequence[str], edits: Sequence[_Edit]) -> Iterator[list[Any]]:
    fields = {field.attname: field for field in resource.model._meta.concrete_fields}
    for edit in edits:
        stored = [fields[name].get_db_prep_save(edit.columns[name], door.connection) for name in names]
        yield [*stored, edit.row.pk]


def _relink(resource: Resource, door: Door, edit: _Edit) -> bool:
    """Makes a record's links those that it should have; whether anything changed."""
    links = [item for item in resource.links if item.column.name in edit.links]
    changed = [replace_links(door, item, edit.row.pk, edit.links[item.column.name]) for item in links]
    return any(changed)
