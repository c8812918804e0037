"""The Celery tasks. Work for users is a job (core/jobs.py), so one task does all of it; beat calls the others."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from core import jobs, upkeep


@shared_task(name="core.run_job")
def run_job(job_id: str) -> None:
    """Does the work of one job; a second delivery finds nothing to do."""
    jobs.run(UUID(job_id))


@shared_task(name="core.requeue_lost_jobs", ignore_result=True, expires=10)
def requeue_lost_jobs() -> None:
    """Puts jobs right that no worker has."""
    jobs.requeue_lost_jobs()


@shared_task(name="core.run_daily", ignore_result=True)
def run_daily() -> None:
    """Does the upkeep of the installation."""
    upkeep.run_daily()
