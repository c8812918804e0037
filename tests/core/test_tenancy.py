"""The doors: who reaches which platform rows, and what a forgotten or nested door does."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from core.models import DecisionTrace, Job, Placement, Project, SchemaLock, User, VibeConfig
from core.permissions import list_projects
from core.tenancy import TenancyError, acting_as, as_platform, open_project
from tests.factories import ProjectFactory

PLATFORM_MODELS = [Project, Placement, VibeConfig, DecisionTrace, SchemaLock, Job]


@pytest.fixture
def project(user: User) -> Project:
    project = ProjectFactory(owner=user)
    with acting_as(user.pk):
        trace = DecisionTrace.objects.create(project=project, user=user, prompt="A CRM")
        VibeConfig.objects.create(
            project=project, number=1, version="1.0.0", document={}, content_hash="x", trace=trace, created_by=user
        )
        Job.objects.create(project=project, user=user, kind="generate")
        SchemaLock.objects.create(
            project=project, holder=user, acquired_at=trace.created_at, expires_at=trace.created_at
        )
    return project


def test_a_user_sees_their_own_rows(user: User, project: Project) -> None:
    with acting_as(user.pk):
        assert [model.objects.count() for model in PLATFORM_MODELS] == [1] * len(PLATFORM_MODELS)


def test_a_user_sees_and_changes_nothing_of_anyone_else(user: User, other_user: User, project: Project) -> None:
    with acting_as(other_user.pk):
        assert [model.objects.count() for model in PLATFORM_MODELS] == [0] * len(PLATFORM_MODELS)
        assert [model.objects.all().delete()[0] for model in PLATFORM_MODELS] == [0] * len(PLATFORM_MODELS)
        assert Project.objects.update(name="Mine now") == 0
        assert [account.pk for account in User.objects.all()] == [other_user.pk]
    assert [found.name for found in list_projects(user)] == [project.name]


def test_a_user_cannot_put_rows_into_anyone_elses_project(user: User, other_user: User, project: Project) -> None:
    for row in (
        Job(project=project, user=user, kind="generate"),
        Job(project=project, user=other_user, kind="generate"),
        DecisionTrace(project=project, user=user, prompt="x"),
        VibeConfig(project=project, number=2, version="2", document={}, content_hash="x", created_by=other_user),
        Project(owner=user, name="Planted"),
    ):
        with pytest.raises(DatabaseError, match="row-level security"), acting_as(other_user.pk):
            row.save(force_insert=True)


@pytest.mark.parametrize("model", PLATFORM_MODELS)
def test_platform_rows_outside_a_door_are_an_error(model: type, project: Project) -> None:
    with pytest.raises(DatabaseError, match="through a door"):
        list(model.objects.all())


def test_the_platform_sees_all_rows(user: User, other_user: User, project: Project) -> None:
    ProjectFactory(owner=other_user)
    with as_platform():
        assert Project.objects.count() == 2


@pytest.mark.usefixtures("project")
def test_doors_do_not_nest(user: User) -> None:
    with acting_as(user.pk), pytest.raises(TenancyError), as_platform():
        pass
    with transaction.atomic(), pytest.raises(TenancyError), acting_as(user.pk):
        pass


def test_a_door_leaves_nothing_behind(user: User, project: Project) -> None:
    with acting_as(user.pk):
        pass
    with connection.cursor() as cursor:
        cursor.execute("select current_user = session_user, current_setting('request.jwt.claims', true)")
        assert cursor.fetchone() in {(True, ""), (True, None)}


def test_the_role_of_a_project_that_was_never_provisioned_cannot_be_entered(user: User, project: Project) -> None:
    with pytest.raises(DatabaseError, match="does not exist"), open_project(project, user.pk):
        pass


def test_every_platform_table_has_forced_row_level_security(superuser) -> None:
    tables = [model._meta.db_table for model in [*PLATFORM_MODELS, User]]
    query = "select relname from pg_class where relname = any(%s) and relrowsecurity and relforcerowsecurity"
    assert {row[0] for row in superuser.execute(query, [tables])} == set(tables)


def test_the_login_role_has_no_power_of_its_own(superuser) -> None:
    query = "select rolsuper, rolbypassrls, rolcreatedb, rolreplication from pg_roles where rolname = %s"
    assert superuser.execute(query, ["vibecrm_app"]).fetchone() == (False, False, False, False)
