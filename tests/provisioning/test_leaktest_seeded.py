"""The leak test on projects in which somebody made a hole: it finds every one, and says where."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
import pytest

from core import sql, tenancy
from core.models import Project, User
from provisioning.leaktest.lints import RULES
from provisioning.leaktest.lints_of_tables import calls_for_each_row
from provisioning.leaktest.report import ATTEMPTS, Report
from provisioning.leaktest.runner import run
from tests.factories import ProjectFactory
from tests.provisioning.acts import provision, reload
from tests.provisioning.documents import column, document, estate, links, table


@dataclass(frozen=True)
class Hole:
    """A hole, and what has to be found of it.

    Args:
        name: what it is.
        statements: how it is made, by the superuser in the project's schema.
        leaks: attempts that succeed by it, as (target, attempt).
        lints: rules that see it, as (code, object).
    """

    name: str
    statements: str
    leaks: frozenset[tuple[str, str]] = frozenset()
    lints: frozenset[tuple[str, str]] = frozenset()


def hole(name: str, statements: str, *leaks: tuple[str, str], lints: tuple[tuple[str, str], ...] = ()) -> Hole:
    return Hole(name, statements, frozenset(leaks), frozenset(lints))


EVERY_WAY = tuple(
    ("agents", attempt) for attempt in ("read", "filter", "statistics", "change", "delete", "add", "upsert", "ask")
)
TABLES = ("agents", "properties", "showings", "properties_agents")
GUARDED = (("properties", "link"), ("properties_agents", "link"))

HOLES = (
    hole(
        "row security off",
        "insert into agents (name, user_id) values ('Anna', gen_random_uuid()); analyze agents;"
        "alter table agents disable row level security",
        *EVERY_WAY, *GUARDED,
        lints=(("row_security_off", "agents"),),
    ),
    hole(
        "row security not forced",
        "alter table agents no force row level security",
        lints=(("row_security_not_forced", "agents"),),
    ),
    hole(
        "members read all",
        "alter policy member_select on agents using (true)",
        ("agents", "read"), ("agents", "ask"), *GUARDED,
    ),
    hole("members change all", "alter policy member_update on agents using (true)", ("agents", "change")),
    hole("members delete all", "alter policy member_delete on agents using (true)", ("agents", "delete")),
    hole("members add for others", "alter policy member_insert on agents with check (true)", ("agents", "add")),
    hole("also in shared tables", "alter policy member_insert on showings with check (true)", ("showings", "add")),
    hole("a shared row changes hands", "alter table showings disable trigger touch", ("showings", "move")),
    hole(
        "a policy for everybody",
        "create policy open on agents using (true)",
        ("agents", "read"), ("agents", "change"), *GUARDED,
        lints=(("policy_to_public", "agents.open"),),
    ),
    hole(
        "a policy too many",
        "create policy again on agents for select to {member} using (user_id = auth.uid())",
        lints=(("several_policies", "agents"), ("policy_calls_per_row", "agents.again")),
    ),
    hole(
        "links for all",
        "alter policy member_select on properties_agents using (true)",
        ("properties_agents", "read"),
    ),
    hole(
        "links deleted by all",
        "alter policy member_delete on properties_agents using (true)",
        ("properties_agents", "delete"),
    ),
    hole("no guard of new links", "drop trigger link_c_agent_id_insert on properties", ("properties", "link")),
    hole("no guard of other links", "drop trigger link_c_agent_id_update on properties", ("properties", "link")),
    hole(
        "no guard of a junction",
        "drop trigger link_c_target_insert on properties_agents",
        ("properties_agents", "link"),
    ),
    hole(
        "a guard that tells",
        "create or replace function _refuse_link() returns trigger language plpgsql security definer as"
        " $$ begin raise foreign_key_violation using message = (select count(*) from {schema}.agents"
        " where id = (to_jsonb(new) ->> 'agent_id')::uuid); end $$",
        ("properties", "link"),
    ),
    hole(
        "a visibility function with the rights of its owner",
        "alter function _sees_t_agents(uuid) security definer",
        ("agents", "ask"), *GUARDED,
    ),
    hole(
        "a definer that looks for names anywhere",
        "create function helper() returns integer language sql security definer as 'select 1';"
        "alter function helper() owner to {owner}",
        lints=(("definer_without_search_path", "helper"),),
    ),
    hole(
        "a view with the rights of its owner",
        "create view all_agents as select * from agents; alter view all_agents owner to {owner};"
        "grant select on all_agents to {member}",
        ("all_agents", "Read through a view"),
        lints=(("view_with_rights_of_its_owner", "all_agents"),),
    ),
    hole(
        "a materialized view",
        "create materialized view old_agents as select * from agents;"
        "alter materialized view old_agents owner to {owner}; grant select on old_agents to {member}",
        ("old_agents", "Read through a view"),
        lints=(("materialized_view", "old_agents"),),
    ),
    hole(
        "the archive",
        "grant select on _x_2_t_offices to {member}",
        ("_x_2_t_offices", "Reach a hidden table"),
        lints=(("granted_in_the_archive", "_x_2_t_offices"),),
    ),
    hole(
        "the ledger",
        "grant delete on _ledger to {admin}",
        ("_ledger", "Reach a hidden table"),
        lints=(("granted_in_the_archive", "_ledger"),),
    ),
    hole(
        "the trash of all",
        "alter policy member_select on _trash using (true)",
        ("_trash", "Reach what others deleted"),
    ),
    hole(
        "a trash that can be filled by hand",
        "grant insert on _trash to {member}",
        ("_trash", "Reach what others deleted"),
        lints=(("granted_in_the_archive", "_trash"),),
    ),
    hole(
        "a table that no version has",
        "create table loot (id integer); alter table loot owner to {owner}; grant select on loot to {member}",
        ("loot", "Reach a hidden table"),
        lints=(("row_security_off", "loot"),),
    ),
    hole(
        "another project",
        "grant usage on schema {other} to {member}; grant select on {other}.notes to {member}",
        ("Other projects", "Read their tables"),
    ),
    hole(
        "another project's role",
        "grant usage on schema {schema} to {stranger}; grant select on agents to {stranger}",
        lints=(("granted_to_strangers", "agents"), ("schema_for_strangers", "{schema}")),
    ),
    hole(
        "everybody",
        "grant usage on schema {schema} to public; grant select on agents to public",
        ("agents", "no_role"),
        lints=(("granted_to_public", "agents"), ("schema_open", "{schema}")),
    ),
    hole("a column for everybody", "grant select (name) on agents to public", lints=(("granted_to_public", "agents"),)),
    hole(
        "members make tables",
        "grant create on schema {schema} to {member}",
        ("The project's schema", "Make objects"),
        lints=(("schema_to_build_in", "{schema}"),),
    ),
    hole(
        "somebody else's table",
        "alter table agents owner to session_user",
        lints=(("owned_by_somebody_else", "agents"),),
    ),
    hole("an owner who can log in", "alter role {owner} login", lints=(("powerful_role", "{owner}"),)),
    hole(
        "a member above the policies",
        "alter role {member} bypassrls",
        ("agents", "read"), ("properties", "read"), ("properties_agents", "read"),
        ("The server", "Become a role without rules"),
        lints=(("powerful_role", "{member}"),),
    ),
    hole(
        "a member with the rights of admins",
        "grant {admin} to {member}",
        ("agents", "read"), ("properties", "change"), ("properties_agents", "delete"), ("showings", "add"),
        ("_trash", "Reach what others deleted"),
        lints=(("role_in_a_role", "{member}"),),
    ),
    hole(
        "a login role with rights of its own",
        "grant {member} to vibecrm_app with inherit true, set true",
        *((name, "no_role") for name in TABLES),
        ("_trash", "Reach what others deleted"),
        lints=(("inherited_role", "{member}"),),
    ),
    hole(
        "the platform",
        "grant usage on schema public to {member}; grant select on public.core_user to {member}",
        ("The platform", "Read its tables"),
    ),
    hole("statements", "grant pg_read_all_stats to {member}", ("The server", "Read the statements of others")),
    hole("no index of the policy", "drop index {list_index}", lints=(("policy_column_without_index", "agents"),)),
    hole(
        "no index of a link",
        "drop index ix_t_properties_c_agent_id",
        lints=(("foreign_key_without_index", "properties"),),
    ),
)  # fmt: skip

SPECIAL_ATTEMPTS = {"shadow"}
"""What no change of the catalog can open: it has a test of its own."""


@pytest.fixture
def other(user: User) -> Project:
    """Somebody else's project on the same server."""
    other = ProjectFactory(owner=user)
    provision(user, other, document(table("notes", column("body"))))
    return reload(user, other)


@pytest.fixture
def project(user: User, project: Project) -> Project:
    """Agents, their properties with a link to many, shared showings, and offices in the archive."""
    full = estate()
    full["relationships"].append(links("properties", "agents", "agents"))
    provision(user, project, {**full, "tables": [*full["tables"], table("offices", column("name"))]})
    provision(user, reload(user, project), full, confirm_destructive=True)
    return reload(user, project)


@pytest.fixture
def names(project: Project, other: Project, superuser: psycopg.Connection) -> dict[str, str]:
    """What the statements of holes may name."""
    schema = project.schema_name
    (list_index,) = superuser.execute(
        "select indexname from pg_indexes"
        " where schemaname = %s and tablename = 'agents' and indexdef like '%%created_at%%'",
        [schema],
    ).fetchone()
    superuser.execute(sql.format("set search_path to {schema}, public", schema=sql.identifier(schema)))
    return {
        "schema": schema, "owner": f"{schema}_owner", "admin": f"{schema}_admin", "member": f"{schema}_user",
        "other": other.schema_name, "stranger": f"{other.schema_name}_user", "list_index": list_index,
    }  # fmt: skip


def found(report: Report) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The leaks and the lints of a report."""
    return (
        {(leak.target, leak.attempt) for leak in report.leaks},
        {(lint.code, lint.object) for lint in report.lints},
    )


def test_without_a_hole_nothing_is_found(project: Project, names: dict[str, str]) -> None:
    report = run(project)
    assert found(report) == (set(), set())
    assert report.untested == ()
    assert {result.target for result in report.around} >= {"_ledger", "_x_2_t_offices", "Other projects"}


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_a_hole_is_found(hole: Hole, project: Project, names: dict[str, str], superuser: psycopg.Connection) -> None:
    superuser.execute(sql.format(hole.statements, **{key: sql.identifier(name) for key, name in names.items()}))
    report = run(project)
    leaks, lints = found(report)
    assert hole.leaks <= leaks
    assert {(code, name.format(**names)) for code, name in hole.lints} <= lints
    if not hole.leaks:
        assert not leaks
    elif all(target in report.tables for target, _ in hole.leaks):
        assert {target for target, _ in leaks} <= {target for target, _ in hole.leaks}
    severities = {rule.code: rule.severity for rule in RULES}
    assert report.passed == (not hole.leaks and {severities[code] for code, _ in hole.lints} == {"warning"})
    assert all(leak.detail.endswith(".") and leak.target for leak in report.leaks)
    assert all(lint.detail and lint.fix for lint in report.lints)


def test_every_attempt_and_every_rule_has_a_hole() -> None:
    assert {attempt for hole in HOLES for _, attempt in hole.leaks} >= set(ATTEMPTS) - SPECIAL_ATTEMPTS
    assert {code for hole in HOLES for code, _ in hole.lints} == {rule.code for rule in RULES}


def test_a_door_that_lets_temporary_tables_in_front_is_found(
    project: Project, names: dict[str, str], superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    (database,) = superuser.execute("select current_database()").fetchone()
    grant = "grant temporary on database {database} to {member}"
    superuser.execute(sql.format(grant, database=sql.identifier(database), member=sql.identifier(names["member"])))
    assert found(run(project)) == (set(), set())
    monkeypatch.setattr(tenancy, "_project_search_path", lambda project: f"pg_temp, {project.schema_name}")
    leaks, _ = found(run(project))
    assert leaks == {(name, "shadow") for name in TABLES}


def test_a_login_role_that_may_become_one_above_the_policies_is_found(
    project: Project, superuser: psycopg.Connection
) -> None:
    superuser.execute("grant pg_read_all_data to vibecrm_app with inherit false, set true")
    try:
        leaks, _ = found(run(project))
    finally:
        superuser.execute("revoke pg_read_all_data from vibecrm_app")
    assert leaks == {("The server", "Become a role without rules")}


def test_a_view_with_the_rights_of_its_reader_is_no_leak(
    project: Project, names: dict[str, str], superuser: psycopg.Connection
) -> None:
    template = (
        "create view mine with (security_invoker) as select * from agents; alter view mine owner to {owner};"
        "grant select on mine to {member}"
    )
    superuser.execute(
        sql.format(template, owner=sql.identifier(names["owner"]), member=sql.identifier(names["member"]))
    )
    report = run(project)
    assert found(report) == (set(), set())
    assert "mine" in {result.target for result in report.around}


def test_what_cannot_be_tested_is_no_success(
    user: User, project: Project, names: dict[str, str], superuser: psycopg.Connection
) -> None:
    superuser.execute('create table "Odd name" (id integer)')
    superuser.execute(sql.format("revoke insert on agents from {member}", member=sql.identifier(names["member"])))
    superuser.execute("drop table showings cascade")
    report = run(project)
    assert not report.passed
    assert {(result.target, result.attempt) for result in report.untested} >= {
        ("Odd name", "Reach a hidden table"), ("agents", "add"), ("showings", "Find the table"), ("showings", "add"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "calls"),
    [
        ("(user_id = ( SELECT auth.uid() AS uid))", False),
        ("(user_id = auth.uid())", True),
        ("(user_id = (current_setting('app.user'::text))::uuid)", True),
        ("(EXISTS ( SELECT FROM p.t seen WHERE (seen.id = j.source_id)))", False),
        ("(id = ANY (( SELECT auth.my_projects() AS my_projects)::uuid[]))", False),
        ("((( SELECT f() AS f) = 1) AND (g(id) > (0)::numeric(5,2)))", True),
        ("(note = 'f(x)'::text) AND (amount = (1)::numeric(12,2))", False),
        ("true", False),
    ],
)
def test_calls_for_each_row_are_seen(expression: str, calls: bool) -> None:
    assert calls_for_each_row(expression) == calls
