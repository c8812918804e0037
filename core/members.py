"""Who belongs to a project, for whatever shows people or lets them choose one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Value

from core.models import Project, ProjectMember, User
from core.rights import Role
from core.tenancy import as_platform

FORMER_MEMBER: Final = "Former member"
"""What people read for somebody who is no member any more."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may open a project.

    Args:
        id: the user's.
        name: what people call them: their full name, else their email address.
        email: their email address.
        role: what they may do in the project.
        since: when they were added; of the owner, when the project was made.
    """

    id: UUID
    name: str
    email: str
    role: Role
    since: datetime


def project_members(project: Project) -> list[Member]:
    """The members of a project by name, its owner among them. Call it outside of any door.

    Users see no account but their own, so this is read as the platform, in one query.

    Args:
        project: found by `core.permissions.access_project`.
    """
    role, since = Value(Role.OWNER.value), Value(project.created_at)
    owner = User.objects.filter(pk=project.owner_id).values_list("pk", "full_name", "email", role, since)
    others = ProjectMember.objects.filter(project=project).exclude(user=project.owner_id)
    columns = ("user_id", "user__full_name", "user__email", "role", "created_at")
    with as_platform():
        rows = list(owner.order_by().union(others.order_by().values_list(*columns), all=True))
    found = [Member(pk, name or email, email, Role(held), at) for pk, name, email, held, at in rows]
    return sorted(found, key=lambda member: (member.name.casefold(), member.email))


def member_name(members: Mapping[UUID, Member], member_id: UUID) -> str:
    """What people read for the id of somebody who is or was a member."""
    member = members.get(member_id)
    return member.name if member else FORMER_MEMBER
