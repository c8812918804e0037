"""`manage.py archive PROJECT list|restore|purge`: what left the application, bringing it back, and its end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from core.commands import find_project, problems_as_errors
from core.models import Project, User
from provisioning import service
from provisioning.archive_entries import Entry, entries
from provisioning.commands import asking, result_of, result_text
from provisioning.restore import with_restored
from provisioning.retention import purge

_MOST_DAYS: Final = 36_500


class Command(BaseCommand):
    """Lists by itself; restoring makes a new version, and purging cannot be undone."""

    help = "Shows what versions took out of a project's application, brings it back, or drops what is old for good."

    def add_arguments(self, parser: CommandParser) -> None:
        """The project, what to do, and with what."""
        parser.add_argument("project", help="the project's id, or its name if only one project is called that")
        parser.add_argument("action", choices=("list", "restore", "purge"), help="what to do")
        parser.add_argument("name", nargs="?", help="what to restore, as `list` calls it: orders, or orders.total")
        parser.add_argument("--user", metavar="EMAIL", help="who acts; the project's owner if not given")
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")
        parser.add_argument(
            "--older-than",
            type=int,
            metavar="DAYS",
            default=settings.ARCHIVE_RETENTION_DAYS,
            help=f"purge what was hidden longer ago ({settings.ARCHIVE_RETENTION_DAYS}); 0 purges everything",
        )
        parser.add_argument(
            "--confirm-destructive", action="store_true", help="agree that links to records that are gone become empty"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command; a problem is told in full and ends it with exit code 1."""
        if bool(options["name"]) != (options["action"] == "restore"):
            raise CommandError("`restore` takes the name of what to restore, and nothing else does.", returncode=2)
        if not 0 <= options["older_than"] <= _MOST_DAYS:
            raise CommandError(f"--older-than takes a number of days from 0 to {_MOST_DAYS}.", returncode=2)
        with problems_as_errors():
            user, project = find_project(options["project"], options["user"])
            text = getattr(self, f"_{options['action']}")(user, project, options)
        self.stdout.write(text)

    def _list(self, user: User, project: Project, options: dict[str, Any]) -> str:
        found = entries(project, user.pk)
        return _as_json(found) if options["json"] else "\n".join(_lines(found)) or "The archive is empty."

    def _restore(self, user: User, project: Project, options: dict[str, Any]) -> str:
        document = with_restored(project, options["name"], entries(project, user.pk))
        with asking():
            job = service.provision(user, project, document, confirm_destructive=options["confirm_destructive"])
        result = service.nothing_to_do(project) if job is None else result_of(user, job)
        return json.dumps(result, indent=2) if options["json"] else result_text(result)

    def _purge(self, user: User, project: Project, options: dict[str, Any]) -> str:
        found = purge(project, user.pk, timezone.now() - timedelta(days=options["older_than"]))
        if options["json"]:
            return _as_json(found)
        lines = _lines(found)
        return "\n".join([*lines, "Dropped for good."]) if lines else "Nothing in the archive is that old."


def _as_json(found: Iterable[Entry]) -> str:
    return json.dumps([entry.to_json() for entry in found], indent=2)


def _lines(found: Iterable[Entry]) -> list[str]:
    """A line for each entry: its name, what it is, how much, since when and by which version."""
    rows = [(each, (each.name, each.kind, each.counted, _size(each))) for each in found]
    width = [max((len(cells[i]) for _, cells in rows), default=0) for i in range(4)]
    return [
        "  ".join(cell.ljust(width[i]) for i, cell in enumerate(cells))
        + f"  removed by version {entry.version} on {entry.since:%Y-%m-%d}"
        for entry, cells in rows
    ]


def _size(entry: Entry) -> str:
    return filesizeformat(entry.size).replace("\xa0", " ")
