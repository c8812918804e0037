"""Drift: what somebody changed behind the product's back is found, said, and mended."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command

from core.errors import Problem
from core.models import Project, User
from core.tenancy import as_platform, open_project
from provisioning import project_database
from provisioning.checkup import check, mend_tables
from provisioning.introspect import catalog
from provisioning.models import Migration
from provisioning.project_database import target_of
from tests.provisioning.acts import migrations, provision, query, reload, submit, tables, work
from tests.provisioning.documents import column, document, estate, link, links, table

Tamper = Callable[[str], None]


@pytest.fixture
def tamper(estate_project: Project, superuser: psycopg.Connection) -> Tamper:
    """Runs SQL in the project's schema as the superuser; `{s}` in it is the schema."""
    superuser.execute(f"set search_path = {estate_project.schema_name}, pg_temp")

    def run(statement: str) -> None:
        superuser.execute(statement.format(s=estate_project.schema_name))

    return run


def whole_catalog(project: Project, user: User) -> dict:
    with open_project(project, user.pk, "owner") as door:
        return catalog(door, target_of(project))


def index_of(project: Project, superuser: psycopg.Connection, name: str, kind: str) -> str:
    return superuser.execute(
        "select indexname from pg_indexes where schemaname = %s and tablename = %s and indexname like %s",
        [project.schema_name, name, f"{kind}%"],
    ).fetchone()[0]


MENDED = [
    ("alter table agents disable row level security", "row_security_off", "Row-level security of agents is off."),
    ("alter table agents no force row level security", "row_security_not_forced", "does not bind its owner"),
    ("drop policy member_select on agents", "policy_missing", "The policy member_select of agents is missing."),
    ("alter policy member_select on agents using (true)", "policy_changed", "is another one"),
    ('create policy "Let all in" on agents for select using (true)', "policy_extra", "a policy Let all in"),
    ("alter table properties drop column price", "column_missing", "The column price of properties is missing."),
    ("alter table agents add column notes text not null default ''", "column_extra", "a column notes"),
    (
        "alter table agents alter column name drop not null",
        "column_not_null",
        "agents.name must not be empty, but may.",
    ),
    ("alter table agents alter column user_id drop not null", "column_not_null", "agents.user_id must not be empty"),
    (
        "alter table agents alter column email set not null",
        "column_not_null",
        "agents.email may be empty, but must not.",
    ),
    (
        "alter table properties alter column status drop default",
        "column_default",
        "The default of properties.status is none",
    ),
    ("grant select on agents to public", "rights_extra", "Everybody (PUBLIC) have the right on agents to select"),
    ("revoke update on agents from {s}_user", "rights_missing", "Members lack the right on agents to update."),
    ("grant update (name) on agents to public", "rights_extra", "to update name"),
    ("grant create on schema {s} to {s}_user", "rights_extra", "Members have the right on the schema to create"),
    ("revoke usage on schema {s} from {s}_admin", "rights_missing", "Admins lack the right on the schema to usage."),
    ("drop trigger touch on agents", "trigger_missing", "The trigger touch of agents is missing."),
    ("alter table agents disable trigger touch", "trigger_changed", "The trigger touch of agents is another one"),
    (
        "create trigger spy after insert on agents for each row execute function _touch()",
        "trigger_extra",
        "a trigger spy",
    ),
    ("drop table showings cascade", "table_missing", "The table showings is missing."),
    (
        "create table secrets (id int, agent uuid references agents); alter table secrets owner to {s}_owner",
        "table_extra",
        "There is a table secrets",
    ),
    (
        "create view leak as select * from agents; grant select on leak to public; alter view leak owner to {s}_owner",
        "table_extra",
        "There is a view leak",
    ),
    (
        "create or replace function _touch() returns trigger language plpgsql as 'begin return new; end'",
        "function_changed",
        "The function _touch() is another one.",
    ),
    ("alter function _touch() security definer", "function_changed", "_touch()"),
]
BY_HAND = [
    ("create table secrets (id int)", "table_extra", "There is a table secrets"),
    (
        "alter table showings alter column starts_at type timestamp",
        "column_type",
        "is timestamp without time zone instead of",
    ),
    ("alter table agents owner to postgres", "owner_changed", "belongs to the role postgres instead of the owner"),
    ("alter table agents alter column id drop default", "column_default", "instead of gen_random_uuid()"),
    ("create function spy() returns int language sql as 'select 1'", "function_extra", "a function spy()"),
    ('alter table agents add column "Not ours" text', "column_extra", "a column Not ours"),
]


def test_a_project_that_nobody_touched_has_no_drift(user: User, estate_project: Project) -> None:
    assert check(estate_project, user.pk).differences == ()


def test_what_a_check_builds_leaves_nothing(user: User, estate_project: Project, superuser: psycopg.Connection) -> None:
    names = "select array_agg(nspname order by 1) from pg_namespace"
    before = superuser.execute(names).fetchone()
    check(estate_project, user.pk)
    assert superuser.execute(names).fetchone() == before


def test_a_project_with_a_past_has_no_drift(user: User, project: Project) -> None:
    """Archived tables and columns, renames, numbers, links and converted types are no difference."""
    wide = document(
        table("deals", column("name", required=True), column("amount", "integer"), column("code", "auto_number")),
        table("tags", column("name", unique=True)),
        table("old", column("name")),
        links=(link("deals", "old_id", "old"), links("deals", "tags", "tags")),
    )
    provision(user, project, wide)
    query(project, user.pk, "admin", "insert into deals (name, amount) values ('a', 1)")
    active = reload(user, project).active_config.document
    deals, tags, _ = active["tables"]
    deals = {**deals, "name": "offers", "columns": [
        {**deals["columns"][0], "name": "title"}, {**deals["columns"][1], "type": "text"}, deals["columns"][2],
    ]}  # fmt: skip
    relations = [{**entry, "from_table": "offers"} for entry in active["relationships"] if entry["to_table"] == "tags"]
    provision(user, project, {**active, "tables": [deals, tags], "relationships": relations}, confirm_destructive=True)
    assert check(reload(user, project), user.pk).differences == ()
    provision(user, project, active, confirm_destructive=True)
    assert check(reload(user, project), user.pk).differences == ()


@pytest.mark.parametrize(("statement", "code", "sentence"), MENDED, ids=[entry[0][:50] for entry in MENDED])
def test_what_was_changed_is_told_and_mended(
    user: User, estate_project: Project, tamper: Tamper, statement: str, code: str, sentence: str
) -> None:
    before = whole_catalog(estate_project, user)
    tamper(statement)
    found = check(estate_project, user.pk)
    told = [difference.sentence for difference in found.differences if difference.code == code]
    assert any(sentence in text for text in told), found.differences
    assert found.mend is not None
    assert found.mend.by_hand == ()
    _, left = mend_tables(user, estate_project)
    assert left.differences == ()
    assert whole_catalog(estate_project, user) == before


@pytest.mark.parametrize(("statement", "code", "sentence"), BY_HAND, ids=[entry[0][:50] for entry in BY_HAND])
def test_what_only_a_person_can_decide_is_said(
    user: User, estate_project: Project, tamper: Tamper, statement: str, code: str, sentence: str
) -> None:
    tamper(statement)
    found, left = mend_tables(user, estate_project)
    assert [difference.code for difference in found.differences] == [code]
    assert sentence in found.differences[0].sentence
    assert left.differences == found.differences == found.mend.by_hand


def test_constraints_and_indexes_come_back(
    user: User, estate_project: Project, tamper: Tamper, superuser: psycopg.Connection
) -> None:
    before = tables(estate_project, user)
    unique, listed = (index_of(estate_project, superuser, "agents", kind) for kind in ("uq", "ix"))
    key = index_of(estate_project, superuser, "showings", "pk")
    check_name = next(name for name in before["properties"]["constraints"] if name.startswith("ck"))
    foreign = next(name for name in before["properties"]["constraints"] if name.startswith("fk"))
    tamper(f"alter table agents drop constraint {unique}")
    tamper(f"drop index {listed}")
    tamper("create index by_hand on agents (name)")
    tamper(f"alter table showings drop constraint {key}")
    tamper(f"alter table properties drop constraint {check_name}")
    tamper(f"alter table properties drop constraint {foreign}")
    tamper(
        f"alter table properties add constraint {foreign} foreign key (agent_id) references agents (id)"
        " on delete cascade not valid"
    )
    tamper("alter table agents add constraint short check (length(name) < 9)")
    codes = {difference.code for difference in check(estate_project, user.pk).differences}
    assert codes == {
        "constraint_missing", "constraint_changed", "constraint_extra", "index_missing", "index_extra",
    }  # fmt: skip
    _, left = mend_tables(user, estate_project)
    assert left.differences == ()
    assert tables(estate_project, user) == before


def test_a_link_that_was_never_checked_is_checked(user: User, estate_project: Project, tamper: Tamper) -> None:
    constraints = tables(estate_project, user)["properties"]["constraints"]
    name, (_, definition, *_) = next(item for item in constraints.items() if item[0].startswith("fk"))
    tamper(f"alter table properties drop constraint {name}, add constraint {name} {definition} not valid")
    assert [found.code for found in check(estate_project, user.pk).differences] == ["constraint_not_validated"]
    assert mend_tables(user, estate_project)[1].differences == ()


def test_hidden_tables_and_columns_keep_their_values(user: User, estate_project: Project, tamper: Tamper) -> None:
    tamper("create table secrets (word text); insert into secrets values ('swordfish')")
    tamper("alter table secrets owner to {s}_owner")
    tamper("alter table agents add column note text default 'kept'")
    query(estate_project, user.pk, "admin", "insert into agents (name) values ('A')")
    mend_tables(user, estate_project)
    assert query(estate_project, user.pk, "owner", "select _extra_note from agents") == [("kept",)]
    assert query(estate_project, user.pk, "owner", "select word from _extra_secrets") == [("swordfish",)]


def test_a_mend_is_recorded_and_plans_go_on_from_there(user: User, estate_project: Project, tamper: Tamper) -> None:
    tamper("drop policy member_select on agents")
    mend_tables(user, estate_project)
    record = migrations(estate_project)[-1]
    assert (record.status, record.from_config_id) == ("applied", record.to_config_id)
    assert record.plan["changes"] == ["The policy member_select of agents is missing."]
    assert query(estate_project, user.pk, "owner", "select number, catalog_sha256 from _ledger") == [
        (1, record.catalog_sha256)
    ]
    wider = estate()
    wider["tables"][0]["columns"].append(column("phone"))
    assert provision(user, estate_project, wider)["version"] == "1.1.0"


def test_a_plan_does_not_run_on_tables_that_somebody_changed(
    user: User, estate_project: Project, tamper: Tamper
) -> None:
    wider = estate()
    wider["tables"][0]["columns"].append(column("phone"))
    job = submit(user, estate_project, wider)
    tamper("alter table agents disable row level security")
    with pytest.raises(Problem) as caught:
        work(user, job)
    assert (caught.value.status, caught.value.code) == (409, "drift")
    assert "1 thing is different" in caught.value.detail
    assert caught.value.errors[0]["detail"] == "Row-level security of agents is off."
    assert "manage.py drift" in caught.value.errors[0]["fix"]
    assert "phone" not in tables(estate_project, user)["agents"]["columns"]
    mend_tables(user, estate_project)
    assert provision(user, estate_project, wider)["version"] == "1.1.0"


def test_a_table_in_a_schema_that_is_to_be_empty_is_drift(
    user: User, project: Project, superuser: psycopg.Connection
) -> None:
    job = submit(user, project, document(table("notes", column("body"))))
    project_database.ensure(project, user.pk)
    superuser.execute(f"create table {project.schema_name}.notes (id int)")
    with pytest.raises(Problem) as caught:
        work(user, job)
    assert caught.value.code == "drift"


def test_a_ledger_of_another_server_version_does_not_block(user: User, estate_project: Project) -> None:
    """The recorded hash is that of another description of the same tables."""
    query(estate_project, user.pk, "owner", "update _ledger set catalog_sha256 = repeat('0', 64)")
    wider = estate()
    wider["tables"][0]["columns"].append(column("phone"))
    assert provision(user, estate_project, wider)["version"] == "1.1.0"


def test_a_mend_that_fails_leaves_all_as_it_was(user: User, estate_project: Project, tamper: Tamper) -> None:
    tamper("alter table agents alter column name drop not null")
    tamper("drop policy member_select on agents")
    query(estate_project, user.pk, "admin", "insert into agents (name) values (null)")
    before = tables(estate_project, user)
    with pytest.raises(Problem, match="contains null values"):
        mend_tables(user, estate_project)
    assert tables(estate_project, user) == before


def command(*arguments: str) -> tuple[str, int]:
    output = StringIO()
    try:
        call_command("drift", *arguments, stdout=output)
    except SystemExit as end:
        return output.getvalue(), int(end.code or 0)
    return output.getvalue(), 0


def test_the_command_looks_plans_and_mends(user: User, estate_project: Project, tamper: Tamper) -> None:
    name = str(estate_project.pk)
    assert command(name) == ("The tables are what version 1.0.0 says.\n", 0)
    tamper("drop policy member_select on agents")
    text, code = command(name)
    assert (code, "The policy member_select of agents is missing." in text) == (1, True)
    text, code = command(name, "--plan")
    assert (code, 'create policy "member_select" on' in text) == (1, True)
    text, code = command(name, "--json")
    told = json.loads(text)
    assert (code, told["drift"], told["differences"][0]["mendable"]) == (1, True, True)
    text, code = command(name, "--mend")
    assert (code, text.startswith("Mended:")) == (0, True)
    assert command(name)[1] == 0
    with pytest.raises(CommandError, match="No project"):
        command("unheard-of")


def test_the_command_says_what_is_left_for_a_person(user: User, estate_project: Project, tamper: Tamper) -> None:
    tamper("alter table showings alter column starts_at type timestamp")
    text, code = command(str(estate_project.pk), "--mend")
    assert (code, "by hand" in text) == (1, True)


def test_a_project_without_a_version_has_nothing_to_compare(user: User, project: Project) -> None:
    text, code = command(str(project.pk))
    assert (code, "no version yet" in text) == (0, True)
    with as_platform():
        assert not Migration.objects.exists()
