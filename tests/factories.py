"""People and projects for tests, made the way the product makes them."""

from __future__ import annotations

from typing import Any

import factory

from core.models import Project, User
from core.projects import create_project

PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory):
    """A user who can sign in with `PASSWORD`."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.com")
    full_name = factory.Faker("name")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        return User.objects.create_user(password=fields.pop("password", PASSWORD), **fields)


def share(project: Project, user: User, role: str = "editor") -> Project:
    """Makes somebody a member of the project, or gives them that role; returns the project as they reach it."""
    from core.models import ProjectMember
    from core.permissions import access_project
    from core.tenancy import as_platform

    with as_platform():
        ProjectMember.objects.update_or_create(project=project, user=user, defaults={"role": role})
    return access_project(user, project.pk)


def unshare(project: Project, user: User) -> None:
    """Ends that."""
    from core.models import ProjectMember
    from core.tenancy import as_platform

    with as_platform():
        ProjectMember.objects.filter(project=project, user=user).delete()


class ProjectFactory(factory.Factory):
    """An empty project of `owner`."""

    class Meta:
        model = Project

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Project {n}")

    @classmethod
    def _create(cls, model_class: type[Project], *args: Any, **fields: Any) -> Project:
        from core.permissions import access_project

        project = create_project(fields["owner"], fields["name"])
        return access_project(fields["owner"], project.pk)
