"""What the commands share that change tables: reading documents, waiting for jobs, telling what was done."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import jobs
from core.commands import find_project, problems_as_errors
from core.errors import Conflict, Problem, Unavailable
from core.models import Job, Project, User
from provisioning.planning import Prepared
from provisioning.service import CONFIRMATION_NEEDED

_WORKER_SECONDS: Final = 2.0
"""How long a worker may take to pick the job up before the command does the work itself."""
_WORK_SECONDS: Final = 300.0


class ProjectCommand(BaseCommand):
    """A command about one project and one document."""

    def add_arguments(self, parser: CommandParser) -> None:
        """The arguments that all of them take."""
        parser.add_argument("project", help="the project's id, or its name if only one project is called that")
        parser.add_argument("file", help="the schema document as a JSON file; - reads standard input")
        parser.add_argument("--user", metavar="EMAIL", help="who acts; the project's owner if not given")
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command; a problem is told in full and ends it with exit code 1."""
        with problems_as_errors():
            user, project = find_project(options["project"], options["user"])
            self.run(user, project, read_document(options["file"]), options)

    def run(self, user: User, project: Project, document: object, options: dict[str, Any]) -> None:
        """What the command does."""
        raise NotImplementedError


def read_document(file: str) -> object:
    """The JSON in a file, or on standard input for `-`; raises `CommandError`."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise CommandError(f"The file {file!r} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{file!r} does not hold JSON: {error}.") from error


@contextmanager
def asking() -> Iterator[None]:
    """Says how a command is told that something may disappear, where that has to be confirmed."""
    try:
        yield
    except Conflict as conflict:
        if conflict.code == CONFIRMATION_NEEDED:
            conflict.detail += " To go on, repeat the command with --confirm-destructive."
        raise


def result_of(user: User, job: Job) -> dict[str, Any]:
    """The result of the job; without a worker, this process does the work. Raises the problem of one that fails."""
    job = jobs.wait(user, job.pk, _WORKER_SECONDS)
    if job.status == Job.Status.QUEUED:
        jobs.run(job.pk)
    job = jobs.wait(user, job.pk, _WORK_SECONDS)
    if job.status == Job.Status.FAILED:
        raise Problem.from_json(job.error or {})
    if job.result is None:
        raise Unavailable(f"The job {job.pk} is still running; look at it again later.")
    return dict(job.result)


def result_text(result: dict[str, Any]) -> str:
    """What was provisioned, for people."""
    if not result["migration_applied"]:
        return f"Version {result['version']} has this document already: there was nothing to do."
    lines = [f"Version {result['version']} is active."]
    for key, verb in (("tables_created", "Created"), ("tables_changed", "Changed"), ("tables_dropped", "Archived")):
        if result[key]:
            lines.append(f"{verb}: {', '.join(result[key])}")
    return "\n".join(lines)


def plan_text(prepared: Prepared) -> str:
    """A plan as people read it: sentences, notes, risks, SQL."""
    plan = prepared.plan
    if plan.changes_nothing:
        return "The document is the active version already: there is nothing to do."
    lines = [f"Version {plan.version}, {len(plan.statements)} statements:", ""]
    lines += [f"  - {change}" for change in plan.changes]
    lines += [f"  + {sentence}" for sentence in prepared.returning]
    lines += [f"  * {note}" for note in prepared.notes]
    if prepared.findings:
        risks = (f"  ! {found.risk.code}: {found.sentence} {found.risk.fix}" for found in prepared.findings)
        lines += ["", "Risks:", *risks]
    return "\n".join([*lines, "", plan.sql])
