"""`manage.py provision PROJECT FILE`: provisions a document as the project's next version."""

from __future__ import annotations

import json
from typing import Any, Final

from django.core.management.base import CommandParser

from core import jobs
from core.errors import Conflict, Problem, Unavailable
from core.models import Job, Project, User
from provisioning import service
from provisioning.commands import ProjectCommand

_WORKER_SECONDS: Final = 2.0
"""How long a worker may take to pick the job up before the command does the work itself."""
_WORK_SECONDS: Final = 300.0


class Command(ProjectCommand):
    """Provisions and waits for the result."""

    help = "Provisions a schema document as the project's next version: all of it, or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the user's word that something may disappear."""
        super().add_arguments(parser)
        parser.add_argument(
            "--confirm-destructive", action="store_true", help="agree that tables or columns go to the archive"
        )

    def run(self, user: User, project: Project, document: object, options: dict[str, Any]) -> None:
        """Submits the job, waits for it, and prints what became of it."""
        try:
            job = service.provision(user, project, document, confirm_destructive=options["confirm_destructive"])
        except Conflict as conflict:
            if conflict.code == service.CONFIRMATION_NEEDED:
                conflict.detail += " To go on, repeat the command with --confirm-destructive."
            raise
        result = service.nothing_to_do(project) if job is None else _result(user, job)
        self.stdout.write(json.dumps(result, indent=2) if options["json"] else _text(result))


def _result(user: User, job: Job) -> dict[str, Any]:
    """The result of the job; without a worker, this process does the work."""
    job = jobs.wait(user, job.pk, _WORKER_SECONDS)
    if job.status == Job.Status.QUEUED:
        jobs.run(job.pk)
    job = jobs.wait(user, job.pk, _WORK_SECONDS)
    if job.status == Job.Status.FAILED:
        raise Problem.from_json(job.error or {})
    if job.result is None:
        raise Unavailable(f"The job {job.pk} is still running; look at it again later.")
    return dict(job.result)


def _text(result: dict[str, Any]) -> str:
    if not result["migration_applied"]:
        return f"Version {result['version']} has this document already: there was nothing to do."
    lines = [f"Version {result['version']} is active."]
    for key, verb in (("tables_created", "Created"), ("tables_changed", "Changed"), ("tables_dropped", "Archived")):
        if result[key]:
            lines.append(f"{verb}: {', '.join(result[key])}")
    return "\n".join(lines)
