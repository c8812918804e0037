"""The schema lock: one user at a time may change a project's tables, and a crashed holder blocks nobody for long.

A user holds it by hand, and each piece of the user's work (`held`) holds a share of its own beside that: two tabs of a
user share the lock, and what the user provisions goes through. Whose turn it is is decided one at a time a project,
and what has run out is judged by PostgreSQL's clock, which all processes share.

The owner can freeze the tables as well: then nobody takes the lock, until they are unfrozen. Work that holds it
already ends in its own time.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import DurationField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Now

from core import turns
from core.errors import Conflict, Forbidden
from core.lock_status import UNSAID, LockStatus
from core.members import member_name, project_members
from core.models import Project, SchemaFreeze, SchemaLock
from core.tenancy import acting_as

logger = logging.getLogger(__name__)

MAX_WORDS: Final = 200
_BEATS: Final = 4
"""How often a lock is extended in the time that it lasts: three beats may be missed."""


def acquire(project: Project, user_id: UUID, purpose: str = UNSAID, work: UUID | None = None) -> SchemaLock:
    """Takes the lock, or extends it when the user has it already. Call it outside of doors.

    Args:
        project: as `core.permissions.access_project` returns it.
        user_id: who takes it.
        purpose: what for, in a few words that others read.
        work: the name of the work that takes it; None when the user does by hand.

    Raises:
        Conflict: while somebody else holds it, or the tables are frozen.
    """
    lasts = timedelta(seconds=settings.SCHEMA_LOCK_SECONDS)
    values = {"purpose": _words(purpose) or UNSAID, "expires_at": Now() + lasts}
    with acting_as(user_id):
        _take_turn(project)
        others = _in_force(project).exclude(holder=user_id)
        lock = None
        if not _freezes(project).exists() and not others.exists():
            _shares(project).filter(expires_at__lte=Now()).delete()
            mine = _shares(project).filter(work=work)
            if not mine.update(**values):
                SchemaLock.objects.create(project=project, holder_id=user_id, work=work, acquired_at=Now(), **values)
            lock = mine.get()
    if lock is None:
        raise _refusal(project, user_id)
    return lock


def release(project: Project, user_id: UUID) -> None:
    """Gives back what the user holds by hand; nothing happens when nobody holds anything.

    Raises:
        Conflict: while somebody else holds the lock.
    """
    with acting_as(user_id):
        _shares(project).filter(holder=user_id, work=None).delete()
        others = _in_force(project).exclude(holder=user_id).exists()
    if others:
        raise _refusal(project, user_id)


@contextmanager
def held(project: Project, user_id: UUID, purpose: str = UNSAID, work: UUID | None = None) -> Iterator[SchemaLock]:
    """The lock for as long as the block runs, and not longer than it lasts if this process dies.

    Args:
        project: as `core.permissions.access_project` returns it.
        user_id: for whom the block works.
        purpose: what it does, in a few words that others read.
        work: names the work, so that who does it again after a crash goes on with the same share.

    Raises:
        Conflict: while somebody else holds it, or the tables are frozen.
    """
    work = work or uuid4()
    lock = acquire(project, user_id, purpose, work)
    finished = threading.Event()
    thread = threading.Thread(target=_keep, args=(project, user_id, work, finished), name=f"lock-{work}", daemon=True)
    thread.start()
    try:
        yield lock
    finally:
        finished.set()
        thread.join()
        _give_back(project, user_id, work)


def confirm(project: Project, work: UUID) -> None:
    """Makes sure inside an open door that the work still holds the lock, before it commits; raises `Conflict`."""
    if not _in_force(project).filter(work=work).exists():
        detail = "This work stood still until its schema lock ran out. Nothing was changed. Try again."
        raise Conflict(detail, code="schema_lock_lost")


def require_free(project: Project, user_id: UUID) -> None:
    """Refuses early what `acquire` would refuse now; raises `Conflict`. Call it outside of doors."""
    found = status(project, user_id)
    if found.blocks:
        raise found.refusal()


def require_unfrozen(project: Project, user_id: UUID) -> None:
    """Refuses what a freeze stops and a lock does not; raises `Conflict`. Call it outside of doors."""
    found = status(project, user_id)
    if found.frozen:
        raise found.refusal()


def status(project: Project, user_id: UUID) -> LockStatus:
    """Who may change the project's tables, as that user sees it. Call it outside of doors."""
    left = ExpressionWrapper(F("expires_at") - Now(), output_field=DurationField())
    with acting_as(user_id):
        shares = list(_in_force(project).annotate(left=left).order_by(F("work").asc(nulls_last=True), "-acquired_at"))
        freeze = _freezes(project).first()
    members = {member.id: member for member in project_members(project)} if shares or freeze else {}
    found: dict[str, Any] = {}
    if shares:
        last = max(shares, key=lambda share: share.expires_at)
        found |= {
            "is_mine": shares[0].holder_id == user_id,
            "is_work": shares[0].work is not None,
            "holder_id": shares[0].holder_id,
            "holder": member_name(members, shares[0].holder_id),
            "purpose": shares[0].purpose,
            "acquired_at": min(share.acquired_at for share in shares),
            "expires_at": last.expires_at,
            "seconds_left": math.ceil(last.left.total_seconds()),
        }
    if freeze:
        found |= {
            "frozen_at": freeze.frozen_at,
            "frozen_by": member_name(members, freeze.frozen_by_id),
            "reason": freeze.reason,
        }
    return LockStatus(may_freeze=project.owner_id == user_id, **found)


def freeze(project: Project, user_id: UUID, reason: str = "") -> None:
    """Keeps everybody from changing the tables, the owner included, until `unfreeze`. Again, it changes the reason.

    Raises:
        Forbidden: when the user is not the owner.
    """
    _require_owner(project, user_id)
    with acting_as(user_id):
        _take_turn(project)
        SchemaFreeze.objects.bulk_create(
            [SchemaFreeze(project=project, frozen_by_id=user_id, reason=_words(reason), frozen_at=Now())],
            update_conflicts=True,
            unique_fields=["project"],
            update_fields=["reason"],
        )


def unfreeze(project: Project, user_id: UUID) -> None:
    """Lets the tables be changed again; nothing happens when they are not frozen.

    Raises:
        Forbidden: when the user is not the owner.
    """
    _require_owner(project, user_id)
    with acting_as(user_id):
        _freezes(project).delete()


def _shares(project: Project) -> QuerySet[SchemaLock]:
    return SchemaLock.objects.filter(project=project)


def _in_force(project: Project) -> QuerySet[SchemaLock]:
    return _shares(project).filter(expires_at__gt=Now())


def _freezes(project: Project) -> QuerySet[SchemaFreeze]:
    return SchemaFreeze.objects.filter(project=project)


def _take_turn(project: Project) -> None:
    """Lets whoever else takes the project's lock or freezes it wait until this transaction ends."""
    turns.take(connection, f"schema-lock:{project.pk}")


def _keep(project: Project, user_id: UUID, work: UUID, finished: threading.Event) -> None:
    """Extends the lock from a thread of its own, for the work may sit in one long statement."""
    while not finished.wait(settings.SCHEMA_LOCK_SECONDS / _BEATS):
        try:
            with acting_as(user_id):
                expires_at = Now() + timedelta(seconds=settings.SCHEMA_LOCK_SECONDS)
                _in_force(project).filter(work=work).update(expires_at=expires_at)
        except DatabaseError as error:
            logger.warning("The schema lock of project %s was not extended: %s", project.pk, error)
        finally:
            connection.close()


def _give_back(project: Project, user_id: UUID, work: UUID) -> None:
    try:
        with acting_as(user_id):
            _shares(project).filter(holder=user_id, work=work).delete()
    except DatabaseError as error:
        logger.warning("The schema lock of project %s was not given back and runs out: %s", project.pk, error)


def _refusal(project: Project, user_id: UUID) -> Conflict:
    found = status(project, user_id)
    if found.blocks:
        return found.refusal()
    return Conflict("The tables were just being changed. Try again.", code="schema_locked", retry_after=1)


def _require_owner(project: Project, user_id: UUID) -> None:
    if project.owner_id != user_id:
        raise Forbidden("Only the owner of a project freezes and unfreezes its tables.", code="owner_only")


def _words(text: str) -> str:
    """What people typed, on one line, as PostgreSQL can keep it."""
    kept = text.replace("\0", " ").encode(errors="replace").decode()
    return " ".join(kept.split())[:MAX_WORDS]
