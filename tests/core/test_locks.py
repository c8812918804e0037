"""The schema lock: one at a time, for a while, and nobody steals it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core import locks
from core.errors import Conflict
from core.models import Project, SchemaLock, User
from core.tenancy import as_platform
from tests.factories import ProjectFactory


@pytest.fixture
def project(user: User) -> Project:
    return ProjectFactory(owner=user)


def hold_by(project: Project, other: User) -> None:
    """Makes another user the holder, as a member of the project will be able to."""
    with as_platform():
        SchemaLock.objects.filter(project=project).update(holder=other)


def test_the_holder_extends_the_lock(user: User, project: Project) -> None:
    first = locks.acquire(project, user.pk)
    second = locks.acquire(project, user.pk)
    assert second.acquired_at == first.acquired_at
    assert second.expires_at > first.expires_at


def test_nobody_takes_a_lock_that_is_held(user: User, other_user: User, project: Project) -> None:
    locks.acquire(project, user.pk)
    hold_by(project, other_user)
    with pytest.raises(Conflict) as conflict:
        locks.acquire(project, user.pk)
    assert conflict.value.retry_after > 0


def test_a_lock_that_ran_out_is_free(user: User, other_user: User, project: Project, settings) -> None:
    settings.SCHEMA_LOCK_SECONDS = -1
    locks.acquire(project, user.pk)
    hold_by(project, other_user)
    settings.SCHEMA_LOCK_SECONDS = 60
    assert locks.acquire(project, user.pk).holder_id == user.pk


def test_the_lock_is_given_back(user: User, project: Project) -> None:
    with locks.held(project, user.pk):
        assert locks.status(project, user.pk)
    assert locks.status(project, user.pk) is None


def test_many_at_once_end_with_one_lock(user: User, project: Project) -> None:
    def acquire(_: int) -> None:
        try:
            locks.acquire(project, user.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(acquire, range(12)))
    with as_platform():
        assert SchemaLock.objects.count() == 1
