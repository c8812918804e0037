"""The records of one table, as one user may reach them. Pages and API both go through here.

Every method opens the project's door once, fetches all that its answer needs, and leaves; nothing is left to fetch
when a page is rendered. What the door does not show does not exist: `NotFound`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import DatabaseError, DataError, transaction

from core.errors import BadRequest, NotFound, Problem
from core.models import Project, User
from core.permissions import access_project, project_role_of
from core.tenancy import Door, open_project
from dynamic_crud.factory import DynamicRow
from dynamic_crud.integrity import columns_of, refusal_of
from dynamic_crud.listing import ListQuery
from dynamic_crud.querysets import RecordPage, all_rows, fetch_page, with_related
from dynamic_crud.resources import Resource
from dynamic_crud.runtime import get_runtime

Values = Mapping[str, Any]
"""A record's validated values, by the attribute names of its model: a relation's is its column's name."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a table, for one user."""

    user: User
    project: Project
    resource: Resource

    @classmethod
    def access(cls, user: User, project_id: UUID, table: str) -> Records:
        """The records of a table of a project that the user may open; raises `NotFound`."""
        project = access_project(user, project_id)
        return cls(user=user, project=project, resource=get_runtime(project).resource(table))

    @contextmanager
    def door(self) -> Iterator[Door]:
        """The project's door in the user's role."""
        with open_project(self.project, self.user.pk, role=project_role_of(self.user, self.project)) as door:
            yield door

    @contextmanager
    def writing(self) -> Iterator[Door]:
        """The door for a change; what PostgreSQL refuses is raised as a `Problem` that names the columns."""
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

    def get(self, record_id: UUID, expand: Iterable[str] = ()) -> DynamicRow:
        """One record with the labels of what it points to; raises `NotFound`."""
        with self.door() as door:
            return self.read(door, record_id, expand)

    def read(self, door: Door, record_id: UUID, expand: Iterable[str] = ()) -> DynamicRow:
        """As `get`, in a door that is open already."""
        rows = with_related(self.resource, all_rows(self.resource, door.alias), expand)
        return self._found(rows.filter(pk=record_id).first())

    def lock(self, door: Door, record_id: UUID) -> DynamicRow:
        """One record that nobody else can change until the door closes; raises `NotFound`."""
        rows = all_rows(self.resource, door.alias).select_for_update()
        return self._found(rows.filter(pk=record_id).first())

    def create(self, rows: Sequence[Values], expand: Iterable[str] = (), *, paths: Sequence[str]) -> list[DynamicRow]:
        """Creates records, all of them or none.

        Args:
            rows: validated values.
            expand: relations to fetch whole.
            paths: the JSON path of each row, for errors.

        Raises:
            Problem: with an entry for every row and column that cannot be stored.
        """
        try:
            with self.door() as door:
                self._check_relations(door, rows, paths)
                made = [self.resource.model(**values) for values in rows]
                all_rows(self.resource, door.alias).bulk_create(made)
                ids = [row.pk for row in made]
                found = with_related(self.resource, all_rows(self.resource, door.alias), expand).in_bulk(ids)
                return [found[pk] for pk in ids]
        except DatabaseError as error:
            problem = self._problem_of(error, paths[0]) if len(rows) == 1 else self._problem_of_many(rows, paths)
            if problem is None:
                raise
            raise problem from error

    def update(self, record_id: UUID, values: Values, expand: Iterable[str] = ()) -> DynamicRow:
        """Changes the given values of a record and returns it anew; raises `NotFound` or another `Problem`."""
        with self.writing() as door:
            row = self.lock(door, record_id)
            changed = {name: value for name, value in values.items() if getattr(row, name) != value}
            self._check_relations(door, [changed], ["$"])
            for name, value in changed.items():
                setattr(row, name, value)
            if changed:
                row.save(using=door.alias, update_fields=list(changed))
            return self.read(door, record_id, expand)

    def delete(self, record_id: UUID) -> None:
        """Deletes a record, and with it what PostgreSQL's foreign keys say; raises `NotFound` or `Conflict`."""
        with self.writing() as door:
            deleted, _ = all_rows(self.resource, door.alias).filter(pk=record_id).delete()
            if not deleted:
                raise NotFound(self._missing())

    def _found(self, row: DynamicRow | None) -> DynamicRow:
        if row is None:
            raise NotFound(self._missing())
        return row

    def _missing(self) -> str:
        return f"There is no such {self.resource.table.label.lower()}."

    def _check_relations(self, door: Door, rows: Sequence[Values], paths: Sequence[str]) -> None:
        """Refuses ids of rows that the user cannot see: PostgreSQL's own check looks past the policies."""
        errors = []
        for relation in self.resource.relations:
            column = relation.column.name
            given = {values[column] for values in rows if isinstance(values.get(column), UUID)}
            if not given:
                continue
            target = self.resource.target(relation)
            known = set(all_rows(target, door.alias).filter(pk__in=given).values_list("pk", flat=True))
            errors += [
                {
                    "code": "does_not_exist",
                    "path": f"{path}.{column}",
                    "detail": f"There is no {target.table.label.lower()} with the id {values[column]}.",
                    "fix": f"Use the id of one of the {target.table.label_plural.lower()}.",
                }
                for path, values in zip(paths, rows, strict=True)
                if values.get(column) in given - known
            ]
        if errors:
            raise BadRequest("A relation points to a record that does not exist.", code="invalid_values", errors=errors)

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
                        self.resource.model(**values).save(using=door.alias, force_insert=True)
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
