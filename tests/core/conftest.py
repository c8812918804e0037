"""A project that two people may open."""

from __future__ import annotations

import pytest

from core.models import Project, User
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
