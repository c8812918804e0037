"""The only way to a tenant's objects. Each function opens its own door, so call them outside of any.

What does not exist and what belongs to someone else are answered alike.
"""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from core.errors import NotFound
from core.models import DecisionTrace, Job, Project, User, VibeConfig
from core.tenancy import ProjectRole, acting_as

M = TypeVar("M", bound=Model)


def access_project(user: User, project_id: UUID) -> Project:
    """A project that the user may open, with its owner, active version and placement; raises `NotFound`."""
    return _access(user, _projects().filter(pk=project_id))


def list_projects(user: User) -> list[Project]:
    """The projects that the user may open, last changed first."""
    with acting_as(user.pk):
        return list(_projects())


def project_role_of(user: User, project: Project) -> ProjectRole:
    """In which role the user enters the project's data: its owner sees all rows, others what policies give them."""
    return "admin" if project.owner_id == user.pk else "member"


def access_job(user: User, job_id: UUID) -> Job:
    """A job of the user's own; raises `NotFound`."""
    return _access(user, Job.objects.filter(pk=job_id))


def access_trace(user: User, project_id: UUID, trace_id: UUID) -> DecisionTrace:
    """A decision trace of a project that the user may open; raises `NotFound`."""
    return _access(user, DecisionTrace.objects.filter(pk=trace_id, project_id=project_id))


def list_traces(user: User, project: Project, limit: int = 100) -> list[DecisionTrace]:
    """The project's decisions, newest first."""
    with acting_as(user.pk):
        return list(DecisionTrace.objects.filter(project=project)[:limit])


def list_configs(user: User, project: Project) -> list[VibeConfig]:
    """The project's versions, newest first."""
    with acting_as(user.pk):
        return list(VibeConfig.objects.filter(project=project).select_related("trace"))


def access_config(user: User, project: Project, version: str) -> VibeConfig:
    """One version of a project; raises `NotFound`."""
    return _access(user, VibeConfig.objects.filter(project=project, version=version))


def access_config_by_id(user: User, project: Project, config_id: UUID) -> VibeConfig:
    """One version of a project by its id; raises `NotFound`."""
    return _access(user, VibeConfig.objects.filter(project=project, pk=config_id))


def _projects() -> QuerySet[Project]:
    return Project.objects.filter(deleted_at=None).select_related("owner", "active_config", "placement")


def _access(user: User, queryset: QuerySet[M]) -> M:
    with acting_as(user.pk):
        found = queryset.first()
    if found is None:
        raise NotFound
    return found
