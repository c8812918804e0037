"""`manage.py provision PROJECT FILE`: provisions a document as the project's next version."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser

from core.models import Project, User
from provisioning import service
from provisioning.commands import ProjectCommand, asking, result_of, result_text


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
        with asking():
            job = service.provision(user, project, document, confirm_destructive=options["confirm_destructive"])
        result = service.nothing_to_do(project) if job is None else result_of(user, job)
        self.stdout.write(json.dumps(result, indent=2) if options["json"] else result_text(result))
