"""The only way to a tenant's objects. Each function opens its own door, so call them outside of any.

What does not exist and what belongs to someone else are answered alike. A member whose role lacks a right is told so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar
from uuid import UUID

from django.db.models import F, FilteredRelation, Model, Q, QuerySet

from core.errors import NotFound
from core.models import DecisionTrace, Job, Project, User, VibeConfig
from core.rights import Right, Role, refusal, rights_of
from core.tenancy import ProjectRole, acting_as

M = TypeVar("M", bound=Model)

_DOORS: Final[Mapping[Role, ProjectRole]] = {
    Role.OWNER: "admin",
    Role.ADMIN: "admin",
    Role.EDITOR: "member",
    Role.VIEWER: "viewer",
}


def access_project(user: User, project_id: UUID, right: Right | None = None) -> Project:
    """A project that the user may open, with its active version and placement, and the user's role in it.

    Args:
        user: who opens it.
        project_id: which one.
        right: what the user is about to do, if not every member may do it.

    Raises:
        NotFound: when there is no such project, or the user is no member of it.
        Forbidden: when the user's role lacks the right.
    """
    project = _access(user, _projects(user).filter(pk=project_id))
    require(user, project, right)
    return project


def list_projects(user: User) -> list[Project]:
    """The projects that the user may open, last changed first."""
    with acting_as(user.pk):
        return projects_in_reach(user)


def projects_in_reach(user: User) -> list[Project]:
    """The same for a door of the user's that is open already."""
    return list(_projects(user))


def refresh(user: User, project: Project) -> Project:
    """The project and the user's role in it as they are now. For once, call it inside the user's door."""
    found = _projects(user).filter(pk=project.pk).first()
    if found is None:
        raise NotFound
    return found


def role_of(user: User, project: Project) -> Role:
    """The user's role in a project that was found for them; raises `NotFound` when they have none."""
    if project.owner_id == user.pk:
        return Role.OWNER
    if project.member_id != user.pk or project.member_role is None:
        raise NotFound
    return Role(project.member_role)


def require(user: User, project: Project, right: Right | None) -> None:
    """Lets only members go on whose role has the right, if one is named.

    Raises:
        NotFound: for everybody else.
        Forbidden: for members whose role lacks it.
    """
    role = role_of(user, project)
    if right is not None and right not in rights_of(role):
        raise refusal(role, right)


def project_role_of(user: User, project: Project) -> ProjectRole:
    """In which role the user enters the project's data, by their role in the project; raises `NotFound`.

    Its owner and admins see all rows, editors what policies give them, and viewers the same without writing.
    """
    return _DOORS[role_of(user, project)]


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


def _projects(user: User) -> QuerySet[Project]:
    membership = FilteredRelation("members", condition=Q(members__user=user.pk))
    found = {"member_id": F("membership__user_id"), "member_role": F("membership__role")}
    projects = Project.objects.filter(deleted_at=None).select_related("active_config", "placement")
    return projects.annotate(membership=membership, **found)


def _access(user: User, queryset: QuerySet[M]) -> M:
    with acting_as(user.pk):
        found = queryset.first()
    if found is None:
        raise NotFound
    return found
