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
