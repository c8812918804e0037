"""Projects: making, renaming and deleting them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core.errors import BadRequest
from core.models import Placement, Project, User
from core.tenancy import acting_as

MAX_NAME_LENGTH = 120


def create_project(user: User, name: str, description: str = "") -> Project:
    """A new, empty project of the user's; its database is made when it is first provisioned."""
    with acting_as(user.pk):
        project = Project.objects.create(owner=user, name=_clean_name(name), description=description.strip())
        Placement.objects.create(project=project)
    return project


def update_project(user: User, project: Project, **values: Any) -> Project:
    """Changes the project's name or description."""
    if "name" in values:
        values["name"] = _clean_name(values["name"])
    for key, value in values.items():
        setattr(project, key, value)
    with acting_as(user.pk):
        project.save(update_fields=[*values, "updated_at"])
    return project


def delete_project(user: User, project: Project, confirmation: str) -> None:
    """Hides the project; its data stay for as long as deleted projects are kept.

    Args:
        user: who deletes it.
        project: what is deleted.
        confirmation: the project's name as the user typed it.

    Raises:
        BadRequest: when the confirmation is not the project's name.
    """
    if confirmation.strip() != project.name:
        raise BadRequest("Type the project's name exactly to delete it.", code="confirmation_mismatch")
    project.deleted_at = timezone.now()
    with acting_as(user.pk):
        project.save(update_fields=["deleted_at", "updated_at"])


def _clean_name(name: str) -> str:
    name = " ".join(name.replace("\0", " ").split())
    if not 1 <= len(name) <= MAX_NAME_LENGTH:
        raise BadRequest(f"A project's name has 1 to {MAX_NAME_LENGTH} characters.", code="invalid_name")
    return name
