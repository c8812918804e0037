"""`manage.py demo`: makes the demo user and project, if they are not there."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Problem
from vibecrm.demo import make_demo


class Command(BaseCommand):
    """The demo, from the command line."""

    help = "Make the demo user and a filled real-estate project. Safe to repeat: what is there stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds what every command of ours takes."""
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--quiet", action="store_true", help="print nothing when all went well")

    def handle(self, *args: Any, **options: Any) -> None:
        """Makes the demo and says how to sign in."""
        try:
            demo = make_demo()
        except Problem as problem:
            raise CommandError(problem.detail) from problem
        if options["json"]:
            report = {
                "email": settings.DEMO_EMAIL,
                "project_id": str(demo.project.pk),
                "project": demo.project.name,
                "records": demo.records,
                "created": demo.created,
            }
            self.stdout.write(json.dumps(report))
        elif not options["quiet"]:
            state = "is ready" if demo.created else "was there already"
            self.stdout.write(f"The demo project {demo.project.name!r} {state}: {demo.records} records.")
            self.stdout.write(f"Sign in as {settings.DEMO_EMAIL} with the password {settings.DEMO_PASSWORD}.")
