"""Changes of who belongs to a project: adding, other roles, removing, leaving, handing the project over.

Those of a project follow one another, and each looks at the role that its user has when its turn comes: of two admins
who demote each other at once, one does. Access ends with the row, for it is looked up in every request and by every
job; what somebody added to the project stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from core import turns
from core.errors import BadRequest, Conflict, NotFound, QuotaExceeded
from core.models import Project, ProjectMember, SchemaLock, User
from core.permissions import refresh, require
from core.rights import GIVEN, Right, Role, rights_of
from core.tenancy import acting_as, as_platform

_HOUR: Final = 3600


def add_member(user: User, project: Project, email: str, role: Role) -> UUID:
    """Adds the person with that account; returns their id.

    Args:
        user: who adds them.
        project: as `core.permissions.access_project` returns it.
        email: the address that the person signs in with.
        role: one of `core.rights.GIVEN`.

    Raises:
        BadRequest: when nobody has an account with that address, which signing up would tell as well.
        Conflict: when the person is a member already.
        Forbidden: when the user may not manage members.
        QuotaExceeded: when the user has tried too many addresses in this hour.
    """
    require(user, project, Right.MANAGE_MEMBERS)
    _check_given(role)
    _count_attempt(user)
    address = email.replace("\0", "").strip().lower()
    person = User.objects.filter(email=address, is_active=True).first()
    if person is None:
        raise _no_account(address)
    with _turn(user, project) as now:
        require(user, now, Right.MANAGE_MEMBERS)
        if person.pk == now.owner_id or _members(now).filter(user=person).exists():
            raise Conflict(f"{address} is a member of this project already.", code="already_member")
        ProjectMember.objects.create(project=now, user=person, role=role.value, added_by=user)
    return person.pk


def change_role(user: User, project: Project, member_id: UUID, role: Role) -> None:
    """Gives a member another role.

    Raises:
        Conflict: when the member is the owner, who stays that until they hand the project over.
        Forbidden: when the user may not manage members.
        NotFound: when there is no such member.
    """
    _check_given(role)
    with _turn(user, project) as now:
        require(user, now, Right.MANAGE_MEMBERS)
        _check_not_owner(now, member_id)
        if not _members(now).filter(user=member_id).update(role=role.value):
            raise _no_member()
    if Right.CHANGE_SCHEMA not in rights_of(role):
        _free_lock(project, member_id)


def remove_member(user: User, project: Project, member_id: UUID) -> None:
    """Removes a member, or lets the user leave. Errors are those of `change_role`; everybody may leave."""
    with _turn(user, project) as now:
        if member_id != user.pk:
            require(user, now, Right.MANAGE_MEMBERS)
        _check_not_owner(now, member_id)
        if not _members(now).filter(user=member_id).delete()[0]:
            raise _no_member()
    _free_lock(project, member_id)


def hand_over(user: User, project: Project, member_id: UUID) -> None:
    """Makes a member the owner of the project; the owner stays as an admin.

    No user's role in PostgreSQL may change whose a project is, so this is done as the platform.

    Raises:
        Forbidden: when the user is not the owner.
        NotFound: when there is no such member.
    """
    with _turn(user, project) as now:
        require(user, now, Right.HAND_OVER)
    with as_platform():
        _take_turn(project)
        member = _members(project).filter(user=member_id).first()
        owned = Project.objects.filter(pk=project.pk, owner=user, deleted_at=None)
        if member is None or not owned.update(owner_id=member_id):
            raise _no_member()
        member.delete()
        ProjectMember.objects.create(project=project, user=user, role=Role.ADMIN.value, added_by_id=member_id)


@contextmanager
def _turn(user: User, project: Project) -> Iterator[Project]:
    """The user's door once nobody else changes the project's members, and the project as it is then."""
    with acting_as(user.pk):
        _take_turn(project)
        yield refresh(user, project)


def _take_turn(project: Project) -> None:
    turns.take(connection, f"members:{project.pk}")


def _members(project: Project):
    return ProjectMember.objects.filter(project=project)


def _check_given(role: Role) -> None:
    if role not in GIVEN:
        raise BadRequest("A project has one owner. Add the person as an admin and hand the project over.")


def _check_not_owner(project: Project, member_id: UUID) -> None:
    if member_id == project.owner_id:
        detail = "The owner stays the owner of the project. Hand it over to another member first."
        raise Conflict(detail, code="owner_stays")


def _no_member() -> NotFound:
    return NotFound("There is no such member of this project.")


def _no_account(address: str) -> BadRequest:
    detail, fix = f"Nobody has an account with the address {address}.", "Ask the person to sign up first."
    fault = {"code": "no_account", "path": "$.email", "detail": detail, "fix": fix}
    return BadRequest(f"{detail} {fix}", code="no_account", errors=[fault])


def _count_attempt(user: User) -> None:
    """Counts in Redis, in one step, so that hundred requests at once are hundred."""
    now = int(datetime.now(UTC).timestamp())
    key = f"members-added:{user.pk}:{now // _HOUR}"
    cache.add(key, 0, _HOUR)
    if cache.incr(key) > settings.MEMBERS_PER_HOUR:
        detail = f"You have added {settings.MEMBERS_PER_HOUR} people in this hour, or tried to. Try again in the next."
        raise QuotaExceeded(detail, code="too_many_members", retry_after=_HOUR - now % _HOUR)


def _free_lock(project: Project, member_id: UUID) -> None:
    """Gives back the schema lock that somebody held by hand; their work that runs already ends in its own time."""
    with as_platform():
        SchemaLock.objects.filter(project=project, holder_id=member_id, work=None).delete()
