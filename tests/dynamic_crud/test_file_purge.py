"""Deleting files that nobody can miss: what any version's rows refer to stays."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core import jobs
from core.models import User
from core.permissions import access_project
from dynamic_crud.file_purge import delete, find_unused
from provisioning import service
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import PDF, RecordsClient

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def age(superuser) -> Callable[[int], None]:
    """Makes all files look as if they were used that many days ago."""
    return lambda days: superuser.execute(
        "update core_storedfile set used_at = now() - make_interval(days => %s)", [days]
    )


def purge(*options: str) -> list[str]:
    """The names of the files that the command names."""
    out = StringIO()
    call_command("purge_files", "--json", *options, stdout=out)
    return sorted(file["name"] for file in json.loads(out.getvalue())["files"])


def reprovision(client: RecordsClient, user: User, document: dict[str, Any]) -> None:
    job = service.provision(user, access_project(user, client.project.pk), document, confirm_destructive=True)
    assert job is not None
    jobs.run(job.pk)
    client.project = access_project(user, client.project.pk)


def stored(folder: Path) -> int:
    return len([path for path in folder.rglob("*") if path.is_file()])


def test_only_old_files_that_no_row_names_are_deleted(leases: RecordsClient, age, folder: Path, superuser) -> None:
    kept, taken_off = leases.uploaded(PDF, "kept.pdf"), leases.uploaded(PDF, "taken off.pdf")
    record = leases.made("leases", tenant="Ada", papers=[kept, taken_off])
    leases.uploaded(PDF, "never attached.pdf")
    deleted = leases.made("leases", tenant="Bob", papers=[leases.uploaded(PDF, "of a deleted record.pdf")])
    leases.change("leases", record["id"], {"papers": [kept]})
    leases.delete("leases", deleted["id"])
    unused = ["never attached.pdf", "of a deleted record.pdf", "taken off.pdf"]
    age(29)
    assert purge() == purge("--delete") == []
    age(31)
    assert purge() == ["never attached.pdf", "taken off.pdf"]  # the trash has the deleted record with its file
    superuser.execute(f'delete from "{leases.project.schema_name}"._trash')  # noqa: S608
    assert purge() == unused
    assert stored(folder) == 4
    assert purge("--delete") == unused
    assert stored(folder) == 1
    assert purge("--delete") == []
    assert leases.read_file(record, kept["id"]).status_code == 200
    assert leases.change("leases", record["id"], {"papers": [kept, taken_off]}).status_code == 400


def test_archived_columns_and_tables_keep_their_files(leases: RecordsClient, user: User, age, folder: Path) -> None:
    leases.made("leases", tenant="Ada", papers=[leases.uploaded(PDF, "paper.pdf")])
    leases.made("notes", text="x", scan=[leases.uploaded(PDF, "scan.pdf", "scan", "notes")])
    smaller = documents.leases()
    smaller["tables"] = [smaller["tables"][0]]
    smaller["tables"][0]["columns"] = smaller["tables"][0]["columns"][:1]
    smaller["tables"][0]["ui_hints"]["list_columns"] = ["tenant"]
    reprovision(leases, user, smaller)
    age(400)
    assert purge("--delete") == []
    assert stored(folder) == 2


def test_the_rows_of_all_members_and_of_deleted_projects_count(leases: RecordsClient, age, superuser) -> None:
    """The command looks as the owner of the tables, whom no policy hides a row from."""
    leases.made("leases", tenant="Ada", papers=[leases.uploaded()])
    schema = leases.project.schema_name
    superuser.execute("set session_replication_role = replica")  # else a trigger keeps the owner of a row
    superuser.execute(f'update "{schema}".leases set user_id = gen_random_uuid()')  # noqa: S608
    superuser.execute("update core_project set deleted_at = now()")
    age(400)
    assert purge("--delete") == []


def test_a_table_that_cannot_be_read_whole_keeps_all_files(leases: RecordsClient, age, superuser) -> None:
    leases.uploaded(PDF, "unused.pdf")
    age(400)
    schema = leases.project.schema_name
    superuser.execute(f'alter policy owner_all on "{schema}".notes using (false)')
    assert purge("--delete") == []
    superuser.execute(f'alter policy owner_all on "{schema}".notes using (true)')
    assert purge("--delete") == ["unused.pdf"]


def test_attaching_saves_a_file_from_a_purge_that_is_under_way(leases: RecordsClient, age) -> None:
    file = leases.uploaded()
    age(31)
    before = timezone.now() - timedelta(days=30)
    found = find_unused(before)
    assert [str(each.id) for each in found] == [file["id"]]
    record = leases.made("leases", tenant="Ada", papers=[file])
    assert delete(found, before) == []
    assert leases.read_file(record, file["id"]).status_code == 200


def test_bytes_without_a_row_are_found(leases: RecordsClient, superuser, folder: Path) -> None:
    leases.uploaded(PDF, "kept.pdf")
    names = (str(uuid4()), str(uuid4()), "x.txt", uuid4().hex)  # the last is an id, but not as files are called
    lost, fresh, *foreign = (folder / str(leases.project.pk) / name for name in names)
    for path in (lost, fresh, *foreign):
        path.write_bytes(b"broken off")
    long_ago = time.time() - 40 * 86400
    for path in (lost, *foreign):
        os.utime(path, (long_ago, long_ago))
    assert purge("--delete") == [""]
    assert not lost.exists()
    assert fresh.exists()
    assert all(path.exists() for path in foreign)


def test_the_command_tells_people(leases: RecordsClient, age) -> None:
    out = StringIO()
    call_command("purge_files", stdout=out)
    assert out.getvalue() == "0 unused files (0 bytes) could be deleted: run it again with --delete.\n"
    leases.uploaded(PDF, "x.pdf")
    age(31)
    call_command("purge_files", "--delete", stdout=out)
    assert "x.pdf" in out.getvalue()
    assert "1 unused file (49 bytes) deleted." in out.getvalue()
    for days in ("0", "-1", "36501", "9" * 30):
        with pytest.raises(CommandError, match="--days") as caught:
            call_command("purge_files", "--days", days, stdout=out)
        assert caught.value.returncode == 2
