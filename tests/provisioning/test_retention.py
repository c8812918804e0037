"""The archive for people: what is in it, bringing it back by name, and its end."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError

from core import upkeep
from core.models import Project, User
from core.permissions import access_config, list_configs
from core.tenancy import acting_as
from provisioning import attempts, commands
from provisioning.archive_entries import entries
from provisioning.models import PurgedValues
from provisioning.planning import prepare_rollback
from tests.provisioning.acts import named, provision, query, reload, rollback, tables
from tests.provisioning.documents import column, document, links, table
from tests.provisioning.test_archive import everything, filled, shop

__all__ = ["filled"]


@pytest.fixture(autouse=True)
def _no_waiting_for_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_WORKER_SECONDS", 0.0)


@pytest.fixture
def smaller(user: User, filled: Project) -> Project:
    """The shop without orders since version 2, and without the tags' names since version 3."""
    provision(user, filled, shop("orders"), confirm_destructive=True)
    bare = shop("orders")
    bare["tables"][1]["columns"] = [column("color")]
    provision(user, filled, bare, confirm_destructive=True)
    return reload(user, filled)


def archive(project: Project, *arguments: Any) -> str:
    output = StringIO()
    call_command("archive", str(project.pk), *map(str, arguments), stdout=output)
    return output.getvalue()


def hide_long_ago(project: Project, number: int, days: int) -> None:
    """Makes a version older than it is."""
    query(
        project, uuid4(), "owner",
        "update _ledger set applied_at = applied_at - %s * interval '1 day' where number = %s", days, number,
    )  # fmt: skip


def test_the_list_says_what_there_is_and_since_when(smaller: Project) -> None:
    listed = {entry["name"]: entry for entry in json.loads(archive(smaller, "list", "--json"))}
    assert {name: (each["kind"], each["version"], each["count"]) for name, each in listed.items()} == {
        "orders": ("table", "2.0.0", 2),
        "orders.tags": ("links", "2.0.0", 2),
        "tags.name": ("column", "3.0.0", 1),
    }
    applied = query(smaller, uuid4(), "owner", "select applied_at from _ledger where number = 2")
    assert listed["orders"]["since"] == applied[0][0].isoformat()
    assert listed["orders"]["size"] >= 8192
    assert 0 < listed["tags.name"]["size"] < 100
    text = archive(smaller, "list")
    assert "orders.tags" in text
    assert "removed by version 3.0.0" in text


def test_an_empty_archive_says_so(user: User, project: Project) -> None:
    assert archive(project, "list").strip() == "The archive is empty."
    provision(user, project, shop())
    assert archive(project, "list").strip() == "The archive is empty."
    assert "old" in archive(project, "purge", "--older-than", 0)


def test_a_table_is_brought_back_by_name(user: User, smaller: Project) -> None:
    kept = query(smaller, user.pk, "owner", "select id, code, number from _x_2_t_orders order by id")
    assert "Version 3.1.0 is active." in archive(smaller, "restore", "orders")
    assert query(smaller, user.pk, "admin", "select id, code, number from orders order by id") == kept
    links_of = "select count(*) from orders where customer_id is not null and parent_id is not null"
    assert query(smaller, user.pk, "admin", links_of) == [(2,)]
    assert query(smaller, user.pk, "admin", "select count(*) from orders_tags") == [(2,)]
    assert [entry.name for entry in entries(reload(user, smaller), user.pk)] == ["tags.name"]
    archive(smaller, "restore", "tags.name")
    assert query(smaller, user.pk, "admin", "select name, color from tags") == [("urgent", None)]
    assert len(list_configs(user, smaller)) == 5


def test_links_are_brought_back_by_name(user: User, filled: Project) -> None:
    without = shop()
    without["relationships"] = without["relationships"][:2]
    provision(user, filled, without, confirm_destructive=True)
    archive(filled, "restore", "orders.tags")
    assert query(filled, user.pk, "admin", "select count(*) from orders_tags") == [(2,)]


def test_a_required_column_is_brought_back_as_optional(user: User, filled: Project) -> None:
    without = shop()
    del without["tables"][0]["columns"][0]
    without["tables"][0]["columns"] = [column("city")]
    provision(user, filled, without, confirm_destructive=True)
    query(filled, user.pk, "admin", "insert into customers (city) values ('Rome')")
    archive(filled, "restore", "customers.name")
    assert query(filled, user.pk, "admin", "select name from customers order by name") == [("Ada",), ("Bob",), (None,)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["restore", "nothing"], "It holds: orders, orders.tags, tags.name"),
        (["restore", "orders.tags"], "Bring it back first"),
        (["restore"], "takes the name"),
        (["list", "orders"], "takes the name"),
        (["purge", "--older-than", "-1"], "number of days"),
    ],
)
def test_what_cannot_be_done_is_said(smaller: Project, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        archive(smaller, *arguments)


def test_only_what_is_old_enough_is_purged(user: User, smaller: Project, caplog: pytest.LogCaptureFixture) -> None:
    before, rows = tables(smaller, user), everything(smaller)
    hide_long_ago(smaller, 2, settings.ARCHIVE_RETENTION_DAYS + 1)
    hide_long_ago(smaller, 3, settings.ARCHIVE_RETENTION_DAYS - 1)
    with caplog.at_level(logging.INFO, "provisioning.retention"):
        purged = json.loads(archive(smaller, "purge", "--json"))
    assert sorted(entry["name"] for entry in purged) == ["orders", "orders.tags"]
    assert f"Purged from the archive of project {smaller.pk}: orders (2 rows)" in caplog.text
    with pytest.raises(ProgrammingError, match="does not exist"):
        query(smaller, user.pk, "owner", "select * from _x_2_t_orders")
    assert query(smaller, user.pk, "owner", "select _x_3_c_name from tags") == [("urgent",)]
    assert (tables(smaller, user), everything(smaller)) == (before, rows)
    assert "Dropped for good." in archive(smaller, "purge", "--older-than", 0)
    assert entries(smaller, user.pk) == ()


def test_versions_that_cannot_be_restored_in_full_are_marked(user: User, smaller: Project) -> None:
    archive(smaller, "purge", "--older-than", 0)
    notes = {
        version: prepare_rollback(smaller, access_config(user, smaller, version)).notes
        for version in ("1.0.0", "2.0.0", "3.0.0")
    }
    assert [note.split(" until ")[0] for note in notes["1.0.0"]] == [
        "orders held 2 rows", "orders.tags held 2 links", "tags.name held 1 value",
    ]  # fmt: skip
    assert "do not come back" in notes["1.0.0"][0]
    assert [note.split(" until ")[0] for note in notes["2.0.0"]] == ["tags.name held 1 value"]
    assert notes["3.0.0"] == ()
    rollback(user, smaller, "1.0.0", confirm_destructive=True)
    assert query(smaller, user.pk, "admin", "select count(*) from orders") == [(0,)]
    assert query(smaller, user.pk, "admin", "select name from tags") == [(None,)]


def test_an_empty_thing_leaves_no_mark(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"), column("b"))))
    provision(user, project, document(table("notes", column("a"))), confirm_destructive=True)
    archive(project, "purge", "--older-than", 0)
    with acting_as(user.pk):
        assert not PurgedValues.objects.exists()


def test_a_type_without_a_way_back_comes_back_empty_after_the_purge(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a", "integer"))))
    query(project, user.pk, "admin", "insert into notes (a) values (5)")
    provision(user, project, document(table("notes", column("a", "json"))))
    archive(project, "purge", "--older-than", 0)
    project = reload(user, project)
    prepared = prepare_rollback(project, access_config(user, project, "1.0.0"))
    assert [(each.risk.code, each.count) for each in prepared.findings] == [("loses_values", 1)]
    assert prepared.notes[0].startswith("notes.a held 1 value")
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert query(project, user.pk, "admin", "select a, pg_typeof(a)::text from notes") == [(None, "bigint")]


def test_others_see_no_marks(user: User, other_user: User, smaller: Project) -> None:
    archive(smaller, "purge", "--older-than", 0)
    with acting_as(user.pk):
        assert PurgedValues.objects.count() == 3
    with acting_as(other_user.pk):
        assert not PurgedValues.objects.exists()


def test_the_daily_upkeep_purges_every_project(user: User, smaller: Project) -> None:
    upkeep.run_daily()
    assert len(entries(smaller, user.pk)) == 3
    hide_long_ago(smaller, 2, settings.ARCHIVE_RETENTION_DAYS + 1)
    upkeep.run_daily()
    assert [entry.name for entry in entries(smaller, user.pk)] == ["tags.name"]
    task = settings.CELERY_BEAT_SCHEDULE["daily-upkeep"]
    assert (task["task"], task["schedule"]) == ("core.run_daily", timedelta(days=1))


def test_busy_tables_are_left_for_the_next_day(
    user: User, smaller: Project, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MAX_ATTEMPTS", 1)
    hide_long_ago(smaller, 2, 99)
    with superuser.transaction():
        superuser.execute(named("lock table {schema}.{table}", schema=smaller.schema_name, table="_x_2_t_orders"))
        upkeep.run_daily()
        with pytest.raises(CommandError, match="Nothing was changed"):
            archive(smaller, "purge")
    upkeep.run_daily()
    assert [entry.name for entry in entries(smaller, user.pk)] == ["tags.name"]


def test_a_plan_that_needs_what_was_purged_meanwhile_changes_nothing(user: User, smaller: Project) -> None:
    from tests.provisioning.acts import submit, work

    job = submit(user, smaller, shop() | {"tables": [*shop()["tables"]]}, confirm_destructive=True)
    archive(smaller, "purge", "--older-than", 0)
    before = tables(smaller, user)
    with pytest.raises(Exception, match="Nothing was changed"):
        work(user, job)
    assert tables(smaller, user) == before
    provision(user, smaller, shop(), confirm_destructive=True)
    assert query(smaller, user.pk, "admin", "select count(*) from orders") == [(0,)]


def test_links_that_were_purged_with_their_table_do_not_keep_it(user: User, project: Project) -> None:
    both = document(table("notes", column("a")), table("tags", column("b")), links=(links("notes", "tags", "tags"),))
    provision(user, project, both)
    provision(user, project, document(table("tags", column("b"))), confirm_destructive=True)
    archive(project, "purge", "--older-than", 0)
    assert entries(reload(user, project), user.pk) == ()


def test_what_is_known_of_filled_values_goes_too(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"))))
    query(project, user.pk, "admin", "insert into notes (a) values (null)")
    provision(user, project, document(table("notes", column("a", required=True, default="x"))))
    columns = "select attname::text from pg_attribute where attrelid = 'notes'::regclass and attname like '\\_f\\_%'"
    assert query(project, user.pk, "owner", columns) == [("_f_2_c_a",)]
    archive(project, "purge")
    assert query(project, user.pk, "owner", columns) == [("_f_2_c_a",)]
    hide_long_ago(project, 2, settings.ARCHIVE_RETENTION_DAYS + 1)
    archive(project, "purge")
    assert query(project, user.pk, "owner", columns) == []
    assert query(project, user.pk, "admin", "select a from notes") == [("x",)]
