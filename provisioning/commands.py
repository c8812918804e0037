"""What the commands share that take a project and a schema document."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.commands import find_project, problems_as_errors
from core.models import Project, User


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
