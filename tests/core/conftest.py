"""A project, and people who are its members."""

from __future__ import annotations

import pytest

from core.models import Project, User
from tests.core.people import ROLES
from tests.factories import ProjectFactory, UserFactory, share


@pytest.fixture
def project(user: User) -> Project:
    """An empty project of `user`."""
    return ProjectFactory(owner=user)


@pytest.fixture
def colleague(project: Project) -> User:
    """An admin of the project."""
    admin = UserFactory()
    share(project, admin, "admin")
    return admin


@pytest.fixture
def people(project: Project) -> dict[str, User]:
    """A member in each role, and somebody who is none."""
    found = {role: UserFactory(full_name=f"The {role}") for role in ROLES}
    for role, person in found.items():
        share(project, person, role)
    return {**found, "owner": User.objects.get(pk=project.owner_id), "stranger": UserFactory()}
