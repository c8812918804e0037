"""Members of one project against each other's rows, with SQL of their own choice and no application in between."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection

from core import sql
from core.models import Project, User
from core.tenancy import open_project
from tests.factories import ProjectFactory
from tests.provisioning.acts import provision, query, reload
from tests.provisioning.documents import column, document, estate, link, table


@pytest.fixture
def alice(estate_project: Project) -> UUID:
    """A member who has an agent, a property of that agent, and a showing of that property."""
    member = uuid4()
    (agent,) = one(estate_project, member, "insert into agents (name) values ('Anna') returning id")
    (home,) = one(
        estate_project, member, "insert into properties (address, agent_id) values ('1 Elm', %s) returning id", agent
    )
    one(estate_project, member, "insert into showings (starts_at, property_id) values (now(), %s) returning id", home)
    return member


@pytest.fixture
def bob() -> UUID:
    return uuid4()


def one(project: Project, member: UUID, statement: str, *parameters: Any) -> tuple[Any, ...]:
    (row,) = query(project, member, "member", statement, *parameters)
    return row


def agent_of(project: Project, member: UUID) -> UUID:
    return one(project, member, "select id from agents")[0]


def test_a_member_sees_own_rows_only(estate_project: Project, alice: UUID, bob: UUID) -> None:
    assert one(estate_project, alice, "select count(*) from agents") == (1,)
    assert one(estate_project, bob, "select count(*) from agents") == (0,)
    assert one(estate_project, bob, "select count(*) from properties") == (0,)


def test_a_member_changes_and_deletes_own_rows_only(estate_project: Project, alice: UUID, bob: UUID) -> None:
    assert query(estate_project, bob, "member", "update agents set name = 'Mine' returning id") == []
    assert query(estate_project, bob, "member", "delete from agents returning id") == []
    assert one(estate_project, alice, "update agents set name = 'Ann' returning name") == ("Ann",)
    assert one(estate_project, alice, "delete from agents returning name") == ("Ann",)


def test_a_member_cannot_make_rows_for_somebody_else(estate_project: Project, alice: UUID, bob: UUID) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        query(estate_project, bob, "member", "insert into agents (name, user_id) values ('Planted', %s)", alice)


@pytest.mark.parametrize("attack", ["update agents set user_id = %s", "update showings set user_id = %s"])
def test_a_member_cannot_give_a_row_away(estate_project: Project, alice: UUID, bob: UUID, attack: str) -> None:
    with pytest.raises(ProgrammingError, match="owner of a row cannot be changed"):
        query(estate_project, alice, "member", attack, bob)


def test_an_admin_sees_all_rows_and_may_give_them_away(estate_project: Project, alice: UUID, bob: UUID) -> None:
    assert query(estate_project, bob, "admin", "update agents set user_id = %s returning name", bob) == [("Anna",)]
    assert one(estate_project, bob, "select name from agents") == ("Anna",)


def test_every_member_shares_the_rows_of_a_project_table(estate_project: Project, alice: UUID, bob: UUID) -> None:
    assert one(estate_project, bob, "select user_id from showings") == (alice,)
    assert one(estate_project, bob, "update showings set starts_at = now() returning user_id") == (alice,)
    (home,) = one(estate_project, bob, "insert into properties (address) values ('2 Oak') returning id")
    planted = "insert into showings (starts_at, property_id, user_id) values (now(), %s, %s)"
    with pytest.raises(ProgrammingError, match="row-level security"):
        query(estate_project, bob, "member", planted, home, alice)
    assert len(query(estate_project, bob, "member", "delete from showings returning id")) == 1


def test_a_hidden_row_and_a_missing_row_refuse_a_link_alike(estate_project: Project, alice: UUID, bob: UUID) -> None:
    def refusal(agent: UUID) -> tuple[Any, ...]:
        insert = "insert into properties (address, agent_id) values ('x', %s)"
        with pytest.raises(IntegrityError) as caught:
            query(estate_project, bob, "member", insert, agent)
        return facts(caught.value)

    hidden, missing = refusal(agent_of(estate_project, alice)), refusal(uuid4())
    assert hidden == missing
    assert "fk_t_properties_c_agent_id" in hidden


def test_an_update_cannot_link_to_a_hidden_row_either(estate_project: Project, alice: UUID, bob: UUID) -> None:
    one(estate_project, bob, "insert into properties (address) values ('2 Oak') returning id")
    refusals = []
    for agent in (agent_of(estate_project, alice), uuid4()):
        with pytest.raises(IntegrityError) as caught:
            query(estate_project, bob, "member", "update properties set agent_id = %s", agent)
        refusals.append(facts(caught.value))
    assert refusals[0] == refusals[1]


def test_a_row_linked_to_a_hidden_row_by_somebody_else_stays_editable(
    estate_project: Project, alice: UUID, bob: UUID
) -> None:
    one(estate_project, bob, "insert into properties (address) values ('2 Oak') returning id")
    agent = agent_of(estate_project, alice)
    query(estate_project, bob, "admin", "update properties set agent_id = %s where user_id = %s", agent, bob)
    assert one(estate_project, bob, "update properties set address = '3 Ash', agent_id = agent_id returning address")
    assert one(estate_project, bob, "update properties set agent_id = null returning agent_id") == (None,)


def test_a_member_links_to_own_rows_also_in_the_same_table(user: User, project: Project) -> None:
    provision(user, project, document(table("people", column("name")), links=(link("people", "boss_id", "people"),)))
    member = uuid4()
    (boss,) = one(project, member, "insert into people (name) values ('Boss') returning id")
    assert one(project, member, "insert into people (name, boss_id) values ('Aid', %s) returning boss_id", boss) == (
        boss,
    )
    assert one(project, member, "update people set boss_id = %s where name = 'Boss' returning name", boss) == ("Boss",)


def test_deleting_a_row_empties_the_links_to_it_whoever_made_them(
    estate_project: Project, alice: UUID, bob: UUID
) -> None:
    one(estate_project, bob, "insert into properties (address) values ('2 Oak') returning id")
    query(estate_project, bob, "admin", "update properties set agent_id = %s", agent_of(estate_project, alice))
    one(estate_project, alice, "delete from agents returning id")
    assert one(estate_project, bob, "select agent_id from properties") == (None,)


def test_the_owner_reaches_all_rows_though_security_is_forced(estate_project: Project, alice: UUID) -> None:
    assert query(estate_project, uuid4(), "owner", "update agents set name = name returning user_id") == [(alice,)]


def test_a_forgotten_door_is_permission_denied(estate_project: Project, alice: UUID) -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute(sql.text(agents_of(estate_project)))


@pytest.mark.parametrize("role", ["member", "admin", "owner"])
def test_another_projects_tables_are_out_of_reach(user: User, estate_project: Project, alice: UUID, role: Any) -> None:
    elsewhere = ProjectFactory(owner=user)
    provision(user, elsewhere, document(table("notes", column("body"))))
    with pytest.raises(ProgrammingError, match="permission denied"):
        query(elsewhere, alice, role, sql.text(agents_of(estate_project)))


def agents_of(project: Project) -> sql.Composable:
    """The statement that reads a project's agents by their full name."""
    return sql.format("select * from {agents}", agents=sql.identifier(project.schema_name, "agents"))


@pytest.mark.parametrize("role", ["member", "admin"])
def test_the_ledger_and_the_shape_of_tables_are_the_owners_alone(estate_project: Project, bob: UUID, role: Any) -> None:
    for attack in (
        "select * from _ledger",
        "delete from _ledger",
        "alter table agents disable row level security",
        "create policy open on agents using (true)",
        "drop policy member_select on agents",
        "create table loot (id int)",
        "truncate agents",
        "alter table agents disable trigger touch",
        "drop function _refuse_link cascade",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            query(estate_project, bob, role, attack)


def test_an_archived_table_is_out_of_reach(user: User, estate_project: Project, bob: UUID) -> None:
    smaller = estate()
    smaller["tables"] = smaller["tables"][:2]
    smaller["relationships"] = smaller["relationships"][:1]
    provision(user, estate_project, smaller, confirm_destructive=True)
    with pytest.raises(ProgrammingError, match="permission denied"):
        query(estate_project, bob, "member", "select * from _x_2_t_showings")


def test_the_time_of_the_last_change_is_kept(estate_project: Project, alice: UUID) -> None:
    before, created = one(estate_project, alice, "select updated_at, created_at from agents")
    (after,) = one(estate_project, alice, "update agents set name = 'Ann', updated_at = 'epoch' returning updated_at")
    assert after > before == created


def test_access_follows_the_document(user: User, estate_project: Project, alice: UUID, bob: UUID) -> None:
    wider = estate()
    wider["tables"][0]["access"] = "project"
    provision(user, estate_project, wider)
    assert one(estate_project, bob, "select name from agents") == ("Anna",)
    provision(user, reload(user, estate_project), estate())
    assert one(estate_project, bob, "select count(*) from agents") == (0,)


def test_roles_of_a_project_cannot_log_in_and_nobody_inherits_them(
    estate_project: Project, superuser: psycopg.Connection
) -> None:
    roles = superuser.execute(
        "select rolname, rolcanlogin, rolsuper, rolbypassrls from pg_roles where rolname like %s",
        [f"{estate_project.schema_name}%"],
    ).fetchall()
    assert {role[0].removeprefix(estate_project.schema_name) for role in roles} == {"_owner", "_admin", "_user"}
    assert not any(flag for role in roles for flag in role[1:])
    inherited = superuser.execute(
        "select count(*) from pg_auth_members m join pg_roles r on r.oid = m.roleid"
        " where r.rolname like %s and (m.inherit_option or not (m.set_option or m.admin_option))",
        [f"{estate_project.schema_name}%"],
    ).fetchone()
    assert inherited == (0,)


def test_every_table_is_forced_and_owned_by_the_owner_role(
    estate_project: Project, superuser: psycopg.Connection
) -> None:
    found = superuser.execute(
        "select relname, relrowsecurity and relforcerowsecurity, relowner::regrole::text from pg_class"
        " where relnamespace = %s::regnamespace and relkind = 'r' and relname not like '\\_%%'",
        [estate_project.schema_name],
    ).fetchall()
    owner = f"{estate_project.schema_name}_owner"
    assert sorted(found) == [("agents", True, owner), ("properties", True, owner), ("showings", True, owner)]


def facts(error: DatabaseError) -> tuple[Any, ...]:
    """Everything PostgreSQL tells about an error."""
    diagnosis = error.__cause__.diag
    names = (
        "sqlstate",
        "message_primary",
        "message_detail",
        "message_hint",
        "context",
        "constraint_name",
        "table_name",
    )
    return tuple(getattr(diagnosis, name) for name in names)


def test_a_door_for_members_stays_shut_for_ddl(estate_project: Project, bob: UUID) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        open_project(estate_project, bob) as door,
        door.connection.cursor() as cursor,
    ):
        cursor.execute("create function f() returns int language sql as 'select 1'")
