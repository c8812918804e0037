"""The records of one table, as one user may reach them. Pages and API both go through here.

Every method opens the project's door once, fetches all that its answer needs, and leaves; nothing is left to fetch
when a page is rendered. What the door does not show does not exist: `NotFound`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from django.db import DatabaseError, DataError, transaction

from core.errors import BadRequest, Problem
from core.members import Member, project_members
from core.models import Project, User
from core.permissions import access_project, project_role_of, require
from core.rights import Right
from core.tenancy import Door, open_project
from dynamic_crud.attaching import Claim
from dynamic_crud.attempts import until_through
from dynamic_crud.etags import ANYWAY, Preconditions, Stale
from dynamic_crud.factory import DynamicRow
from dynamic_crud.integrity import Refusal, columns_of, refusal_of
from dynamic_crud.links import add_links
from dynamic_crud.listing import WHOLE, ListQuery
from dynamic_crud.locking import lock_many, lock_matching, lock_one, missing, remove
from dynamic_crud.pointers import Values, check_pointers
from dynamic_crud.querysets import all_rows, with_related
from dynamic_crud.resources import Resource
from dynamic_crud.runtime import get_runtime
from dynamic_crud.storing import insertions, new_rows
from dynamic_crud.written import Wanted

T = TypeVar("T")


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
            raise unreadable() from error

    def get(self, record_id: UUID) -> DynamicRow:
        """One record with the labels of what it points to; raises `NotFound`."""
        with self.door() as door:
            return self.read(door, record_id)

    def read(self, door: Door, record_id: UUID) -> DynamicRow:
        """As `get`, in a door that is open already."""
        rows = with_related(self.resource, all_rows(self.resource, door.alias))
        found = rows.filter(pk=record_id).first()
        if found is None:
            raise missing(self.resource)
        return found

    def lock(self, door: Door, record_id: UUID) -> DynamicRow:
        """One record that nobody else can change until the door closes; raises `NotFound`."""
        return lock_one(self.resource, door, record_id)

    def create(self, rows: Sequence[Values], *, paths: Sequence[str]) -> list[DynamicRow]:
        """Creates records, all of them or none, and returns them in the order of the values.

        Args:
            rows: validated values.
            paths: the JSON path of each row, for errors.

        Raises:
            Problem: with an entry for every row and column that cannot be stored.
        """

        def read(door: Door, ids: Sequence[UUID]) -> list[DynamicRow]:
            found = with_related(self.resource, all_rows(self.resource, door.alias)).in_bulk(list(ids))
            return [found[pk] for pk in ids]

        return self.create_and(read, rows, paths)

    @until_through
    def create_and(self, read: Callable[[Door, Sequence[UUID]], T], rows: Sequence[Values], paths: Sequence[str]) -> T:
        """As `create`, and returns what `read` finds by the ids of the new records in the same door."""
        require(self.user, self.project, Right.WRITE_RECORDS)
        members = self.members
        rows = Claim.make(self.user, self.project, self.resource, rows).resolve(rows, paths)
        try:
            with self.door() as door:
                check_pointers(self.resource, door, members, rows, paths)
                return read(door, self._insert(door, rows))
        except DatabaseError as error:
            problem = self.blame(error, paths, lambda door, index: self._insert(door, [rows[index]]))
            if problem is None:
                raise
            raise problem from error

    @until_through
    def delete(self, record_id: UUID, only_if: Preconditions = ANYWAY) -> None:
        """Deletes a record, and with it what PostgreSQL's foreign keys say; raises `Stale` or a `Problem`."""
        with self.writing() as door:
            remove(self.resource, door, [self.lock_if(door, record_id, only_if).pk])

    def delete_many(self, ids: Sequence[UUID], *, paths: Sequence[str]) -> int:
        """Deletes records as `delete` does, all of them or none.

        Args:
            ids: the records' ids, each once.
            paths: the JSON path of each id, for errors.

        Returns:
            How many were deleted.

        Raises:
            NotFound: with an entry for every id that is not there.
            Conflict: with an entry for every record that must stay.
        """
        known = dict(zip(ids, paths, strict=True))
        return self._delete_locked(lambda door: lock_many(self.resource, door, ids, paths), known)

    def delete_matching(self, query: ListQuery, expected: int) -> int:
        """Deletes all records that a question finds, if they are as many as expected; raises as `lock_matching`."""
        return self._delete_locked(lambda door: lock_matching(self.resource, door, query, expected), {})

    @until_through
    def _delete_locked(self, lock: Callable[[Door], Mapping[UUID, DynamicRow]], paths: Mapping[UUID, str]) -> int:
        require(self.user, self.project, Right.WRITE_RECORDS)
        ids: list[UUID] = []
        try:
            with self.door() as door:
                ids = list(lock(door))
                remove(self.resource, door, ids)
        except DataError as error:
            raise unreadable() from error
        except DatabaseError as error:
            named = [paths.get(pk, "$") for pk in ids]
            problem = self.blame(error, named, lambda door, index: remove(self.resource, door, [ids[index]]), "deleted")
            if problem is None:
                raise
            raise problem from error
        return len(ids)

    def lock_if(self, door: Door, record_id: UUID, only_if: Preconditions) -> DynamicRow:
        """As `lock`; raises `Stale` when the record is not in the state that `only_if` asks for."""
        row = self.lock(door, record_id)
        if not only_if.allow(row):
            raise Stale(row, Wanted(self.resource, WHOLE).fetch(door, [record_id])[0].json)
        return row

    def _insert(self, door: Door, rows: Sequence[Values]) -> list[UUID]:
        """Stores new rows, and then what they link to; returns their ids."""
        links = {item.column.name: item for item in self.resource.links}
        stored = new_rows(self.resource, rows)
        for question in insertions(self.resource, stored):
            door.ask(question)
        ids = [row["id"] for row in stored]
        for name, item in links.items():
            pairs = ((pk, linked) for pk, values in zip(ids, rows, strict=True) for linked in values.get(name) or ())
            add_links(door, item, pairs)
        return ids

    def _problem_of(self, error: DatabaseError, path: str) -> Problem | None:
        refusal = refusal_of(error, self.resource)
        return self._problems([(path, refusal)])[0] if refusal else None

    def _problems(self, refusals: Sequence[tuple[str, Refusal]]) -> list[Problem]:
        """The refusals of rows at their paths as problems; what is refused alike is looked up once."""
        with self.door() as door:
            columns = {each: columns_of(each, self.resource, door) for each in {each for _, each in refusals}}
        return [replace(each, columns=columns[each]).to_problem(path) for path, each in refusals]

    def blame(
        self, error: DatabaseError, paths: Sequence[str], again: Callable[[Door, int], object], done: str = "stored"
    ) -> Problem | None:
        """What PostgreSQL refused of several records: tries them one by one, to say which are to blame, and keeps none.

        Args:
            error: why all at once failed.
            paths: the JSON path of each record.
            again: does with one of them, by its index, what failed.
            done: what was to be done with them.
        """
        if refusal_of(error, self.resource) is None or len(paths) == 1:
            return self._problem_of(error, paths[0] if paths else "$")
        refused: list[tuple[str, Refusal]] = []
        with self.door() as door:
            for index, path in enumerate(paths):
                try:
                    with transaction.atomic(using=door.alias):
                        again(door, index)
                except DatabaseError as fault:
                    refusal = refusal_of(fault, self.resource)
                    refused += [(path, refusal)] if refusal else []
            transaction.set_rollback(True, using=door.alias)
        problems = self._problems(refused)
        if not problems:  # one by one they go: they are in each other's way, or what was is gone
            return self._problem_of(error, "$")
        faults = [fault for problem in problems for fault in problem.errors]
        detail = f"{len(refused)} of {len(paths)} records cannot be {done}, so none was."
        code = "invalid_values" if done == "stored" else problems[0].code
        return type(problems[0])(detail, code=code, errors=faults)


def unreadable() -> BadRequest:
    """What is said of a filter whose value PostgreSQL cannot read."""
    return BadRequest("A value in the query is outside of what its column can hold.", code="invalid_filter")
