"""What the pages ask of the leak test: the job that runs it, and the report of the last one."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from core import jobs
from core.errors import Forbidden
from core.models import Job, Project, User
from core.tenancy import acting_as
from provisioning.leaktest.report import Report
from provisioning.leaktest.runner import run

__all__ = ["JOB_KIND", "check_owner", "last_job", "report_of", "run", "submit"]

JOB_KIND: Final = "leaktest"


def check_owner(user: User, project: Project) -> None:
    """Lets only the project's owner go on; raises `Forbidden`."""
    if project.owner_id != user.pk:
        raise Forbidden("Only the owner of a project can test its isolation. Ask them to do it.")


def submit(user: User, project: Project) -> Job:
    """The job that tests the project: one that is waiting or running already, else a new one."""
    with acting_as(user.pk):
        unfinished = _jobs(project).filter(finished_at=None).first()
    return unfinished or jobs.submit(user, JOB_KIND, {}, project)


def last_job(user: User, project: Project) -> Job | None:
    """The last test of the project that came to an end with a report."""
    with acting_as(user.pk):
        return _jobs(project).filter(status=Job.Status.SUCCEEDED).first()


def report_of(job: Job) -> Report:
    """The report of a job that has one."""
    return Report.from_json(job.result)


def _jobs(project: Project) -> QuerySet[Job]:
    return Job.objects.filter(project=project, kind=JOB_KIND)
