"""`manage.py replay PROJECT`: makes a project's versions again from its decisions, and compares them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.commands import find_project, problems_as_errors
from schemas.commands import count
from schemas.replay import ReplayedVersion, replay_project


class Command(BaseCommand):
    """Replays; asks no engine and changes nothing."""

    help = (
        "Makes every version of a project again from the decisions on record, without asking any engine, and compares "
        "it with what is stored, byte for byte. Exits 0 when every version is reproduced or was edited by hand, 1 when "
        "a decision cannot be replayed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declares the project and the options."""
        parser.add_argument("project", help="The project's id, or its name if only one project is called that.")
        parser.add_argument("--user", metavar="EMAIL", help="Who asks; by default the project's owner.")
        parser.add_argument("--json", action="store_true", help="Print JSON instead of text.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replays and prints."""
        with problems_as_errors():
            user, project = find_project(options["project"], options["user"])
        versions = replay_project(user, project)
        failed = [each for each in versions if each.finding == "failed"]
        if options["json"]:
            report = {
                "project_id": str(project.pk),
                "replayed": not failed,
                "versions": [each.to_json() for each in versions],
            }
            self.stdout.write(json.dumps(report, indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(line for each in versions for line in _lines(each)) or "There is no version.")
        if failed:
            raise CommandError(f"{count(len(failed), 'version')} could not be replayed.")


def _lines(each: ReplayedVersion) -> Iterator[str]:
    decisions = count(len(each.decisions), "decision")
    found = {
        "reproduced": f"reproduced from {decisions}, byte for byte",
        "edited": f"edited by hand. {each.note}",
        "failed": f"cannot be replayed. {each.note}",
    }
    yield f"{each.config.version}  {found[each.finding]}"
    yield from (f"  - {sentence}" for sentence in each.differences)
