"""Long work: a `Job` row that a Celery worker carries out, with progress that pages and API callers can follow.

The row is the truth and the broker only a bell. A worker claims the row, keeps a lease on it by a heartbeat, and
writes the outcome; whatever is delivered twice, lost with a worker, or never delivered at all is put right by
`requeue_lost_jobs`, which beat runs every ten seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core import bells
from core.errors import Conflict, InternalError, is_connection_lost, problem_from
from core.models import Job, Project, User
from core.permissions import access_job
from core.registry import Registry
from core.tenancy import acting_as, as_platform

logger = logging.getLogger(__name__)

JobBody = Callable[["JobContext"], Mapping[str, Any]]
job_kinds: Registry[JobBody] = Registry("kind of job")
_cancellations: Registry[Callable[[Job], None]] = Registry("cancellation of a kind of job")

_PROGRESS_SECONDS = 3600
_POLL_SECONDS = 0.25
"""How long whoever waits for a job trusts its bell (core/bells.py) before looking for themselves."""


def job_kind(name: str) -> Callable[[JobBody], JobBody]:
    """Registers the function that does the work of that kind. It may run twice, so it must be idempotent."""
    return lambda body: job_kinds.register(name, body)


def job_cancellation(name: str) -> Callable[[Callable[[Job], None]], Callable[[Job], None]]:
    """Lets jobs of that kind be cancelled. The function notes it where else the work is known, as the platform."""
    return lambda note: _cancellations.register(name, note)


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job's body knows and may tell."""

    job: Job
    steps: list[dict[str, str]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def payload(self) -> dict[str, Any]:
        """The JSON that the job was submitted with."""
        return self.job.payload

    @property
    def user(self) -> User:
        """For whom the work is done, with whose rights."""
        return self.job.user

    @property
    def user_id(self) -> UUID:
        """The id of that user."""
        return self.job.user_id

    @property
    def project_id(self) -> UUID | None:
        """The project that the work is for, if any."""
        return self.job.project_id

    def note(self, label: str) -> None:
        """Lists a step that is done in no time, without telling anybody before the next step that is told."""
        self.steps.append({"label": label, "status": "done"})

    def progress(self, percent: int, label: str, detail: Mapping[str, Any] | None = None) -> None:
        """Says what is being done now, or how far that has come; the step before is then done.

        It goes to Redis, so it may be called inside a door. Losing it loses nothing but the sight of it.

        Args:
            percent: how much of the whole is done, 0 to 100.
            label: the step that is being done, in a few words.
            detail: JSON that whoever follows the job may show beside its steps, until other detail comes.
        """
        if not self.steps or self.steps[-1]["label"] != label:
            for step in self.steps:
                step["status"] = "done"
            self.steps.append({"label": label, "status": "running"})
        self.told.update(progress=percent, steps=self.steps)
        if detail is not None:
            self.told["detail"] = dict(detail)
        try:
            cache.set(_progress_key(self.job.pk), self.told, _PROGRESS_SECONDS)
        except RedisError as error:
            logger.warning("The progress of job %s was not stored: %s", self.job.pk, error)


def submit(
    user: User,
    kind: str,
    payload: Mapping[str, Any],
    project: Project | None = None,
    idempotency_key: str | None = None,
) -> Job:
    """Stores the work and wakes a worker once the row is committed.

    Args:
        user: for whom the work is done.
        kind: a registered kind.
        payload: JSON that the body gets.
        project: the project that it belongs to, if any.
        idempotency_key: the caller's own name of this request; a second submit with it returns the first job.

    Raises:
        Conflict: when the key was used for another request.
    """
    job_kinds.get(kind)
    job = Job(user=user, kind=kind, payload=dict(payload), project=project, idempotency_key=idempotency_key or None)
    try:
        with acting_as(user.pk):
            job.save(force_insert=True)
            transaction.on_commit(lambda: _wake(job.pk))
    except IntegrityError:
        if job.idempotency_key is None:
            raise
        return _first_answer(user, job)
    return job


def wait(user: User, job_id: UUID, seconds: float) -> Job:
    """The job as it stands when it is finished or `seconds` are over, whichever comes first."""
    deadline = time.monotonic() + seconds
    with bells.listening(job_id) as listen:
        while not (job := find(user, job_id)).is_finished and time.monotonic() < deadline:
            listen(min(_POLL_SECONDS, max(deadline - time.monotonic(), 0)))
    return job


def find(user: User, job_id: UUID) -> Job:
    """The user's job, with the progress and the detail that its worker told last; raises `NotFound`."""
    job = access_job(user, job_id)
    if job.status == Job.Status.RUNNING:
        live = cache.get(_progress_key(job_id)) or {}
        job.progress, job.steps = live.get("progress", job.progress), live.get("steps", job.steps)
        job.detail = live.get("detail", job.detail)
    return job


def cancel(user: User, job_id: UUID) -> Job:
    """Takes back the user's job before a worker begins with it; again, it changes nothing.

    Raises:
        NotFound: when the user has no such job.
        Conflict: when it has begun, or is of a kind that cannot be taken back.
    """
    job = access_job(user, job_id)
    word = Conflict("The work was cancelled before it began. Nothing was changed.", code="cancelled")
    if is_cancellable(job):
        with as_platform():
            queued = Job.objects.filter(pk=job_id, status=Job.Status.QUEUED)
            if queued.update(status=Job.Status.FAILED, error=word.to_json(), finished_at=timezone.now()):
                _cancellations.get(job.kind)(job)
    job = find(user, job_id)
    if (job.error or {}).get("code") != word.code:
        raise Conflict("The work has begun, or cannot be taken back. Wait for its end.", code="not_cancellable")
    return job


def is_cancellable(job: Job) -> bool:
    """Whether the job can still be taken back, as it was read."""
    return job.status == Job.Status.QUEUED and job.kind in _cancellations.names()


def run(job_id: UUID) -> None:
    """Does the work of a job, if nobody else is doing it and it is not done."""
    job = _claim(job_id)
    if job is None:
        return
    context = JobContext(job)
    with _heartbeat(job):
        try:
            result = dict(job_kinds.get(job.kind)(context))
            outcome: dict[str, Any] = {"status": Job.Status.SUCCEEDED, "progress": 100, "result": result}
        except Exception as error:  # noqa: BLE001 (the boundary: whatever a body raises becomes the job's outcome)
            if is_connection_lost(error) and job.attempts < settings.JOB_MAX_ATTEMPTS:
                _hand_back(job)
                return
            outcome = {"status": Job.Status.FAILED, "error": problem_from(error).to_json()}
    for step in context.steps:
        step["status"] = "done"
    if context.steps and outcome["status"] == Job.Status.FAILED:
        context.steps[-1]["status"] = "failed"
    with as_platform():
        _attempt(job).update(**outcome, steps=context.steps, finished_at=timezone.now())
    bells.ring(job.pk)


def _hand_back(job: Job) -> None:
    """Has the job done again after the database went away; where it is away still, when its lease has run out."""
    logger.warning("Job %s is done again: the database went away", job.pk)
    try:
        with as_platform():
            _attempt(job).update(status=Job.Status.QUEUED)
    except (OperationalError, InterfaceError) as error:
        logger.warning("Job %s waits for its lease to run out: %s", job.pk, error)
        return
    _wake(job.pk)


def requeue_lost_jobs() -> int:
    """Wakes workers for jobs that no worker has, and gives up on those that broke too many; returns how many."""
    stale = timezone.now() - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    lost = Q(status=Job.Status.RUNNING, heartbeat_at__lt=stale) | Q(status=Job.Status.QUEUED, created_at__lt=stale)
    given_up = InternalError("Every worker that took this work was lost. Try again, or tell the operator.")
    with as_platform():
        unfinished = Job.objects.filter(lost)
        unfinished.filter(attempts__gte=settings.JOB_MAX_ATTEMPTS).update(
            status=Job.Status.FAILED, finished_at=timezone.now(), error=given_up.to_json()
        )
        ids = list(unfinished.values_list("pk", flat=True))
    for job_id in ids:
        _wake(job_id)
    return len(ids)


def _wake(job_id: UUID) -> None:
    from core.tasks import run_job  # noqa: PLC0415 (tasks import this module)

    try:
        run_job.delay(str(job_id))
    except (BrokerError, RedisError) as error:
        logger.warning("Job %s waits for the broker to come back: %s", job_id, error)


def _first_answer(user: User, job: Job) -> Job:
    with acting_as(user.pk):
        first = Job.objects.filter(user=user, idempotency_key=job.idempotency_key).first()
    if first is None or _asked(first) != _asked(job):
        detail = "This Idempotency-Key was used for another request. Use a new key for a new request."
        raise Conflict(detail, code="idempotency_key_reused")
    return first


def _asked(job: Job) -> tuple[Any, ...]:
    return job.kind, job.project_id, job.payload


def _claim(job_id: UUID) -> Job | None:
    """Takes the job if it is free: queued, or running with a lease that has run out."""
    now = timezone.now()
    free = Q(status=Job.Status.QUEUED) | Q(
        status=Job.Status.RUNNING, heartbeat_at__lt=now - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    )
    with as_platform():
        claimed = Job.objects.filter(free, pk=job_id).update(
            status=Job.Status.RUNNING, heartbeat_at=now, started_at=now, attempts=F("attempts") + 1
        )
        return Job.objects.select_related("user", "project").get(pk=job_id) if claimed else None


def _attempt(job: Job) -> Any:
    """The row, as long as this attempt is the one that has it."""
    return Job.objects.filter(pk=job.pk, status=Job.Status.RUNNING, attempts=job.attempts)


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Renews the lease from a thread of its own, for the work itself may sit in one long statement."""
    finished = threading.Event()

    def beat() -> None:
        try:
            while not finished.wait(settings.JOB_LEASE_SECONDS / 4):
                try:
                    with as_platform():
                        _attempt(job).update(heartbeat_at=timezone.now())
                except Exception as error:  # noqa: BLE001 (a missed beat is made good by the next one)
                    logger.warning("The lease of job %s was not renewed: %s", job.pk, error)
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"heartbeat-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


def _progress_key(job_id: UUID) -> str:
    return f"job:{job_id}:progress"
