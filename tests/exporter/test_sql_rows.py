"""The rows in the script of the target `sql`: of one moment, in the same bytes each time, never all in memory."""

from __future__ import annotations

import tracemalloc

import psycopg
import pytest
from django.db import InternalError

from core import sql
from core.errors import Conflict
from core.models import User
from exporter import service
from exporter.context import app_context
from exporter.rows import ProjectRows
from exporter.targets import targets
from exporter.targets.sql import SCRIPT
from tests.exporter.projects import CYCLE, act, insert, provisioned
from tests.exporter.schemas import schema_of


def test_a_long_table_is_not_kept_in_memory(user: User) -> None:
    project = provisioned(user, schema_of(CYCLE))
    act(
        project,
        user.pk,
        "admin",
        "insert into notes (title) select repeat(md5(n::text), 7) from generate_series(1, 20000) n",
    )
    made = targets.get("sql").export(schema_of(CYCLE), rows=ProjectRows(project, user.pk))
    tracemalloc.start()
    length, statements = 0, 0
    for piece in made.pieces(SCRIPT):
        length += len(piece)
        statements += piece.startswith('insert into "public"."notes"')
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length > 6_000_000
    assert peak < length / 2
    assert statements == 200


def test_all_rows_are_of_the_moment_at_which_the_export_began(user: User, superuser: psycopg.Connection) -> None:
    schema = schema_of(CYCLE)
    project, app = provisioned(user, schema), app_context(schema)
    insert(project, user.pk, "notes", title="before")
    late = sql.format(
        "insert into {t} (user_id) values ({u})", t=sql.identifier(project.schema_name, "notes"), u=sql.literal(user.pk)
    )
    with ProjectRows(project, user.pk).open() as snapshot:
        assert snapshot.people(app.tables) == [str(user.pk)]
        superuser.execute(late)
        assert [row[-1] for row in snapshot.rows(app.table("notes"))] == ["before"]
        with pytest.raises(InternalError, match="read-only"), snapshot.door.connection.cursor() as cursor:
            cursor.execute("delete from notes")


def test_tables_that_are_no_longer_those_of_the_version_are_a_conflict(
    user: User, superuser: psycopg.Connection
) -> None:
    project = provisioned(user, schema_of(CYCLE))
    superuser.execute(
        sql.format("alter table {table} rename title to name", table=sql.identifier(project.schema_name, "notes"))
    )
    made = service.render(user, project, "sql", with_data=True)
    with pytest.raises(Conflict, match="Export the project again"):
        list(made.pieces(SCRIPT))
