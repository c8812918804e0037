"""Large tables: indexes and constraints are made ahead, resumed after a crash, and seen when all of them are there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.test.utils import override_settings

from core.errors import Problem
from core.models import Project, User
from core.tenancy import as_platform
from provisioning import steps
from provisioning.checkup import check
from provisioning.models import Migration
from provisioning.statements import Plan
from tests.conftest import ROOT
from tests.provisioning.acts import migrations, provision, query, reload, submit, tables, work
from tests.provisioning.documents import column, document, link, table
from tests.provisioning.test_golden import golden_plan

ROWS = 500


@pytest.fixture(autouse=True)
def small_is_large():
    """A table of a few rows counts as a large one."""
    with override_settings(LARGE_TABLE_ROWS=100):
        yield


@pytest.fixture
def shop(user: User, project: Project) -> Project:
    """Orders that point to nothing yet, and a small table of customers."""
    provision(user, project, before())
    query(project, user.pk, "admin", "insert into customers (name) values ('A'), ('B')")
    query(
        project, user.pk, "admin",
        "insert into orders (code, state, customer) select 'c' || n, 'open', (select id from customers limit 1)"
        " from generate_series(1, %s) n", ROWS,
    )  # fmt: skip
    return reload(user, project)


def before() -> dict:
    states = [{"value": "open"}, {"value": "done"}]
    orders = table("orders", column("code"), column("state", "select", options=states), column("customer", "text"))
    return document(table("customers", column("name")), orders)


def after(shop: Project, *, name: str = "purchases") -> dict:
    """The table and a column renamed, an index, a uniqueness, another check, a column with an index of its own."""
    active = shop.active_config.document
    customers, orders = active["tables"]
    code, state, customer = orders["columns"]
    columns = [
        {**code, "name": "number", "unique": True},
        {**state, "options": [{"value": "open"}, {"value": "done"}, {"value": "lost"}]},
        customer,
        column("paid_on", "date"),
    ]
    return {**active, "tables": [customers, {
        **orders, "name": name, "columns": columns, "indexes": [["state", "number"], ["paid_on"]],
    }]}  # fmt: skip


def pending(project: Project, user: User) -> Plan:
    return Plan.from_json(migrations(project)[-1].plan)


def unfinished(superuser: psycopg.Connection, project: Project) -> list[str]:
    names = superuser.execute(
        "select relname::text from pg_class where relnamespace = to_regnamespace(%(schema)s)"
        " union select conname from pg_constraint where connamespace = to_regnamespace(%(schema)s)",
        {"schema": project.schema_name},
    )
    return [name for (name,) in names if name.startswith("_p_")]


def test_what_reads_all_rows_is_done_before_the_transaction(user: User, shop: Project) -> None:
    submit(user, shop, after(shop))
    ahead = [step for step in pending(shop, user).statements if not step.transactional]
    kinds = [" ".join(step.sql.split()[:4]).split(' "')[0] for step in ahead]
    assert sorted(kinds) == [
        "alter table", "alter table", "create index concurrently", "create unique index concurrently",
    ]  # fmt: skip
    assert all('"orders"' in step.sql for step in ahead), "they run over the names of the active version"
    assert pending(shop, user).statements[: len(ahead)] == tuple(ahead)
    within = [step.sql for step in pending(shop, user).statements if step.transactional]
    assert sum("paid_on" in statement and "create index" in statement for statement in within) == 1, within


def test_small_tables_are_changed_in_one_transaction(user: User, shop: Project) -> None:
    with override_settings(LARGE_TABLE_ROWS=100_000):
        submit(user, shop, after(shop))
    assert all(step.transactional for step in pending(shop, user).statements)


def test_the_result_is_the_same_as_in_one_transaction(user: User, shop: Project, superuser: psycopg.Connection) -> None:
    assert provision(user, shop, after(shop))["version"] == "2.0.0"
    shop = reload(user, shop)
    assert check(shop, user.pk).differences == ()
    assert unfinished(superuser, shop) == []
    assert query(shop, user.pk, "admin", "select count(number) from purchases") == [(ROWS,)]


def test_a_relation_to_another_table_is_checked_ahead(
    user: User, project: Project, superuser: psycopg.Connection
) -> None:
    first = document(
        table("people", column("name")), table("firms", column("name")), table("notes", column("body")),
        links=(link("notes", "about_id", "people", on_delete="cascade"),),
    )  # fmt: skip
    provision(user, project, first)
    query(project, user.pk, "admin", "insert into notes (body) select 'x' from generate_series(1, %s)", ROWS)
    active = reload(user, project).active_config.document
    changed = {**active, "relationships": [{**active["relationships"][0], "on_delete": "set_null"}]}
    job = submit(user, project, changed)
    ahead = [step.sql for step in pending(project, user).statements if not step.transactional]
    assert [" not valid" in statement for statement in ahead] == [True, False]
    work(user, job)
    assert check(reload(user, project), user.pk).differences == ()
    assert unfinished(superuser, project) == []


def test_rows_that_do_not_fit_leave_nothing(user: User, shop: Project, superuser: psycopg.Connection) -> None:
    job = submit(user, shop, after(shop))
    query(shop, user.pk, "admin", "insert into orders (code) values ('c1')")
    found = tables(shop, user)
    with pytest.raises(Problem) as caught:
        work(user, job)
    assert caught.value.code == "migration_failed"
    assert unfinished(superuser, shop) == []
    assert tables(shop, user) == found
    assert reload(user, shop).active_config.version == "1.0.0"


def test_the_active_version_goes_on_while_steps_are_done(
    user: User, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the steps the old names and the old version are there, and there is no drift."""
    seen: list[tuple[str, int]] = []
    step = steps._step

    def watch(*arguments) -> None:
        step(*arguments)
        project = reload(user, shop)
        found = query(project, user.pk, "admin", "insert into orders (code) values ('n' || random()) returning 1")
        seen.append((project.active_config.version, len(check(project, user.pk).differences) + len(found)))

    monkeypatch.setattr(steps, "_step", watch)
    assert provision(user, shop, after(shop))["version"] == "2.0.0"
    assert seen == [("1.0.0", 1)] * 4


KILLED = """
import os, signal, sys
import django
django.setup()
from provisioning import steps
real, left = steps._step, [int(sys.argv[2])]
def step(*arguments):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    real(*arguments)
steps._step = step
from uuid import UUID
from core import jobs
jobs.run(UUID(sys.argv[1]))
"""


@pytest.mark.parametrize("k", range(5))
def test_steps_go_on_where_a_killed_worker_stopped(
    user: User, shop: Project, superuser: psycopg.Connection, k: int, tmp_path: Path
) -> None:
    """Of four steps, k are done when it dies; with all four, it lives."""
    job = submit(user, shop, after(shop))
    script = tmp_path / "worker.py"
    script.write_text(KILLED)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "vibecrm.settings", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, str(script), str(job.pk), str(k)], env=environment, check=False)
    if k < 4:
        assert done.returncode == -signal.SIGKILL
        assert reload(user, shop).active_config.version == "1.0.0"
        assert bool(unfinished(superuser, shop)) == (k > 0)
        assert check(reload(user, shop), user.pk).differences == ()
        with as_platform():
            type(job).objects.filter(pk=job.pk).update(status="queued")
        work(user, job)
    shop = reload(user, shop)
    assert shop.active_config.version == "2.0.0"
    assert check(shop, user.pk).differences == ()
    assert unfinished(superuser, shop) == []


def test_an_index_that_was_left_half_made_is_made_again(
    user: User, shop: Project, superuser: psycopg.Connection
) -> None:
    job = submit(user, shop, after(shop))
    make = next(step.sql for step in pending(shop, user).statements if "unique index concurrently" in step.sql)
    query(shop, user.pk, "admin", "insert into orders (code) values ('c1')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        superuser.execute(make)
    assert len(unfinished(superuser, shop)) == 1, "PostgreSQL leaves it there, invalid"
    query(shop, user.pk, "admin", "delete from orders where created_at = (select max(created_at) from orders)")
    work(user, job)
    assert check(reload(user, shop), user.pk).differences == ()


def test_what_a_dead_plan_left_goes_with_the_next(user: User, shop: Project, superuser: psycopg.Connection) -> None:
    submit(user, shop, after(shop))
    for step in pending(shop, user).statements:
        if not step.transactional:
            superuser.execute(step.sql)
    with as_platform():
        Migration.objects.filter(status="pending").delete()
    assert len(unfinished(superuser, shop)) == 3
    changed = shop.active_config.document
    changed["tables"][0]["columns"].append(column("phone"))
    assert provision(user, shop, changed)["version"] == "1.1.0"
    assert unfinished(superuser, shop) == []
    assert check(reload(user, shop), user.pk).differences == ()


def test_plans_without_large_tables_are_what_they_were() -> None:
    assert all(step.transactional for step in golden_plan("columns_change").statements)
