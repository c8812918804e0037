"""Projects to provision."""

from __future__ import annotations

import pytest

from core.models import Project, User
from tests.factories import ProjectFactory
from tests.provisioning.acts import provision, reload
from tests.provisioning.documents import estate


@pytest.fixture
def project(user: User) -> Project:
    """An empty project of `user`."""
    return ProjectFactory(owner=user)


@pytest.fixture
def estate_project(user: User, project: Project) -> Project:
    """A project of `user` with agents, properties and showings."""
    provision(user, project, estate())
    return reload(user, project)
