"""What commands about projects share: finding the project, and telling problems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.core.management.base import CommandError

from core.errors import Problem
from core.models import Project, User
from core.permissions import access_project
from core.tenancy import as_platform


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


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
