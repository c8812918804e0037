"""Projects that an earlier release built get what this one adds to all tables, and keep all else."""

from __future__ import annotations

import psycopg
import pytest
from django.core.management import call_command

from core.models import Project, User
from core.tenancy import open_project
from provisioning.introspect import catalog_sha256
from provisioning.project_database import target_of
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.provisioning.acts import provision


@pytest.fixture
def old_project(user: User, superuser: psycopg.Connection) -> Project:
    """A project as the release before the trash and before the indexes of lists and searches left it."""
    project = provisioned(user, documents.tasks())
    schema = project.schema_name
    superuser.execute(f"drop table {schema}._trash")
    for function in ("_keep_deleted", "_keep_edited", "_keep_added"):
        superuser.execute(f"drop function {schema}.{function}() cascade")
    for name in added_indexes(superuser, project):
        superuser.execute(f"drop index {schema}.{name}")
    with open_project(project, user.pk, "owner") as door:
        now = catalog_sha256(door, target_of(project))
    superuser.execute(f"update {schema}._ledger set catalog_sha256 = %s", [now])  # noqa: S608
    return project


def added_indexes(superuser: psycopg.Connection, project: Project) -> list[str]:
    """The names of the indexes of lists and searches."""
    wanted = "schemaname = %s and (indexdef like '%%(created_at DESC, id DESC)' or indexname like '%%\\_words')"
    rows = superuser.execute(f"select indexname from pg_indexes where {wanted}", [project.schema_name])  # noqa: S608
    return sorted(name for (name,) in rows)


@pytest.mark.parametrize("way", ["plan", "command"])
def test_projects_of_an_earlier_release_get_what_this_one_adds(
    user: User, superuser: psycopg.Connection, old_project: Project, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if way == "plan":
        document = documents.tasks()
        document["tables"][1]["columns"].append({"name": "more", "type": "text"})
        provision(user, old_project, document)
    else:
        call_command("upgrade")
        assert capsys.readouterr().out == "1 project upgraded.\n"
        call_command("upgrade")
        assert capsys.readouterr().out == "0 projects upgraded.\n"
    notes = RecordsClient(client_of(user), old_project)
    notes.delete("notes", notes.made("notes", text="Keep me")["id"])
    (batch,) = notes.trash()
    assert notes.restore(batch["batch"]).json()["restored"] == 1
    assert notes.list("notes", search="keep").json()["count"] == 1
    assert len(added_indexes(superuser, old_project)) == 2 * len(documents.tasks()["tables"])
    call_command("drift", str(old_project.pk))


def test_an_index_that_is_gone_is_made_again(
    user: User, superuser: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    project = provisioned(user, documents.tasks())
    before = added_indexes(superuser, project)
    superuser.execute(f"drop index {project.schema_name}.{before[0]}")
    call_command("upgrade")
    assert capsys.readouterr().out == "1 project upgraded.\n"
    assert added_indexes(superuser, project) == before
