"""The schema lock: one user at a time, for a while, and nobody steals it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings as product_settings
from django.db import DatabaseError
from django.utils import timezone

from core import locks
from core.errors import Conflict, Forbidden
from core.models import Project, SchemaFreeze, SchemaLock, User
from core.tenancy import acting_as, as_platform
from tests.at_once import at_once
from tests.conftest import ROOT
from tests.factories import UserFactory, share

HOLDER = """
import sys, time, django
django.setup()
from core import locks
from core.models import User
from core.permissions import access_project
user = User.objects.get(email=sys.argv[1])
with locks.held(access_project(user, sys.argv[2]), user.pk, "provisioning version 1.0.0"):
    print("held", flush=True)
    time.sleep(600)
"""


def run_out(superuser: psycopg.Connection) -> None:
    """Lets the time pass that a lock lasts."""
    superuser.execute("update core_schemalock set expires_at = now() - interval '1 second'")


def test_a_free_project_says_so(user: User, project: Project) -> None:
    found = locks.status(project, user.pk)
    assert (found.locked, found.frozen, found.blocks, found.sentence) == (False, False, False, "")


def test_the_holder_extends_the_lock(user: User, project: Project) -> None:
    first = locks.acquire(project, user.pk)
    second = locks.acquire(project, user.pk, "moving the columns")
    assert second.acquired_at == first.acquired_at
    assert second.expires_at > first.expires_at
    assert locks.status(project, user.pk).purpose == "moving the columns"


def test_it_lasts_as_long_as_the_setting_says(user: User, project: Project, settings) -> None:
    settings.SCHEMA_LOCK_SECONDS = 90
    lock = locks.acquire(project, user.pk)
    assert lock.expires_at - lock.acquired_at == pytest.approx(timedelta(seconds=90), abs=timedelta(seconds=1))
    assert 80 < locks.status(project, user.pk).seconds_left <= 90


def test_nobody_takes_a_lock_that_is_held(user: User, colleague: User, project: Project) -> None:
    lock = locks.acquire(project, user.pk, "moving the columns")
    with pytest.raises(Conflict) as refused:
        locks.acquire(project, colleague.pk)
    problem = refused.value
    assert (problem.code, problem.members["holder"]) == ("schema_locked", user.get_full_name())
    assert problem.members["expires_at"] == lock.expires_at.isoformat().replace("+00:00", "Z")
    assert 0 < problem.retry_after <= product_settings.SCHEMA_LOCK_SECONDS
    assert problem.detail.startswith(f"{user.get_full_name()} is changing the tables (moving the columns), until ")
    assert locks.status(project, user.pk).holder_id == user.pk


def test_nobody_gives_back_what_somebody_else_holds(user: User, colleague: User, project: Project) -> None:
    locks.acquire(project, user.pk)
    with pytest.raises(Conflict) as refused:
        locks.release(project, colleague.pk)
    assert refused.value.code == "schema_locked"
    assert locks.status(project, colleague.pk).holder_id == user.pk


def test_the_lock_is_given_back_and_can_be_given_back_twice(user: User, colleague: User, project: Project) -> None:
    locks.acquire(project, user.pk)
    locks.release(project, user.pk)
    locks.release(project, user.pk)
    assert locks.acquire(project, colleague.pk).holder_id == colleague.pk


def test_a_lock_that_ran_out_is_free(
    user: User, colleague: User, project: Project, superuser: psycopg.Connection
) -> None:
    locks.acquire(project, user.pk)
    run_out(superuser)
    assert not locks.status(project, user.pk).locked
    lock = locks.acquire(project, colleague.pk)
    assert lock.holder_id == colleague.pk
    assert locks.status(project, user.pk).blocks
    with as_platform():
        assert SchemaLock.objects.count() == 1


def test_a_lock_of_mine_that_ran_out_begins_anew(user: User, project: Project, superuser: psycopg.Connection) -> None:
    first = locks.acquire(project, user.pk)
    run_out(superuser)
    assert locks.acquire(project, user.pk).acquired_at > first.acquired_at


@pytest.mark.parametrize("days", [-1, 1])
def test_the_clock_of_a_process_changes_nothing(
    user: User, colleague: User, project: Project, superuser: psycopg.Connection, monkeypatch, days: int
) -> None:
    wrong = timezone.now() + timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: wrong)
    monkeypatch.setattr(time, "time", wrong.timestamp)
    locks.acquire(project, user.pk)
    assert 0 < locks.status(project, user.pk).seconds_left <= product_settings.SCHEMA_LOCK_SECONDS
    with pytest.raises(Conflict):
        locks.acquire(project, colleague.pk)
    run_out(superuser)
    assert locks.acquire(project, colleague.pk).holder_id == colleague.pk


def test_of_many_at_once_exactly_one_gets_it(project: Project) -> None:
    users = [UserFactory() for _ in range(8)]
    for user in users:
        share(project, user, "admin")
    outcomes = at_once([lambda user=user: locks.acquire(project, user.pk) for user in users])
    (lock,) = [outcome for outcome in outcomes if isinstance(outcome, SchemaLock)]
    assert [outcome.code for outcome in outcomes if outcome is not lock] == ["schema_locked"] * 7
    with as_platform():
        assert [row.holder_id for row in SchemaLock.objects.all()] == [lock.holder_id]


def test_many_of_one_user_at_once_share_one_lock(user: User, project: Project) -> None:
    outcomes = at_once([lambda: locks.acquire(project, user.pk)] * 6)
    assert all(isinstance(outcome, SchemaLock) for outcome in outcomes)
    with as_platform():
        assert SchemaLock.objects.count() == 1


def test_work_goes_through_its_users_hand_and_leaves_it_its_lock(user: User, colleague: User, project: Project) -> None:
    by_hand = locks.acquire(project, user.pk)
    with locks.held(project, user.pk, "provisioning version 1.2.0"):
        found = locks.status(project, colleague.pk)
        assert (found.purpose, found.is_work, found.blocks) == ("provisioning version 1.2.0", True, True)
        assert found.sentence == f"{user.get_full_name()} is changing the tables (provisioning version 1.2.0)"
    left = locks.status(project, user.pk)
    assert (left.purpose, left.is_work, left.expires_at) == ("editing", False, by_hand.expires_at)


def test_a_hand_does_not_give_back_what_work_holds(user: User, colleague: User, project: Project) -> None:
    with locks.held(project, user.pk):
        locks.release(project, user.pk)
        with pytest.raises(Conflict):
            locks.acquire(project, colleague.pk)
    assert locks.acquire(project, colleague.pk)


def test_each_work_gives_back_its_own_share_only(user: User, colleague: User, project: Project) -> None:
    with locks.held(project, user.pk):
        with locks.held(project, user.pk):
            pass
        with pytest.raises(Conflict):
            locks.acquire(project, colleague.pk)


def test_work_that_fails_gives_the_lock_back(user: User, project: Project) -> None:
    with pytest.raises(ValueError, match="no"), locks.held(project, user.pk):
        raise ValueError("no")
    assert not locks.status(project, user.pk).locked


def test_long_work_keeps_the_lock(user: User, project: Project, settings) -> None:
    settings.SCHEMA_LOCK_SECONDS = 2
    with locks.held(project, user.pk) as lock:
        deadline = time.monotonic() + 20
        while not (found := locks.status(project, user.pk)).locked or found.expires_at <= lock.expires_at:
            assert time.monotonic() < deadline, "The lock was not extended."
            time.sleep(0.05)


def test_work_that_lost_its_lock_may_not_commit(user: User, project: Project, superuser: psycopg.Connection) -> None:
    work = uuid4()
    with locks.held(project, user.pk, work=work):
        with as_platform():
            locks.confirm(project, work)
        run_out(superuser)
        with pytest.raises(Conflict) as lost, as_platform():
            locks.confirm(project, work)
    assert lost.value.code == "schema_lock_lost"


def test_a_killed_process_blocks_others_no_longer_than_a_lock_lasts(
    user: User, colleague: User, project: Project, settings
) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "vibecrm.settings", "SCHEMA_LOCK_SECONDS": "3"}
    command = [sys.executable, "-c", HOLDER, user.email, str(project.pk)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        process.kill()
    left = locks.status(project, colleague.pk).seconds_left
    assert left is None or left <= 3
    deadline = time.monotonic() + 30
    while locks.status(project, colleague.pk).locked:
        assert time.monotonic() < deadline, "The lock of the killed process is still in force."
        time.sleep(0.1)
    assert locks.acquire(project, colleague.pk).holder_id == colleague.pk


def test_work_that_is_done_again_after_a_crash_goes_on_with_its_share(user: User, project: Project) -> None:
    work = uuid4()
    locks.acquire(project, user.pk, "provisioning version 1.0.0", work)
    with locks.held(project, user.pk, "provisioning version 1.0.0", work):
        assert locks.status(project, user.pk).is_work
    assert not locks.status(project, user.pk).locked


@pytest.mark.parametrize("words", ["", "  ", "a\0b", "\ud800", "<script>", "x" * 300])
def test_any_words_can_be_said(user: User, project: Project, words: str) -> None:
    locks.acquire(project, user.pk, words)
    locks.freeze(project, user.pk, words)
    found = locks.status(project, user.pk)
    assert found.purpose
    assert len(found.purpose) <= locks.MAX_WORDS
    assert found.frozen


def test_nobody_takes_the_lock_of_a_frozen_project(user: User, colleague: User, project: Project) -> None:
    locks.freeze(project, user.pk, "The yearly audit")
    for each in (user, colleague):
        with pytest.raises(Conflict) as refused:
            locks.acquire(project, each.pk)
        assert (refused.value.code, refused.value.members["reason"]) == ("schema_frozen", "The yearly audit")
    locks.freeze(project, user.pk, "Still the audit")
    assert locks.status(project, colleague.pk).reason == "Still the audit"
    locks.unfreeze(project, user.pk)
    locks.unfreeze(project, user.pk)
    assert locks.acquire(project, colleague.pk)


def test_work_that_began_before_the_freeze_ends_in_its_own_time(user: User, project: Project) -> None:
    work = uuid4()
    with locks.held(project, user.pk, work=work):
        locks.freeze(project, user.pk)
        with as_platform():
            locks.confirm(project, work)
    with pytest.raises(Conflict, match="frozen"), locks.held(project, user.pk):
        pass


def test_only_the_owner_freezes(user: User, colleague: User, project: Project) -> None:
    with pytest.raises(Forbidden):
        locks.freeze(project, colleague.pk)
    locks.freeze(project, user.pk)
    with pytest.raises(Forbidden):
        locks.unfreeze(project, colleague.pk)
    assert locks.status(project, user.pk).frozen


def test_a_name_is_not_told_of_somebody_who_is_no_member(
    user: User, project: Project, other_user: User, superuser: psycopg.Connection
) -> None:
    locks.acquire(project, user.pk)
    superuser.execute("update core_schemalock set holder_id = %s", [other_user.pk])
    assert locks.status(project, user.pk).holder == "Former member"


class TestPostgreSQL:
    """What the database itself refuses, if our own code ever forgot to ask."""

    @pytest.fixture(autouse=True)
    def _held_and_frozen(self, user: User, project: Project) -> None:
        locks.acquire(project, user.pk)
        locks.freeze(project, user.pk)

    def test_a_stranger_sees_and_does_nothing(self, project: Project, other_user: User) -> None:
        with acting_as(other_user.pk):
            for model in (SchemaLock, SchemaFreeze):
                assert (model.objects.count(), model.objects.all().delete()[0]) == (0, 0)
        with pytest.raises(DatabaseError, match="row-level security"):
            locks.acquire(project, other_user.pk)

    def test_a_member_cannot_touch_the_lock_of_another(self, project: Project, colleague: User) -> None:
        with acting_as(colleague.pk):
            lock = SchemaLock.objects.get()
            assert SchemaLock.objects.update(purpose="mine now") == 0
            assert SchemaLock.objects.all().delete()[0] == 0
        with pytest.raises(DatabaseError, match="row-level security"), acting_as(colleague.pk):
            SchemaLock(
                project=project,
                holder_id=lock.holder_id,
                work=uuid4(),
                acquired_at=lock.acquired_at,
                expires_at=lock.expires_at,
            ).save()

    def test_a_member_cannot_freeze_or_unfreeze(self, project: Project, colleague: User) -> None:
        with acting_as(colleague.pk):
            assert SchemaFreeze.objects.count() == 1
            assert SchemaFreeze.objects.update(reason="") == 0
            assert SchemaFreeze.objects.all().delete()[0] == 0
        with as_platform():
            SchemaFreeze.objects.all().delete()
        with pytest.raises(DatabaseError, match="row-level security"), acting_as(colleague.pk):
            SchemaFreeze.objects.create(project=project, frozen_by=colleague, frozen_at=timezone.now())

    def test_both_tables_force_row_level_security(self, superuser: psycopg.Connection) -> None:
        query = "select count(*) from pg_class where relname = any(%s) and relrowsecurity and relforcerowsecurity"
        assert superuser.execute(query, [["core_schemalock", "core_schemafreeze"]]).fetchone() == (2,)
