"""The records of one table, as one user may reach them. Pages and API both go through here.

Every method opens the project's door once, fetches all that its answer needs, and leaves; nothing is left to fetch
when a page is rendered. What the door does not show does not exist: `NotFound`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import DatabaseError, DataError, transaction

from core.errors import BadRequest, NotFound, Problem
from core.members import Member, project_members
from core.models import Project, User
from core.permissions import access_project, project_role_of, require
from core.rights import Right
from core.tenancy import Door, open_project
from dynamic_crud.attaching import Claim
from dynamic_crud.factory import DynamicRow
from dynamic_crud.inserting import insert_rows
from dynamic_crud.integrity import columns_of, refusal_of
from dynamic_crud.links import add_links, save_links
from dynamic_crud.listing import ListQuery
from dynamic_crud.pointers import Values, check_pointers
from dynamic_crud.querysets import RecordPage, all_rows, fetch_page, with_related
from dynamic_crud.resources import Resource
from dynamic_crud.runtime import get_runtime
from dynamic_crud.serializers import represent


@dataclass(frozen=True)
class Records:
    """The records of a table, for one user."""

    user: User
    project: Project
    resource: Resource

    @classmethod
    def access(cls, user: User, project_id: UUID, table: str, right: Right | None = None) -> Records:
        """The records of a table of a project that the user may open.

        Args:
            user: who opens them.
            project_id: the project's id.
            table: the table's name.
            right: what the user is about to do, if not every member may do it.

        Raises:
            NotFound: when there is no such table for the user.
            Forbidden: when the user's role in the project lacks the right.
        """
        project = access_project(user, project_id, right)
        return cls(user=user, project=project, resource=get_runtime(project).resource(table))

    @cached_property
    def members(self) -> dict[UUID, Member]:
        """The members of the project by id, where a column names some. To be asked for before a door opens."""
        shown = (self.resource, *(reference.source for reference in self.resource.references))
        is_asked = any(resource.member_fields for resource in shown)
        return {member.id: member for member in project_members(self.project)} if is_asked else {}

    @contextmanager
    def door(self) -> Iterator[Door]:
        """The project's door in the user's role."""
        with open_project(self.project, self.user.pk, role=project_role_of(self.user, self.project)) as door:
            yield door

    @contextmanager
    def writing(self) -> Iterator[Door]:
        """The door for a change; what PostgreSQL refuses is raised as a `Problem` that names the columns."""
        require(self.user, self.project, Right.WRITE_RECORDS)
        try:
            with self.door() as door:
                yield door
        except DatabaseError as error:
            problem = self._problem_of(error, "$")
            if problem is None:
                raise
            raise problem from error

    @contextmanager
    def reading(self) -> Iterator[Door]:
        """The door for a list; values that PostgreSQL cannot read are raised as `BadRequest`."""
        try:
            with self.door() as door:
                yield door
        except DataError as error:
            detail = "A value in the query is outside of what its column can hold."
            raise BadRequest(detail, code="invalid_filter") from error

    def page(self, query: ListQuery) -> RecordPage:
        """One page of the list; raises `BadRequest` for filters that cannot be read."""
        with self.reading() as door:
            return fetch_page(self.resource, door.alias, query)

    def get(self, record_id: UUID, expand: Collection[str] = ()) -> DynamicRow:
        """One record with the labels of what it points to; raises `NotFound`."""
        with self.door() as door:
            return self.read(door, record_id, expand)

    def read(self, door: Door, record_id: UUID, expand: Collection[str] = ()) -> DynamicRow:
        """As `get`, in a door that is open already."""
        rows = with_related(self.resource, all_rows(self.resource, door.alias), expand)
        return self._found(rows.filter(pk=record_id).first())

    def lock(self, door: Door, record_id: UUID) -> DynamicRow:
        """One record that nobody else can change until the door closes; raises `NotFound`."""
        rows = all_rows(self.resource, door.alias).select_for_update()
        return self._found(rows.filter(pk=record_id).first())

    def create(self, rows: Sequence[Values], expand: Collection[str] = (), *, paths: Sequence[str]) -> list[DynamicRow]:
        """Creates records, all of them or none.

        Args:
            rows: validated values.
            expand: relations to fetch whole.
            paths: the JSON path of each row, for errors.

        Raises:
            Problem: with an entry for every row and column that cannot be stored.
        """
        require(self.user, self.project, Right.WRITE_RECORDS)
        members = self.members
        rows = Claim.make(self.user, self.project, self.resource, rows).resolve(rows, paths)
        try:
            with self.door() as door:
                check_pointers(self.resource, door, members, rows, paths)
                ids = self._insert(door, rows)
                found = with_related(self.resource, all_rows(self.resource, door.alias), expand).in_bulk(ids)
                return [found[pk] for pk in ids]
        except DatabaseError as error:
            problem = self._problem_of(error, paths[0]) if len(rows) == 1 else self._problem_of_many(rows, paths)
            if problem is None:
                raise
            raise problem from error

    def update(self, record_id: UUID, values: Values, expand: Collection[str] = ()) -> DynamicRow:
        """Changes the given values of a record and returns it anew; raises `NotFound` or another `Problem`."""
        members = self.members
        claim = Claim.make(self.user, self.project, self.resource, [values])
        with self.writing() as door:
            row = self.lock(door, record_id)
            (values,) = claim.resolve([values], ["$"], row)
            links = {item: values[name] or () for item in self.resource.links if (name := item.column.name) in values}
            linked = {item.column.name: targets for item, targets in links.items()}
            changed = {
                name: value for name, value in values.items() if name not in linked and getattr(row, name) != value
            }
            check_pointers(self.resource, door, members, [changed | linked], ["$"])
            for name, value in changed.items():
                setattr(row, name, value)
            if changed:
                row.save(using=door.alias, update_fields=list(changed))
            save_links(door, row, links)
            return self.read(door, record_id, expand)

    def delete(self, record_id: UUID) -> None:
        """Deletes a record, and with it what PostgreSQL's foreign keys say; raises `NotFound` or `Conflict`."""
        with self.writing() as door:
            deleted, _ = all_rows(self.resource, door.alias).filter(pk=record_id).delete()
            if not deleted:
                raise NotFound(self._missing())

    def represent(self, row: DynamicRow, expand: Collection[str] = ()) -> dict[str, Any]:
        """A fetched record as JSON data. Call it outside of the door."""
        return represent(self.resource, row, expand, self.members if expand else {})

    def _found(self, row: DynamicRow | None) -> DynamicRow:
        if row is None:
            raise NotFound(self._missing())
        return row

    def _missing(self) -> str:
        return f"There is no such {self.resource.table.label.lower()}."

    def _insert(self, door: Door, rows: Sequence[Values]) -> list[UUID]:
        """Stores new rows, and then what they link to; returns their ids."""
        links = {item.column.name: item for item in self.resource.links}
        stored = [{name: value for name, value in values.items() if name not in links} for values in rows]
        ids = insert_rows(door, self.resource, stored)
        for name, item in links.items():
            pairs = ((pk, linked) for pk, values in zip(ids, rows, strict=True) for linked in values.get(name) or ())
            add_links(door, item, pairs)
        return ids

    def _problem_of(self, error: DatabaseError, path: str) -> Problem | None:
        refusal = refusal_of(error, self.resource)
        if refusal is None:
            return None
        with self.door() as door:
            refusal = replace(refusal, columns=columns_of(refusal, self.resource, door))
        return refusal.to_problem(path)

    def _problem_of_many(self, rows: Sequence[Values], paths: Sequence[str]) -> Problem | None:
        """Tries the rows of a refused batch one by one, to say which are to blame, and keeps none."""
        refused: list[tuple[str, DatabaseError]] = []
        with self.door() as door:
            for path, values in zip(paths, rows, strict=True):
                try:
                    with transaction.atomic(using=door.alias):
                        self._insert(door, [values])
                except DatabaseError as error:
                    refused.append((path, error))
            transaction.set_rollback(True, using=door.alias)
        problems = [problem for path, error in refused if (problem := self._problem_of(error, path))]
        if not problems:
            return None
        kind = type(problems[0])
        errors = [fault for problem in problems for fault in problem.errors]
        detail = f"{len(refused)} of {len(rows)} records cannot be stored, so none was."
        return kind(detail, code="invalid_values", errors=errors)
