"""`manage.py rollback PROJECT VERSION`: makes an earlier version the project's next one."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.commands import find_project, problems_as_errors
from core.permissions import access_config
from provisioning import service
from provisioning.api import plan_json
from provisioning.commands import asking, plan_text, result_of, result_text
from provisioning.planning import prepare_rollback


class Command(BaseCommand):
    """Rolls back and waits for the result, or only shows the plan."""

    help = "Goes back to an earlier version, as a new one; what is newer stays in the archive."

    def add_arguments(self, parser: CommandParser) -> None:
        """The project, the version, and whether to show or to do."""
        parser.add_argument("project", help="the project's id, or its name if only one project is called that")
        parser.add_argument("to_version", metavar="version", help="the version to return to, such as 1.2.0")
        parser.add_argument("--user", metavar="EMAIL", help="who acts; the project's owner if not given")
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")
        parser.add_argument("--dry-run", action="store_true", help="show the plan and change nothing")
        parser.add_argument(
            "--confirm-destructive", action="store_true", help="agree that tables or columns go to the archive"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command; a problem is told in full and ends it with exit code 1."""
        with problems_as_errors():
            user, project = find_project(options["project"], options["user"])
            config = access_config(user, project, options["to_version"])
            if options["dry_run"]:
                prepared = prepare_rollback(project, config)
                text = json.dumps(plan_json(prepared), indent=2) if options["json"] else plan_text(prepared)
            else:
                with asking():
                    job = service.rollback(user, project, config, confirm_destructive=options["confirm_destructive"])
                result = service.nothing_to_do(project) if job is None else result_of(user, job)
                text = json.dumps(result, indent=2) if options["json"] else result_text(result)
        self.stdout.write(text)
