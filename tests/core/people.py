"""Who is a member of a project, for the tests of members."""

from __future__ import annotations

from uuid import UUID

from core.members import project_members
from core.models import Project
from core.tenancy import as_platform

ROLES = ("admin", "editor", "viewer")


def roles(project: Project) -> dict[UUID, str]:
    """What each member is, as it is now."""
    with as_platform():
        now = Project.objects.get(pk=project.pk)
    return {member.id: member.role.value for member in project_members(now)}
