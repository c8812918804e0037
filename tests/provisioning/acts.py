"""What tests of provisioning do: provision in this process, and run SQL through the doors."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from core import jobs, sql
from core.errors import Problem
from core.models import Job, Project, User
from core.permissions import access_config, access_project
from core.tenancy import ProjectRole, as_platform, open_project
from provisioning import service
from provisioning.introspect import catalog
from provisioning.models import Migration
from provisioning.project_database import target_of

_WORKER_SECONDS = 30


def submit(user: User, project: Project, document: object, **options: Any) -> Job:
    """The job of a document that is not active yet."""
    job = service.provision(user, reload(user, project), document, **options)
    assert job is not None
    return job


def work(user: User, job: Job) -> dict[str, Any]:
    """Does the job's work here and now, unless a worker already does; raises the problem of one that fails."""
    jobs.run(job.pk)
    job = jobs.wait(user, job.pk, _WORKER_SECONDS)
    if job.status == Job.Status.FAILED:
        raise Problem.from_json(job.error or {})
    assert job.status == Job.Status.SUCCEEDED
    assert job.result is not None
    return dict(job.result)


def provision(user: User, project: Project, document: object, **options: Any) -> dict[str, Any]:
    """Provisions the document and returns the result."""
    return work(user, submit(user, project, document, **options))


def rollback(user: User, project: Project, version: str, **options: Any) -> dict[str, Any]:
    """Rolls back to a version and returns the result."""
    project = reload(user, project)
    job = service.rollback(user, project, access_config(user, project, version), **options)
    assert job is not None
    return work(user, job)


def reload(user: User, project: Project) -> Project:
    return access_project(user, project.pk)


def migrations(project: Project) -> list[Migration]:
    """The project's migrations, oldest first."""
    with as_platform():
        return list(Migration.objects.filter(project=project).order_by("created_at"))


def query(
    project: Project, user_id: UUID, role: ProjectRole, statement: str, *parameters: Any
) -> list[tuple[Any, ...]]:
    """Runs one statement in the project's tables and returns its rows."""
    with open_project(project, user_id, role) as door, door.connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def named(template: LiteralString, **names: str) -> str:
    """A statement with names in its places."""
    return sql.text(sql.format(template, **{place: sql.identifier(name) for place, name in names.items()}))


def tables(project: Project, user: User) -> dict[str, Any]:
    """The normalised catalog of the project's tables."""
    with open_project(project, user.pk, "owner") as door:
        found = catalog(door, target_of(project))
    return {name: table for name, table in found.items() if not name.startswith("_")}
