"""The schema lock: one user at a time may change a project's tables, and a crashed holder blocks nobody for long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from core.errors import Conflict
from core.models import Project, SchemaLock
from core.tenancy import acting_as


def acquire(project: Project, user_id: UUID) -> SchemaLock:
    """Takes the lock, or extends it when the user has it already.

    Raises:
        Conflict: while somebody else holds it.
    """
    now = timezone.now()
    expires_at = now + timedelta(seconds=settings.SCHEMA_LOCK_SECONDS)
    with acting_as(user_id):
        Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
        lock = SchemaLock.objects.filter(project=project).first()
        if lock and lock.holder_id != user_id and lock.expires_at > now:
            detail = (
                f"Someone else is changing this project's tables until {lock.expires_at:%H:%M:%S} UTC. Try again then."
            )
            raise Conflict(detail, code="schema_locked", retry_after=int((lock.expires_at - now).total_seconds()) + 1)
        kept = lock is not None and lock.holder_id == user_id and lock.expires_at > now
        lock, _created = SchemaLock.objects.update_or_create(
            project=project,
            defaults={
                "holder_id": user_id,
                "acquired_at": lock.acquired_at if lock and kept else now,
                "expires_at": expires_at,
            },
        )
    return lock


def release(project: Project, user_id: UUID) -> None:
    """Gives the lock back; nothing happens when the user does not hold it."""
    with acting_as(user_id):
        SchemaLock.objects.filter(project=project, holder_id=user_id).delete()


def status(project: Project, user_id: UUID) -> SchemaLock | None:
    """The lock that is in force, if any."""
    with acting_as(user_id):
        return SchemaLock.objects.filter(project=project, expires_at__gt=timezone.now()).first()


@contextmanager
def held(project: Project, user_id: UUID) -> Iterator[SchemaLock]:
    """The lock for as long as the block runs; raises `Conflict` while somebody else holds it."""
    lock = acquire(project, user_id)
    try:
        yield lock
    finally:
        release(project, user_id)
