"""Runs what a plan does ahead (provisioning/ahead.py): each statement by itself, as often as it takes, once.

The catalog is the ledger of these steps: what is there under the name of a step was made by it, because the name stands
for the definition. So a worker that takes over from a dead one goes on where that one stopped.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, LiteralString

import psycopg
from django.db import DatabaseError, OperationalError, connections

from core import sql
from core.models import Project
from core.tenancy import Door, owner_session
from provisioning.ahead import AHEAD
from provisioning.attempts import TablesBusy, sqlstate, until_free
from provisioning.project_database import target_of
from provisioning.running import LOCK_TIMEOUT, failure
from provisioning.statements import Plan, Statement

logger = logging.getLogger(__name__)

_TIMEOUT_MS: Final = 1_800_000
"""Half an hour: long work that keeps nobody waiting."""
_TURN_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.2
_LOCK_NOT_AVAILABLE: Final = "55P03"

_PENDING: Final = re.compile(rf'"({AHEAD}[0-9a-f]+)"')
_FIND: Final = """
select c.relname, i.indisvalid from pg_class c join pg_index i on i.indexrelid = c.oid
where c.relnamespace = to_regnamespace(%(schema)s) and c.relname = %(name)s
union all
select conname, true from pg_constraint where connamespace = to_regnamespace(%(schema)s) and conname = %(name)s
"""
_LEFT_OVER: Final = r"""
select null, c.relname from pg_class c join pg_index i on i.indexrelid = c.oid
where c.relnamespace = to_regnamespace(%(schema)s) and c.relname like '\_p\_%%'
union all
select r.relname, o.conname from pg_constraint o join pg_class r on r.oid = o.conrelid
where o.connamespace = to_regnamespace(%(schema)s) and o.conname like '\_p\_%%'
"""


def run_ahead(project: Project, plan: Plan, tell: Callable[[int, str], None]) -> None:
    """Makes what the plan makes ahead.

    Args:
        project: whose tables it changes.
        plan: a plan that is the next one.
        tell: is told before each step how much is done, in percent, and what comes.

    Raises:
        Conflict: when the rows of a table do not fit, or a table stays busy.
    """
    steps = [(i, statement) for i, statement in enumerate(plan.statements) if not statement.transactional]

    def attempt() -> None:
        with owner_session(project, _TIMEOUT_MS) as session, _turn(session, project):
            for done, (i, statement) in enumerate(steps):
                tell(100 * done // len(steps), statement.comment)
                _step(session, project, statement, i, len(plan.statements))

    if steps:
        until_free(attempt, project)


def undo_ahead(project: Project, plan: Plan) -> None:
    """Removes what was made ahead for a plan that failed."""
    undoing = [step.reverse for step in plan.statements if not step.transactional and step.reverse]
    if not undoing:
        return
    try:
        with owner_session(project, _TIMEOUT_MS) as session, _turn(session, project):
            for query in reversed(undoing):
                session.execute(_text(query))
    except (psycopg.Error, TablesBusy) as error:
        logger.warning("What was made ahead for project %s stays until its next plan: %s", project.pk, error)


def remove_leftovers(door: Door, project: Project, plan: Plan) -> None:
    """Removes what was made ahead for plans that nobody will finish, because their workers died for good.

    Args:
        door: the project, standing open for its owner, in the transaction of the plan.
        project: the project.
        plan: the plan, whose own steps stay.
    """
    target = target_of(project)
    own = {name for statement in plan.statements for name in _PENDING.findall(statement.sql)}
    with door.connection.cursor() as cursor:
        cursor.execute(_LEFT_OVER, {"schema": target.schema})
        for table, name in cursor.fetchall():
            if name in own:
                continue
            names: dict[str, sql.Composable] = {"name": sql.existing(target.schema, name)}
            query: LiteralString = "drop index {name}"
            if table is not None:
                query = "alter table {table} drop constraint {name}"
                names = {"table": target.table(table), "name": sql.existing(name)}
            cursor.execute(sql.text(sql.format(query, **names)))


def _step(session: psycopg.Connection[Any], project: Project, statement: Statement, index: int, total: int) -> None:
    is_index = " index concurrently " in statement.sql
    try:
        with connections[project.placement.database].wrap_database_errors:
            if _is_done(session, project, statement):
                return
            # It waits for everybody's older snapshots and keeps nobody waiting, so it has all the time.
            session.execute("select set_config('lock_timeout', %s, false)", ["0" if is_index else LOCK_TIMEOUT])
            session.execute(_text(statement.sql))
    except OperationalError as error:
        if sqlstate(error) == _LOCK_NOT_AVAILABLE:
            raise TablesBusy from error
        raise
    except DatabaseError as error:
        raise failure(statement, index, total, error) from error


def _is_done(session: psycopg.Connection[Any], project: Project, statement: Statement) -> bool:
    """Whether an earlier attempt has made it. What one left half made is removed."""
    (name,) = {*_PENDING.findall(statement.sql)}
    names = {"schema": project.schema_name, "name": name}
    found = session.execute(_FIND, names).fetchone()
    if found is None or " validate constraint " in statement.sql:
        return False
    if not found[1]:
        session.execute(_text(statement.reverse))
        return False
    return True


@contextmanager
def _turn(session: psycopg.Connection[Any], project: Project) -> Iterator[None]:
    """Lets one session of a project at a time work ahead.

    It asks again and again instead of waiting: a session that waits has a snapshot, for which the other's index waits.
    """
    key, deadline = [f"ahead:{project.pk}"], time.monotonic() + _TURN_SECONDS
    while True:
        (taken,) = session.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", key).fetchone() or (False,)
        if taken:
            break
        if time.monotonic() > deadline:
            raise TablesBusy
        time.sleep(_POLL_SECONDS)
    yield  # the lock ends with the session


def _text(query: str) -> bytes:
    """A statement of a plan, whose hash was checked, as psycopg takes text that is no literal."""
    return query.encode()
