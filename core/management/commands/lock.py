"""`manage.py lock PROJECT [ACTION]`: who may change a project's tables; takes that right, gives it back, freezes."""

from __future__ import annotations

import json
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import locks
from core.commands import find_project, problems_as_errors
from core.lock_api import status_json
from core.lock_status import UNSAID, LockStatus

ACTIONS: Final = ("status", "acquire", "release", "freeze", "unfreeze")


class Command(BaseCommand):
    """Does one thing with the schema lock, and prints how it stands then."""

    help = (
        "Shows who may change a project's tables. acquire takes or extends the schema lock for the user, release gives "
        "it back; freeze keeps everybody from changing the tables until unfreeze, and only the owner can. "
        "Exits 1 when that is refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declares the project, the action and the options."""
        parser.add_argument("project", help="the project's id, or its name if only one project is called that")
        parser.add_argument(
            "action", nargs="?", choices=ACTIONS, default="status", help="what to do; status if left out"
        )
        parser.add_argument("--user", metavar="EMAIL", help="who acts; the project's owner if not given")
        parser.add_argument("--purpose", help=f"what the lock is acquired for; others read it ({UNSAID})")
        parser.add_argument("--reason", help="why the tables are frozen; whoever meets the freeze reads it")
        parser.add_argument("--json", action="store_true", help="print the response of GET /api/v1/schema-lock/ID")

    def handle(self, *args: Any, **options: Any) -> None:
        """Acts and prints."""
        action = options["action"]
        for option, belongs_to in (("purpose", "acquire"), ("reason", "freeze")):
            if options[option] is not None and action != belongs_to:
                raise CommandError(f"--{option} goes with {belongs_to} only.", returncode=2)
        with problems_as_errors():
            user, project = find_project(options["project"], options["user"])
            if action == "acquire":
                locks.acquire(project, user.pk, options["purpose"] or UNSAID)
            elif action == "release":
                locks.release(project, user.pk)
            elif action == "freeze":
                locks.freeze(project, user.pk, options["reason"] or "")
            elif action == "unfreeze":
                locks.unfreeze(project, user.pk)
            found = locks.status(project, user.pk)
        self.stdout.write(json.dumps(status_json(found), indent=2, default=str) if options["json"] else _text(found))


def _text(found: LockStatus) -> str:
    lines = []
    if found.frozen:
        because = f" Why: {found.reason}" if found.reason else ""
        lines.append(f"Frozen by {found.frozen_by} since {found.frozen_at:%Y-%m-%d %H:%M} UTC.{because}")
    if found.locked:
        lines.append(f"Locked by {found.holder} until {found.expires_at:%H:%M:%S} UTC ({found.purpose}).")
    return "\n".join(lines) or "Free: nobody is changing the tables."
