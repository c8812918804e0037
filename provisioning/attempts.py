"""Trying again what other work keeps from going through, and saying in the end who is in the way."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import Error, InterfaceError, OperationalError

from core.errors import Conflict, is_connection_lost
from core.models import Project
from provisioning.blockers import Blocker, blockers

logger = logging.getLogger(__name__)

T = TypeVar("T")

STATEMENT_TIMEOUT_MS: Final = 60_000
MAX_ATTEMPTS: Final = 8
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 5.0

_RETRYABLE: Final = {"55P03", "40P01", "40001"}
"""SQLSTATEs that another attempt may not meet: lock not available, deadlock, serialization. After a lost connection it
may find the work done: the ledger tells whether the commit arrived."""
TIMED_OUT: Final = "57014"
"""The SQLSTATE of a statement that took too long."""


class TablesBusy(Exception):
    """A lock on tables was not to be had in time.

    Args:
        tables: their names, as far as known.
    """

    def __init__(self, *tables: str) -> None:
        super().__init__(*tables)
        self.tables = tables


class Passed(Exception):
    """What was in the way of a statement is gone, and its transaction has to begin again."""


def until_free(work: Callable[[], T], project: Project) -> T:
    """Does the work, again after a pause where something that passes was in the way; the pauses grow.

    Args:
        work: a whole transaction, which starts by reading what was done already.
        project: whose tables it changes.

    Raises:
        Conflict: when a step took too long (`migration_too_slow`), or when other work kept the tables busy all the time
            (`tables_busy`; the sentence and `errors` name it).
        OperationalError: when the database stayed away.
    """
    found: tuple[Blocker, ...] = ()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            return work()
        except TablesBusy as busy:
            found = blockers(project, busy.tables) or found
            reason = "tables in use"
        except Passed:
            reason = "trouble that has passed"
        except (OperationalError, InterfaceError) as error:
            state = sqlstate(error)
            if state == TIMED_OUT:
                detail = f"A step took longer than {STATEMENT_TIMEOUT_MS // 1000} seconds. Nothing was changed."
                raise Conflict(detail, code="migration_too_slow") from error
            lost = is_connection_lost(error)
            if (state not in _RETRYABLE and not lost) or (lost and attempt == MAX_ATTEMPTS):
                raise
            reason = state or "a lost connection"
        logger.info("Attempt %d to change project %s met %s", attempt, project.pk, reason)
        if attempt < MAX_ATTEMPTS:
            time.sleep(_pause(attempt))
    raise _gave_up(found)


def sqlstate(error: Error) -> str | None:
    """PostgreSQL's code of an error; None when the connection was lost."""
    return getattr(error.__cause__, "sqlstate", None)


def _pause(attempt: int) -> float:
    """Seconds: about twice as long each time, and by chance a little otherwise, so that two do not meet again."""
    longest: float = min(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), _LONGEST_PAUSE_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311


def _gave_up(found: tuple[Blocker, ...]) -> Conflict:
    who = " ".join(blocker.sentence for blocker in found) or "Other work kept the project's tables busy."
    fix = "Wait until it is done, or end it, then try again."
    faults = [{"code": "table_in_use", "path": "$", "detail": blocker.sentence, "fix": fix} for blocker in found]
    detail = f"{who} Nothing was changed. {fix}"
    return Conflict(detail, errors=faults, code="tables_busy", retry_after=int(_LONGEST_PAUSE_SECONDS))
