"""The demo: a user and a filled real-estate project, so that the first page a newcomer opens is full."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from core import jobs
from core.errors import Problem
from core.models import DecisionTrace, Job, Project, User
from core.permissions import access_project, list_projects
from core.projects import create_project
from core.tenancy import Door, acting_as, open_project
from dynamic_crud.factory import DynamicRow
from dynamic_crud.runtime import get_runtime
from provisioning import service
from schemas.blueprints import blueprint
from schemas.column_types import column_types
from schemas.document import Table

PROJECT_NAME = "Harbor Homes"
BLUEPRINT = "real_estate"

_Records = Mapping[str, list[Mapping[str, Any]]]


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
    return Demo(user, project, _fill(user, project), created)


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


def _fill(user: User, project: Project) -> int:
    """Puts the bundled records into empty tables, in one transaction; returns how many records there are."""
    records: _Records = json.loads(files(__name__).joinpath("records.json").read_text("utf-8"))
    runtime = get_runtime(project)
    now = timezone.now()
    with open_project(project, user.pk, "admin") as door:
        rows = {
            name: list(_rows(project, runtime.resource(name).table, entries, now)) for name, entries in records.items()
        }
        if not any(_count(door, runtime.resource(name).model) for name in rows):
            for name, values in rows.items():
                model = runtime.resource(name).model
                model.objects.using(door.alias).bulk_create([model(**row) for row in values])
        return sum(_count(door, runtime.resource(name).model) for name in rows)


def _count(door: Door, model: type[DynamicRow]) -> int:
    return model.objects.using(door.alias).count()


def _rows(project: Project, table: Table, entries: list[Mapping[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    columns = {column.name: column for column in table.columns}
    for age, entry in enumerate(entries):
        row: dict[str, Any] = {"id": _id(project, entry["key"]), "created_at": now - timedelta(hours=age + 1)}
        for name, told in entry.items():
            if column := columns.get(name):
                value = _value(project, told, now)
                row[name] = value if column.is_relation else column_types.get(column.type).value(column, value)
        yield row


def _value(project: Project, told: Any, now: datetime) -> Any:
    """`@key` is another record's id; `days` counts from today, so that the demo never looks old."""
    if isinstance(told, str) and told.startswith("@"):
        return _id(project, told[1:])
    if isinstance(told, dict):
        day = (now + timedelta(days=told["days"])).date()
        if "time" not in told:
            return day.isoformat()
        return datetime.combine(day, time.fromisoformat(told["time"]), now.tzinfo).isoformat()
    return told


def _id(project: Project, key: str) -> UUID:
    return uuid5(project.pk, key)
