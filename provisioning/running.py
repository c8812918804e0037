"""Running the statements of a plan inside a project's open door."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DatabaseError, OperationalError, transaction

from core import turns
from core.errors import Conflict
from core.models import Project
from core.tenancy import Door
from provisioning.attempts import Passed, TablesBusy, sqlstate
from provisioning.introspect import Json
from provisioning.statements import Plan, Statement
from provisioning.table_locks import lock, needed
from provisioning.target import Target

LOCK_TIMEOUT: Final = "500ms"
"""How long a statement may wait for what was not locked before, such as a row."""
_LOCK_NOT_AVAILABLE: Final = "55P03"
_BATCH: Final = 25

Batch = list[tuple[int, Statement]]

logger = logging.getLogger(__name__)


def take_turn(door: Door, project: Project) -> None:
    """Waits until no other plan of the project runs; the limit on waiting for tables counts from then on."""
    turns.take(door.connection, _subject(project))
    _limit_waiting(door)


def take_turn_if_free(door: Door, project: Project) -> bool:
    """As `take_turn`, but does not wait: says whether no other plan of the project runs."""
    is_free = turns.take_if_free(door.connection, _subject(project))
    _limit_waiting(door)
    return is_free


def _subject(project: Project) -> str:
    return f"project:{project.pk}"


def _limit_waiting(door: Door) -> None:
    with door.connection.cursor() as cursor:
        cursor.execute("select set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])


def run_statements(
    door: Door,
    plan: Plan,
    target: Target,
    live: Json,
    tell: Callable[[int, list[str]], None] = lambda percent, causes: None,
) -> None:
    """Runs what belongs into the plan's transaction.

    Args:
        door: the project, standing open for its owner.
        plan: the plan.
        target: where it runs.
        live: the catalog as it is before.
        tell: is told how much is done, in percent, and the sentences of the changes that come next.

    Raises:
        TablesBusy: when a lock was not to be had in time.
        Passed: when PostgreSQL refused what it accepted after that.
        Conflict: when PostgreSQL refused a statement.
    """
    lock(door, target, needed(plan, target, live))
    total = len(plan.statements)
    for batch in batches(plan):
        tell(100 * batch[0][0] // total, list(dict.fromkeys(statement.caused_by for _, statement in batch)))
        _run_batch(door, batch, total)


def batches(plan: Plan) -> Iterator[Batch]:
    """The statements of the transaction, each with its place in the plan, as many at a time as are sent together.

    A round trip for each of the hundred statements of a few tables takes longer than PostgreSQL does.
    """
    own = [(i, statement) for i, statement in enumerate(plan.statements) if statement.transactional]
    yield from (own[start : start + _BATCH] for start in range(0, len(own), _BATCH))


def _run_batch(door: Door, batch: Batch, total: int) -> None:
    """Runs statements in one go; where PostgreSQL refuses one, they run again one by one, to tell which it is.

    Where none of them fails then, the whole transaction has to begin again: in one that went back to a savepoint,
    CLUSTER loses rows that it wrote before and changed after the savepoint (PostgreSQL 18 thinks them replaced).
    """
    if len(batch) == 1:
        ((i, statement),) = batch
        _run_one(door, statement, i, total)
        return
    try:
        with _in_time(), transaction.atomic(using=door.alias), door.connection.cursor() as cursor:
            cursor.execute(";\n".join(statement.sql for _, statement in batch))
    except OperationalError:
        raise
    except DatabaseError as error:
        logger.info("A step of a plan was refused: %s", error)
        for i, statement in batch:
            _run_one(door, statement, i, total)
        raise Passed from error


def _run_one(door: Door, statement: Statement, index: int, total: int) -> None:
    try:
        with _in_time(), door.connection.cursor() as cursor:
            cursor.execute(statement.sql)
    except OperationalError:
        raise
    except DatabaseError as error:
        raise failure(statement, index, total, error) from error


@contextmanager
def _in_time() -> Iterator[None]:
    """Tells a lock that was not to be had from other trouble."""
    try:
        yield
    except OperationalError as error:
        if sqlstate(error) == _LOCK_NOT_AVAILABLE:
            raise TablesBusy from error
        raise


def failure(statement: Statement, index: int, total: int, error: DatabaseError) -> Conflict:
    """What PostgreSQL refused, as a sentence that names the step."""
    diagnosis = getattr(error.__cause__, "diag", None)
    reason = (getattr(diagnosis, "message_primary", None) or "PostgreSQL refused it").rstrip(".")
    detail = f"Step {index + 1} of {total} failed ({statement.comment}): {reason}. Nothing was changed."
    fix = statement.risk.fix if statement.risk else "Change the document and plan again."
    fault = {"code": "step_failed", "path": f"$.statements[{index}]", "detail": f"{reason}.", "fix": fix}
    return Conflict(detail, errors=[fault], code="migration_failed")
