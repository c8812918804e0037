"""The rows of members and of what they share: attempts with SQL as the role of users, past all views."""

from __future__ import annotations

import psycopg
import pytest
from django.db import DatabaseError

from core.models import (
    DecisionTrace,
    Placement,
    Project,
    ProjectMember,
    SchemaFreeze,
    SchemaLock,
    StoredFile,
    User,
    VibeConfig,
)
from core.tenancy import acting_as
from tests.core.people import ROLES, roles
from tests.factories import ProjectFactory


@pytest.fixture
def filled(project: Project, user: User) -> Project:
    with acting_as(user.pk):
        trace = DecisionTrace.objects.create(project=project, user=user, prompt="A CRM")
        config = VibeConfig(project=project, number=1, version="1.0.0", document={}, content_hash="x", created_by=user)
        config.trace = trace
        config.save(force_insert=True)
    return project


def test_members_see_what_the_project_has_and_strangers_nothing(filled: Project, people: dict[str, User]) -> None:
    models = [Project, Placement, ProjectMember, DecisionTrace, VibeConfig]
    for name, person in people.items():
        with acting_as(person.pk):
            counts = [model.objects.count() for model in models]
        assert counts == ([0] * 5 if name == "stranger" else [1, 1, 3, 1, 1]), name


def test_nobody_gives_themselves_a_role(project: Project, people: dict[str, User]) -> None:
    for name in ("editor", "viewer", "stranger"):
        person = people[name]
        with acting_as(person.pk):
            assert ProjectMember.objects.update(role="admin") == 0
            assert ProjectMember.objects.exclude(user=person).delete()[0] == 0
        with pytest.raises(DatabaseError, match="row-level security"), acting_as(person.pk):
            ProjectMember.objects.create(project=project, user=people["stranger"], role="admin", added_by=person)
    assert [roles(project)[people[name].pk] for name in ROLES] == [*ROLES]


def test_an_admin_does_not_make_themselves_the_owner(project: Project, people: dict[str, User]) -> None:
    admin = people["admin"]
    for values in ({"owner": admin}, {"schema_name": "p_aaaaaaaaaaaa"}, {"active_config": None}):
        with pytest.raises(DatabaseError, match="permission denied"), acting_as(admin.pk):
            Project.objects.update(**values)
    with pytest.raises(DatabaseError, match="row-level security"), acting_as(admin.pk):
        Project.objects.update(deleted_at=project.created_at)
    other = ProjectFactory(owner=people["stranger"])
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(admin.pk):
        ProjectMember.objects.filter(user=admin).update(project=other)
    with pytest.raises(DatabaseError, match="row-level security"), acting_as(admin.pk):
        ProjectMember.objects.create(project=project, user=people["stranger"], role="admin", added_by=people["owner"])
    with pytest.raises(DatabaseError, match="projectmember_role"), acting_as(admin.pk):
        ProjectMember.objects.filter(user=admin).update(role="owner")
    with acting_as(admin.pk):
        assert Project.objects.update(name="Ours") == 1
        assert Project.objects.all()._raw_delete("default") == 0
        assert Placement.objects.all().delete()[0] == 0


@pytest.mark.parametrize("name", ["editor", "viewer", "stranger"])
def test_who_may_not_change_the_schema_writes_nothing_of_it(
    filled: Project, people: dict[str, User], name: str
) -> None:
    person, now = people[name], filled.created_at
    with acting_as(person.pk):
        assert Project.objects.update(name="Mine") == 0
        assert VibeConfig.objects.update(version="9") == 0
        assert DecisionTrace.objects.update(undone_at=now) == 0
        assert DecisionTrace.objects.all().delete()[0] == 0
    rows = [
        VibeConfig(project=filled, number=2, version="2", document={}, content_hash="x", created_by=person),
        DecisionTrace(project=filled, user=person, prompt="x"),
        SchemaLock(project=filled, holder=person, acquired_at=now, expires_at=now),
        SchemaFreeze(project=filled, frozen_by=person, frozen_at=now),
        Placement(project=filled, database="elsewhere"),
    ]
    for row in rows:
        with pytest.raises(DatabaseError, match="row-level security"), acting_as(person.pk):
            row.save(force_insert=True)


def test_editors_upload_and_viewers_do_not(project: Project, people: dict[str, User]) -> None:
    for name, may in {"owner": True, "admin": True, "editor": True, "viewer": False, "stranger": False}.items():
        file = StoredFile(project=project, uploaded_by=people[name], name="x", size=1, content_type="x", sha256="x")
        try:
            with acting_as(people[name].pk):
                file.save(force_insert=True)
            stored = True
        except DatabaseError:
            stored = False
        assert stored is may, name


def test_only_platform_roles_ask_whose_projects_are_whose(project: Project, superuser: psycopg.Connection) -> None:
    found = superuser.execute(
        "select p.prosecdef, p.proconfig, has_function_privilege('public', p.oid, 'execute'), r.rolname"
        " from pg_proc p join pg_roles r on r.oid = p.proowner where p.oid = 'auth.projects_as(text)'::regprocedure"
    ).fetchone()
    assert found == (True, ['search_path=""'], False, "vibecrm_app_service")
    rights = superuser.execute("select has_schema_privilege('vibecrm_app_service', 'auth', 'create')").fetchone()
    assert rights == (False,)


def test_membership_is_looked_up_by_an_index(user: User, superuser: psycopg.Connection) -> None:
    superuser.execute("set enable_seqscan = off")
    plan = superuser.execute(
        "explain select project_id from core_projectmember where user_id = %s", [user.pk]
    ).fetchall()
    assert "projectmember_once" in str(plan)
