"""Long work: carried out by a real worker once, whatever is delivered twice, lost or broken."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from core import jobs
from core.errors import Conflict, NotFound
from core.jobs import JobContext
from core.models import Job, User
from core.tenancy import as_platform
from tests.conftest import client_of
from tests.factories import ProjectFactory

RUNS: list[dict] = []


@pytest.fixture(autouse=True)
def kinds():
    """Two kinds of work for these tests."""

    def works(context: JobContext) -> dict:
        context.progress(50, "Half way")
        RUNS.append(context.payload)
        return {"doubled": context.payload["number"] * 2}

    def breaks(context: JobContext) -> dict:
        context.progress(10, "Starting")
        if context.payload.get("problem"):
            raise Conflict("Someone else was first.")
        raise ZeroDivisionError("the secret of the house")

    jobs.job_kinds.register("works", works)
    jobs.job_kinds.register("breaks", breaks)
    RUNS.clear()
    yield
    jobs.job_kinds.unregister("works")
    jobs.job_kinds.unregister("breaks")


def test_a_job_keeps_its_result_and_its_steps(user: User) -> None:
    job = jobs.submit(user, "works", {"number": 4})
    jobs.run(job.pk)
    done = jobs.find(user, job.pk)
    assert (done.status, done.progress, done.result) == ("succeeded", 100, {"doubled": 8})
    assert done.steps == [{"label": "Half way", "status": "done"}]


def test_who_follows_a_job_sees_its_last_detail(user: User) -> None:
    seen: list[tuple[int, dict]] = []

    def drafts(context: JobContext) -> dict:
        for percent, detail in ((20, {"tables": ["Agents"]}), (30, {"tables": ["Agents", "Offers"]}), (90, None)):
            context.progress(percent, "Drafting", detail)
            job = jobs.find(user, context.job.pk)
            seen.append((job.progress, dict(job.detail)))
        return {}

    jobs.job_kinds.register("drafts", drafts)
    try:
        job = jobs.submit(user, "drafts", {})
        jobs.run(job.pk)
    finally:
        jobs.job_kinds.unregister("drafts")

    both = {"tables": ["Agents", "Offers"]}
    assert seen == [(20, {"tables": ["Agents"]}), (30, both), (90, both)]
    assert jobs.find(user, job.pk).detail == {}


def test_a_second_delivery_does_nothing(user: User) -> None:
    job = jobs.submit(user, "works", {"number": 4})
    jobs.run(job.pk)
    jobs.run(job.pk)
    assert len(RUNS) == 1


def test_a_problem_becomes_the_jobs_error(user: User) -> None:
    job = jobs.submit(user, "breaks", {"problem": True})
    jobs.run(job.pk)
    failed = jobs.find(user, job.pk)
    assert (failed.status, failed.error["status"], failed.error["detail"]) == ("failed", 409, "Someone else was first.")
    assert failed.steps == [{"label": "Starting", "status": "failed"}]


def test_a_mistake_of_ours_shows_a_reference_and_nothing_else(user: User) -> None:
    job = jobs.submit(user, "breaks", {})
    jobs.run(job.pk)
    failed = jobs.find(user, job.pk)
    assert failed.error["code"] == "internal_error"
    assert "secret" not in str(failed.error)


def test_the_same_idempotency_key_gives_the_first_job(user: User, other_user: User) -> None:
    first = jobs.submit(user, "works", {"number": 1}, idempotency_key="k")
    assert jobs.submit(user, "works", {"number": 1}, idempotency_key="k").pk == first.pk
    assert jobs.submit(other_user, "works", {"number": 1}, idempotency_key="k").pk != first.pk
    with pytest.raises(Conflict):
        jobs.submit(user, "works", {"number": 2}, idempotency_key="k")
    with pytest.raises(Conflict):
        jobs.submit(user, "works", {"number": 1}, ProjectFactory(owner=user), idempotency_key="k")


@pytest.mark.parametrize("key", ["k" * 201, "k" * 10_000, "a\0b", "a\x7fb"])
@pytest.mark.parametrize("address", ["generate", "provision", "export-code"])
def test_an_idempotency_key_that_cannot_be_kept_is_refused(user: User, address: str, key: str) -> None:
    body = {"project_id": str(ProjectFactory(owner=user).pk), "prompt": "A gym", "schema_json": {"tables": []}}
    response = client_of(user).post(f"/api/v1/{address}", body, format="json", headers={"Idempotency-Key": key})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_idempotency_key")


def test_a_job_is_its_users_alone(user: User, other_user: User) -> None:
    job = jobs.submit(user, "works", {"number": 1})
    with pytest.raises(NotFound):
        jobs.find(other_user, job.pk)


def test_a_job_whose_worker_was_lost_is_run_again(user: User) -> None:
    job = jobs.submit(user, "works", {"number": 1})
    long_ago = timezone.now() - timedelta(minutes=5)
    with as_platform():
        Job.objects.filter(pk=job.pk).update(status="running", attempts=1, heartbeat_at=long_ago)
    assert jobs.requeue_lost_jobs() == 1
    jobs.run(job.pk)
    assert jobs.find(user, job.pk).result == {"doubled": 2}


def test_a_job_that_loses_every_worker_fails(user: User) -> None:
    job = jobs.submit(user, "works", {"number": 1})
    long_ago = timezone.now() - timedelta(minutes=5)
    with as_platform():
        Job.objects.filter(pk=job.pk).update(status="running", attempts=5, heartbeat_at=long_ago)
    assert jobs.requeue_lost_jobs() == 0
    assert jobs.find(user, job.pk).status == "failed"


def test_a_running_job_is_left_alone(user: User) -> None:
    job = jobs.submit(user, "works", {"number": 1})
    with as_platform():
        Job.objects.filter(pk=job.pk).update(status="running", attempts=1, heartbeat_at=timezone.now())
    jobs.run(job.pk)
    assert RUNS == []


def test_waiting_ends_when_the_time_is_over(user: User) -> None:
    job = jobs.submit(user, "works", {"number": 1})
    start = time.monotonic()
    assert jobs.wait(user, job.pk, 0.3).status == "queued"
    assert 0.25 < time.monotonic() - start < 5


def test_an_unknown_job_is_not_found(user: User) -> None:
    with pytest.raises(NotFound):
        jobs.find(user, uuid4())


@pytest.mark.usefixtures("worker")
def test_a_real_worker_answers(user: User) -> None:
    """The worker process knows the product's kinds only, so this one fails there: with a problem, not a crash."""
    job = jobs.submit(user, "works", {"number": 4})
    done = jobs.wait(user, job.pk, 20)
    assert (done.status, done.attempts) == ("failed", 1)
