"""Running a plan's statements many at a time."""

from __future__ import annotations

from core.models import Project, User
from core.tenancy import Door, open_project
from provisioning.attempts import until_free
from provisioning.introspect import catalog
from provisioning.project_database import target_of
from provisioning.running import run_statements
from provisioning.statements import Plan, Statement
from provisioning.target import Target
from tests.provisioning.acts import query


def run(door: Door, target: Target, *statements: str) -> None:
    place = f'"{target.schema}"'
    parts = tuple(Statement(statement.replace("$", place), "", "", "") for statement in statements)
    run_statements(door, Plan(target.schema, 2, "1.1.0", "", "", (), parts), target, catalog(door, target))


def test_what_was_refused_and_is_accepted_then_begins_again_and_loses_no_row(
    user: User, estate_project: Project
) -> None:
    """Where it went on, CLUSTER would take the rows that were written before the refusal for replaced ones."""
    target = target_of(estate_project)
    rounds: list[int] = []

    def attempt() -> None:
        with open_project(estate_project, user.pk, "owner") as door:
            rounds.append(1)
            run(door, target, 'insert into $."bees" select generate_series(1, 3)')
            run(
                door,
                target,
                'update $."bees" set id = id + 10',
                "select 1 / nextval('$.\"tries\"')",
                'cluster $."bees" using "bees_pkey"',
            )

    with open_project(estate_project, user.pk, "owner") as door:
        run(door, target, 'create sequence $."tries" minvalue 0 start 0', 'create table $."bees" (id int primary key)')
    until_free(attempt, estate_project)
    assert len(rounds) == 2
    assert query(estate_project, user.pk, "owner", "select id from bees order by id") == [(11,), (12,), (13,)]
