"""What the commands about a project's versions share: finding the project, reading the document, telling problems."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Problem
from core.models import Project, User
from core.permissions import access_project
from core.tenancy import as_platform


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


@contextmanager
def problems_as_errors() -> Iterator[None]:
    """Tells a problem as text, one line a fault."""
    try:
        yield
    except Problem as problem:
        faults = (f"  {fault['path']}: {fault['detail']} {fault['fix']}".rstrip() for fault in problem.errors)
        raise CommandError("\n".join([problem.detail, *faults])) from problem


def find_project(name: str, email: str | None) -> tuple[User, Project]:
    """The project of that id or name, and the user who acts on it.

    Raises:
        CommandError: when there is no such user or project, or several have the name.
        NotFound: when the user may not open the project.
    """
    user = User.objects.filter(email=email.strip().lower()).first() if email else None
    if email and user is None:
        raise CommandError(f"There is no user {email!r}.")
    with as_platform():
        projects = Project.objects.filter(deleted_at=None).select_related("owner")
        if user:
            projects = projects.filter(owner=user)
        found = list(projects.filter(pk=name) if _is_uuid(name) else projects.filter(name=name))
    if len(found) != 1:
        problem = "Several projects are" if found else "No project is"
        raise CommandError(f"{problem} called {name!r}. Give the project's id, as its page's address shows it.")
    actor = user or found[0].owner
    return actor, access_project(actor, found[0].pk)


def read_document(file: str) -> object:
    """The JSON in a file, or on standard input for `-`; raises `CommandError`."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise CommandError(f"The file {file!r} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{file!r} does not hold JSON: {error}.") from error


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
