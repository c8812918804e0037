"""Tables of an earlier release: what this one keeps deleted rows with is laid in them, and nothing else is touched."""

from __future__ import annotations

import logging
from uuid import UUID, uuid4

from django.db import Error

from core import locks
from core.errors import Problem
from core.models import Project, User
from core.tenancy import as_platform, open_project
from provisioning import project_database
from provisioning.attempts import until_free
from provisioning.checkup import TIMEOUT_MS, checked, mended
from provisioning.target import KEEP_DELETED

logger = logging.getLogger(__name__)

_OF_TRASH = ("_keep_", "trash_")
"""What the names of the trash's functions and triggers begin with."""


def bring_up(user: User, project: Project, work: UUID) -> bool:
    """Gives a project's tables the triggers that fill its trash, where they lack them; says whether it had to.

    Where the tables differ from their version in anything else, they are left alone: that takes a person.

    Args:
        user: for whom.
        project: with its active version.
        work: what holds the project's schema lock.
    """
    if is_complete(user, project):
        return False
    project_database.ensure(project, user.pk)
    with open_project(project, user.pk, "owner", TIMEOUT_MS) as door:
        told = checked(door, project, user.pk).differences
    is_ours = all(found.code.endswith("_missing") and found.name.startswith(_OF_TRASH) for found in told)
    if is_ours:
        until_free(lambda: mended(user, project, work), project)
    return is_ours


def is_complete(user: User, project: Project) -> bool:
    """Whether the project's schema has the functions that fill its trash."""
    with open_project(project, user.pk, "owner", TIMEOUT_MS) as door, door.connection.cursor() as cursor:
        cursor.execute("select to_regproc(%s) is not null", [f"{project.schema_name}.{KEEP_DELETED}"])
        return bool(cursor.fetchone()[0])


def bring_up_all() -> tuple[int, list[str]]:
    """Does that for all projects; returns how many had to be changed, and what kept others from it, a sentence each.

    A project that is left is brought up with its next plan.
    """
    with as_platform():
        found = Project.objects.filter(active_config__isnull=False).select_related(
            "active_config", "placement", "owner"
        )
        projects = list(found)
    changed, left = 0, []
    for project in projects:
        work = uuid4()
        try:
            if not is_complete(project.owner, project):
                with locks.held(project, project.owner_id, "preparing its trash", work=work):
                    changed += bring_up(project.owner, project, work)
        except (Problem, Error) as error:
            logger.warning("The trash of project %s was not prepared: %s", project.pk, error)
            left.append(f"{project.name}: {error}")
    return changed, left
