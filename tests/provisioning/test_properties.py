"""Any version leads to any other: what results is what provisioning the latter at once makes, and it can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models import Project, User
from core.tenancy import Door, open_project
from provisioning import project_database
from provisioning.introspect import catalog
from provisioning.planner import plan
from schemas.document import Schema
from schemas.validation import validate
from tests.provisioning.documents import Document, column, document, links, table
from tests.schemas.strategies import schemas


class RolledBack(Exception):
    """Leaves a door without keeping what was done inside."""


@contextmanager
def scratch(project: Project, user: User) -> Iterator[Door]:
    """The empty project's door as owner; everything is undone at the end."""
    try:
        with open_project(project, user.pk, "owner") as door:
            yield door
            raise RolledBack
    except RolledBack:
        pass


def run(door: Door, statements: Iterable[str]) -> None:
    with door.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(before=schemas(fixed_types=True), after=schemas(fixed_types=True))
def test_any_version_leads_to_any_other(user: User, project: Project, before: Schema, after: Schema) -> None:
    leads_there_and_back(user, project, before, after)


def leads_there_and_back(user: User, project: Project, before: Schema, after: Schema) -> None:
    """Compares a changed version with one made at once, and a change that was undone with none."""
    project_database.ensure(project, user.pk)
    target = project_database.target_of(project)
    there = plan(before, after, target, 2)
    with scratch(project, user) as door:
        run(door, (statement.sql for statement in plan(None, after, target).statements))
        at_once = catalog(door, target)
    with scratch(project, user) as door:
        run(door, (statement.sql for statement in plan(None, before, target).statements))
        at_first = catalog(door, target)
        run(door, (statement.sql for statement in there.statements))
        assert catalog(door, target) == at_once
        run(door, (statement.reverse for statement in reversed(there.statements) if statement.reverse))
        assert catalog(door, target) == at_first


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(before=schemas(fixed_types=True), after=schemas(fixed_types=True))
def test_a_version_can_be_returned_to(user: User, project: Project, before: Schema, after: Schema) -> None:
    project_database.ensure(project, user.pk)
    target = project_database.target_of(project)
    with scratch(project, user) as door:
        run(door, (statement.sql for statement in plan(None, before, target).statements))
        at_first = catalog(door, target)
        run(door, (statement.sql for statement in plan(before, after, target, 2).statements))
        run(door, (statement.sql for statement in plan(after, before, target, 3).statements))
        assert catalog(door, target) == at_first


@st.composite
def linked_documents(draw: st.DrawFn) -> Document:
    """Tables that stay, with links and numbers between which everything that can change often does."""
    names = draw(st.permutations(["alpha", "beta", "gamma"]))
    relations = draw(st.permutations(["one", "two", "three"]))
    tables = []
    for i, name in enumerate(names):
        number = column(draw(st.sampled_from(["number", "code"])), "auto_number", id="c_number", start=draw(starts))
        columns = [column("title", id="c_title"), *([number] if draw(st.booleans()) else [])]
        tables.append(table(name, *columns, id=f"t_{i}", access=draw(st.sampled_from(["private", "project"]))))
    found = [
        links(draw(st.sampled_from(names[:2])), name, draw(st.sampled_from(names)), id=f"c_links{i}")
        for i, name in enumerate(relations)
        if draw(st.integers(0, 3))
    ]
    return document(*tables, links=tuple(found))


starts = st.sampled_from([0, 1, 500])


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(before=linked_documents(), after=linked_documents())
def test_links_and_numbers_lead_there_and_back(user: User, project: Project, before: Document, after: Document) -> None:
    first = validate(before)
    assert first.schema is not None, first.errors
    second = validate(after, first.schema)
    assert second.schema is not None, second.errors
    leads_there_and_back(user, project, first.schema, second.schema)
