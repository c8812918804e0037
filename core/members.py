"""Who belongs to a project, for whatever shows people or lets them choose one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.models import Project

FORMER_MEMBER: Final = "Former member"
"""What people read for somebody who is no member any more."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may open a project.

    Args:
        id: the user's.
        name: what people call them: their full name, else their email address.
        email: their email address.
    """

    id: UUID
    name: str
    email: str


def project_members(project: Project) -> list[Member]:
    """The members of a project by name: its owner. Call it outside of any door.

    Args:
        project: found by `core.permissions.access_project`, with its owner.
    """
    owner = project.owner
    return [Member(id=owner.pk, name=owner.get_full_name(), email=owner.email)]


def member_name(members: Mapping[UUID, Member], member_id: UUID) -> str:
    """What people read for the id of somebody who is or was a member."""
    member = members.get(member_id)
    return member.name if member else FORMER_MEMBER
