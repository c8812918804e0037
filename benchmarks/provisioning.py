"""Provisioning a blueprint, from the document to the active version, against its bare statements in one transaction."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from benchmarks.measure import Result, compare
from core import jobs
from core.models import Project, User
from core.permissions import access_project
from core.projects import create_project
from core.tenancy import open_project
from provisioning import project_database, service
from schemas.blueprints import blueprint

DOCUMENT = blueprint("real_estate").document.to_json()


def results(user: User) -> Iterator[Result]:
    """Five tables, 47 columns, 8 relations."""

    def empty() -> Project:
        return access_project(user, create_project(user, "Bench").pk)

    def bare() -> None:
        project = empty()
        project_database.ensure(project, user.pk)
        plan = service.plan_for(project, DOCUMENT)
        with open_project(project, user.pk, "owner"), connection.cursor() as cursor:
            cursor.execute(";".join(statement.sql for statement in plan.statements))

    def ours() -> None:
        job = service.provision(user, empty(), DOCUMENT)
        assert job is not None
        jobs.run(job.pk)
        assert jobs.find(user, job.pk).status == "succeeded"

    yield compare("provision 5 tables, 8 relations", bare, ours, rounds=5)
