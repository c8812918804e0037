"""The trash: what was deleted comes back as it was, whatever went with it, to whom it belongs and to nobody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from core.models import Project, User
from core.tenancy import open_project
from dynamic_crud.trash import entries as trash
from dynamic_crud.trash.restoring import restore
from tests.dynamic_crud.conftest import RecordsClient


def dump(superuser: Any, project: Project, *, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Every row of every table of a project, as PostgreSQL writes it, without some columns."""
    schema = project.schema_name
    tables = superuser.execute(
        "select relname from pg_class where relnamespace = %s::regnamespace and relkind = 'r' and relname !~ '^_'",
        [schema],
    ).fetchall()
    return {
        name: sorted(
            str(row)
            for (row,) in superuser.execute(
                f'select (to_jsonb(t) - %s::text[])::text from "{schema}"."{name}" t',  # noqa: S608
                [list(but)],
            )
        )
        for (name,) in tables
    }


def batches(superuser: Any, project: Project) -> list[UUID]:
    found = superuser.execute(
        f'select batch from "{project.schema_name}"._trash group by batch order by max(done_at)'  # noqa: S608
    )
    return [batch for (batch,) in found]


def test_a_delete_with_all_that_goes_along_comes_back(estate: RecordsClient, user: User, superuser) -> None:
    agent = estate.made("agents", name="Ada", email="ada@example.com")
    home = estate.made("properties", address="1 Elm St", price="100.50", agent_id=agent["id"])
    estate.made("showings", visitor="Bob", starts_at="2026-01-02T03:04:05Z", property_id=home["id"], agent_id=agent["id"])
    estate.made("showings", visitor="Cid", starts_at="2026-01-02T03:04:05.678901Z", property_id=home["id"])
    before = dump(superuser, estate.project, but=("updated_at",))
    for table, record in (("properties", home), ("agents", agent)):
        assert estate.delete(table, record["id"]).status_code == 204
        (batch,) = batches(superuser, estate.project)
        restored = restore(user, estate.project, batch)
        assert restored.losses == ()
        assert dump(superuser, estate.project, but=("updated_at",)) == before
        assert batches(superuser, estate.project) == []
