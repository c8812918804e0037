"""Tables of an earlier release: what this one adds to all tables is added to them, and nothing else is touched.

That is what keeps deleted rows for the trash, and the indexes of lists and searches.
"""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID, uuid4

from django.db import Error

from core import locks
from core.errors import Problem
from core.models import Project, User
from core.tenancy import as_platform, open_project
from provisioning import project_database
from provisioning.attempts import until_free
from provisioning.checkup import TIMEOUT_MS, checked, mended
from provisioning.parts.indexes import indexes
from provisioning.project_database import target_of
from provisioning.target import KEEP_DELETED
from schemas.document import Schema
from schemas.junctions import as_stored

logger = logging.getLogger(__name__)

_ADDED = ("_keep_", "trash_", "ix_")
"""What the names of the trash's functions and triggers begin with, and those of indexes."""

_IS_THERE = """
select to_regproc(%s) is not null and count(*) = %s
from pg_class where relnamespace = to_regnamespace(%s) and relname = any(%s)
"""


def bring_up(user: User, project: Project, work: UUID) -> bool:
    """Gives a project's tables what this release adds, where they lack it; says whether it had to.

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
    is_ours = all(found.code.endswith("_missing") and found.name.startswith(_ADDED) for found in told)
    if is_ours:
        until_free(lambda: mended(user, project, work), project)
    return is_ours


def is_complete(user: User, project: Project) -> bool:
    """Whether the project's schema has the functions that fill its trash, and all indexes of its version."""
    if project.active_config is None:
        return True
    target, schema = target_of(project), Schema.from_json(project.active_config.document)
    indexed = [part.name for table in as_stored(schema) for part in indexes(table, target)]
    values: list[Any] = [f"{target.schema}.{KEEP_DELETED}", len(indexed), target.schema, indexed]
    with open_project(project, user.pk, "owner", TIMEOUT_MS) as door, door.connection.cursor() as cursor:
        cursor.execute(_IS_THERE, values)
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
                with locks.held(project, project.owner_id, "bringing its tables up to this release", work=work):
                    changed += bring_up(project.owner, project, work)
        except (Problem, Error) as error:
            logger.warning("Project %s was not upgraded: %s", project.pk, error)
            left.append(f"{project.name}: {error}")
    return changed, left
