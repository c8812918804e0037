"""The demo: a user and a filled real-estate project, so that the first page a newcomer opens is full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from core import jobs
from core.errors import Problem
from core.models import DecisionTrace, Job, Project, User
from core.permissions import access_project, list_projects
from core.projects import create_project
from core.tenancy import Door, acting_as, open_project
from dynamic_crud.links import add_links
from dynamic_crud.resources import Resource
from dynamic_crud.runtime import get_runtime
from provisioning import service
from schemas.blueprints import Blueprint, blueprint
from schemas.blueprints.samples import sample_rows
from schemas.column_types import column_types
from schemas.document import Json

PROJECT_NAME = "Harbor Homes"
BLUEPRINT = "real_estate"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo is made of, and whether it had to be made."""

    user: User
    project: Project
    records: int
    created: bool


def make_demo() -> Demo:
    """Makes what is missing of the demo: the user, the project, its tables, its records. Safe to repeat.

    Raises:
        Problem: when the project cannot be provisioned.
    """
    user = _demo_user()
    project = next((project for project in list_projects(user) if project.name == PROJECT_NAME), None)
    project = project or create_project(user, PROJECT_NAME, "Homes, offices and land in and around Austin.")
    project = access_project(user, project.pk)
    created = project.active_config is None
    if created:
        project = _provision(user, project)
    # Whoever has changed its tables has made it their own: nothing has to be as the blueprint says any more.
    is_ours = project.active_config is not None and project.active_config.number == 1
    records = fill(user, project, blueprint(BLUEPRINT)) if is_ours else 0
    return Demo(user, project, records, created)


def _demo_user() -> User:
    user = User.objects.filter(email=settings.DEMO_EMAIL).first()
    if user:
        return user
    try:
        return User.objects.create_user(settings.DEMO_EMAIL, settings.DEMO_PASSWORD, full_name="Robin Harbor")
    except IntegrityError:  # another process made it in between
        return User.objects.get(email=settings.DEMO_EMAIL)


def _provision(user: User, project: Project) -> Project:
    """Provisions the blueprint as a person would: the decision on record, then the plan, then the job."""
    source = blueprint(BLUEPRINT)
    document = source.document.to_json()
    with acting_as(user.pk):
        trace = DecisionTrace.objects.create(
            project=project,
            user=user,
            prompt=source.prompt,
            intent=DecisionTrace.Intent.CREATE,
            outcome=DecisionTrace.Outcome.SCHEMA,
            message=f"{source.title}: {source.description}",
            reasoning=f"The bundled application {source.title!r}, unchanged.",
            draft={"document": document},
            document=document,
            engine="offline",
        )
    job = service.provision(user, project, document, trace=trace)
    if job is not None:
        jobs.run(job.pk)
        done = jobs.wait(user, job.pk, 60)
        if done.status != Job.Status.SUCCEEDED:
            raise Problem.from_json(done.error or {})
    return access_project(user, project.pk)


def fill(user: User, project: Project, source: Blueprint) -> int:
    """Puts sample records into a project's empty tables, in one transaction; returns how many records they have then.

    Args:
        user: whom the records belong to, and are assigned to.
        project: a project that the blueprint's tables are provisioned in.
        source: the blueprint.
    """
    runtime = get_runtime(project)
    now = timezone.now()
    rows = sample_rows(source, today=now.date(), owner=user.pk, namespace=project.pk)
    with open_project(project, user.pk, "admin") as door:
        if not any(_count(door, runtime.resource(name)) for name in rows):
            for name, entries in rows.items():
                _insert(door, runtime.resource(name), entries, now)
        return sum(_count(door, runtime.resource(name)) for name in rows)


def _count(door: Door, resource: Resource) -> int:
    return resource.model.objects.using(door.alias).count()


def _insert(door: Door, resource: Resource, entries: list[dict[str, Json]], now: datetime) -> None:
    """Stores records, the first as the youngest, and then what they link to."""
    links = {field.column.name: field for field in resource.links}
    made = [
        resource.model(
            id=UUID(entry["id"]),
            created_at=now - timedelta(hours=age + 1),
            **{name: value for name, value in _values(resource, entry).items() if name not in links},
        )
        for age, entry in enumerate(entries)
    ]
    resource.model.objects.using(door.alias).bulk_create(made)
    for name, field in links.items():
        add_links(door, field, ((UUID(entry["id"]), UUID(target)) for entry in entries for target in entry[name] or ()))


def _values(resource: Resource, entry: dict[str, Json]) -> dict[str, Any]:
    """A sample record's values as its model takes them."""
    columns = [column for column in resource.table.columns if entry.get(column.name) is not None]
    return {column.name: column_types.get(column.type).value(column, entry[column.name]) for column in columns}
