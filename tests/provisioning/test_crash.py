"""Workers and PostgreSQL are killed at any moment, and plans are delivered many times: each is applied once or not."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from core.models import Job, Project, User
from core.tenancy import as_platform
from provisioning.checkup import check
from provisioning.statements import Plan
from tests.provisioning.acts import migrations, provision, query, reload, submit, tables, work
from tests.provisioning.documents import column, document, estate, link, table
from tests.provisioning.forks import Forks, forks
from vibecrm import embedded

SERVER_KILLS = int(os.environ.get("CRASHES", "10"))
"""How often PostgreSQL is killed; `make fuzz` has it done more often."""
WORKERS = 8


@pytest.fixture(scope="module")
def workers(django_db_setup: None) -> Iterator[Forks]:
    with forks() as running:
        yield running


@pytest.fixture
def careful(django_db_setup: None, servers: embedded.Servers) -> Iterator[embedded.Servers]:
    """The servers, of which PostgreSQL for once has written down what it says it has."""
    database = connections["default"].settings_dict["NAME"]

    def say(word: str) -> None:
        connections["default"].close()
        connections["default"].close_pool()
        with psycopg.connect(servers.home.superuser_url(), autocommit=True) as connection:
            connection.execute("set synchronous_commit = on")
            connection.execute(f"alter database {database} {word}")

    say("set synchronous_commit = on")
    yield servers
    say("reset synchronous_commit")


def wider() -> dict:
    """From `estate`: two new tables, renamed columns, indexes, links, and other rules."""
    agents, properties, showings = estate()["tables"]
    agents["columns"] += [column("phone", "phone"), column("team")]
    agents["indexes"] = [["team", "name"]]
    properties["columns"][0]["unique"] = True
    return document(
        agents, properties, {**showings, "access": "private"},
        table("offers", column("amount", "integer"), column("code", "auto_number")),
        table("visits", column("note"), column("on", "date")),
        links=(
            *estate()["relationships"],
            link("offers", "property_id", "properties"),
            link("visits", "agent_id", "agents"),
        ),
        name="Estate",
    )  # fmt: skip


def redeliver(job: Job) -> None:
    """As the broker and `requeue_lost_jobs` do when the worker is gone."""
    with as_platform():
        Job.objects.filter(pk=job.pk).exclude(status="succeeded").update(status="queued", error=None, finished_at=None)


def test_a_worker_killed_before_any_statement_leaves_old_or_new(
    user: User, estate_project: Project, workers: Forks
) -> None:
    project = estate_project
    job = submit(user, project, wider())
    plan = Plan.from_json(migrations(project)[-1].plan)
    assert len(plan.statements) >= 40
    old, states = tables(project, user), []
    for k in range(10_000):
        (report,) = workers.run(job.pk, kill_before=k)
        states.append(state(user, project, old))
        if not report["killed"]:
            break
        redeliver(job)
    assert report["status"] == "succeeded"
    assert states == sorted(states), "what is there once, stays"
    assert states.count("old") > len(plan.statements)
    assert check(reload(user, project), user.pk).differences == ()


def state(user: User, project: Project, old: dict) -> str:
    """`old` or `new`; the ledger, the pointer and the tables agree, or the test fails."""
    ledger = query(project, user.pk, "owner", "select number from _ledger order by number")
    active = reload(user, project).active_config.number
    assert ledger == [(number,) for number in range(1, active + 1)]
    assert (tables(project, user) == old) == (active == 1)
    return "old" if active == 1 else "the new"


def test_a_postgres_that_is_killed_leaves_old_or_new(
    careful: embedded.Servers, user: User, project: Project, workers: Forks
) -> None:
    chance = random.Random(5)  # noqa: S311
    start = time.monotonic()
    provision(user, project, grown(1))
    longest = time.monotonic() - start
    undone = 0
    for number in range(2, SERVER_KILLS + 2):
        job = submit(user, project, grown(number))
        workers.order(job.pk)
        time.sleep(chance.uniform(0, longest))
        kill(careful)
        workers.answer()
        active = reload(user, project).active_config.number
        assert query(project, user.pk, "owner", "select max(number) from _ledger") == [(active,)]
        assert check(reload(user, project), user.pk).differences == ()
        undone += active < number
        finish(user, job)
        assert query(project, user.pk, "owner", "select count(*) from _ledger") == [(number,)]
        assert check(reload(user, project), user.pk).differences == ()
    assert reload(user, project).active_config.number == SERVER_KILLS + 1
    print(f"PostgreSQL died {SERVER_KILLS} times, {undone} of them before the commit.")  # noqa: T201


def kill(servers: embedded.Servers) -> None:
    """PostgreSQL dies as in a power cut, and starts again."""
    postgres = servers.servers[0]
    os.kill(postgres.pid() or 0, signal.SIGKILL)
    while postgres.pid() is not None:
        time.sleep(0.01)
    assert servers.ensure() == ["PostgreSQL"]
    connections.close_all()  # what this process had is lost too


def finish(user: User, job: Job) -> None:
    """The work is delivered again, if it is not done."""
    with as_platform():
        undone = Job.objects.filter(pk=job.pk).exclude(status="succeeded").exists()
        failed = Job.objects.filter(pk=job.pk, status="failed").values_list("error", flat=True).first()
    assert failed is None, failed
    if undone:
        redeliver(job)
        work(user, job)


def grown(number: int) -> dict:
    names = [f"table_{i}" for i in range(number)]
    return document(
        *(table(name, column("name", unique=True), column("amount", "integer")) for name in names),
        links=tuple(link(name, "parent_id", names[0]) for name in names[1:]),
    )


def test_of_many_workers_with_one_plan_one_applies_it(user: User, estate_project: Project, workers: Forks) -> None:
    submit(user, estate_project, wider())
    migration = migrations(estate_project)[-1].pk
    reports = workers.run(*[migration] * WORKERS, deliver=True)
    assert [report.get("problem") for report in reports] == [None] * WORKERS
    assert all(report["result"] == reports[0]["result"] for report in reports)
    assert sum(report["created"] > 0 for report in reports) == 1, "the others found it done"
    assert query(estate_project, user.pk, "owner", "select count(*) from _ledger") == [(2,)]
    assert check(reload(user, estate_project), user.pk).differences == ()


def test_of_many_plans_on_one_parent_one_is_applied(user: User, estate_project: Project, workers: Forks) -> None:
    submitted: list[UUID] = []
    for i in range(WORKERS):
        changed = estate()
        changed["tables"][0]["columns"].append(column(f"column_{i}"))
        submitted.append(submit(user, estate_project, changed).pk)
    reports = workers.run(*submitted)
    problems = sorted(report["problem"] or "" for report in reports)
    assert problems == ["", *["stale_version"] * (WORKERS - 1)]
    assert sum(report["status"] == "succeeded" for report in reports) == 1
    assert query(estate_project, user.pk, "owner", "select count(*) from _ledger") == [(2,)]
    assert check(reload(user, estate_project), user.pk).differences == ()
