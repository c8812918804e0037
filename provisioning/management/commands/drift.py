"""`manage.py drift PROJECT`: whether the tables are still what the active version says, and the way back."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.commands import find_project, problems_as_errors
from provisioning.checkup import Checkup, check, mend_tables


class Command(BaseCommand):
    """Prints what differs; a difference that is left ends it with exit code 1."""

    help = "Compares a project's tables with its active version, says what differs, and mends it when asked to."

    def add_arguments(self, parser: CommandParser) -> None:
        """The project, and what is to be done."""
        parser.add_argument("project", help="the project's id, or its name if only one project is called that")
        parser.add_argument("--user", metavar="EMAIL", help="who acts; the project's owner if not given")
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--plan", action="store_true", help="show the SQL that mends it")
        action.add_argument("--mend", action="store_true", help="mend what can be mended")

    def handle(self, *args: Any, **options: Any) -> None:
        """Looks, and mends; a problem is told in full and ends it with exit code 1."""
        with problems_as_errors():
            user, project = find_project(options["project"], options["user"])
            found, left = mend_tables(user, project) if options["mend"] else [check(project, user.pk)] * 2
        if options["json"]:
            self.stdout.write(json.dumps(left.to_json() | ({"found": found.to_json()} if options["mend"] else {})))
        else:
            self.stdout.write(_mended(found, left) if options["mend"] else _found(found, with_plan=options["plan"]))
        if left.differences:
            sys.exit(1)


def _found(found: Checkup, *, with_plan: bool) -> str:
    if not found.version:
        return "The project has no version yet, so there is nothing to compare."
    if not found.differences or found.mend is None:
        return f"The tables are what version {found.version} says."
    lines = [f"The tables are not what version {found.version} says:", *_sentences(found)]
    if with_plan and found.mend.plan.statements:
        lines += ["", found.mend.plan.sql]
    elif found.mend.plan.statements:
        lines.append("--plan shows the SQL that mends it, --mend runs it.")
    return "\n".join(lines)


def _mended(found: Checkup, left: Checkup) -> str:
    if not found.differences:
        return _found(found, with_plan=False)
    mended = [difference for difference in found.differences if difference not in left.differences]
    lines = ["Mended:", *(f"  - {difference.sentence}" for difference in mended)] if mended else []
    if left.differences:
        lines += ["Left:", *_sentences(left)]
    return "\n".join(lines)


def _sentences(found: Checkup) -> list[str]:
    by_hand = found.mend.by_hand if found.mend else ()
    hint = " This takes a person with rights on the server: put it right by hand."
    return [f"  - {item.sentence}{hint if item in by_hand else ''}" for item in found.differences]
