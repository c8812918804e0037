"""Tries SQL as an invented person, and tells what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError

from core import sql
from core.tenancy import ProjectRole, Rehearsal
from provisioning.leaktest.report import OK, Verdict

DENIED: Final = "42501"
"""The SQLSTATE of missing rights, and of a row that a policy refuses."""

_OUT_OF_TIME: Final = "out of time"
_FACTS: Final = ("sqlstate", "message_primary", "message_detail", "message_hint", "context", "constraint_name")

Query = tuple[sql.Composable, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What PostgreSQL answered: rows and how many were touched, or everything that it told with its refusal."""

    rows: tuple[tuple[Any, ...], ...] = ()
    count: int = 0
    refusal: Mapping[str, str | None] | None = None

    @property
    def sqlstate(self) -> str:
        """The code of the refusal; empty where there was none."""
        return (self.refusal or {}).get("sqlstate") or ("?" if self.refusal is not None else "")

    @property
    def reason(self) -> str:
        """The refusal in words."""
        return (self.refusal or {}).get("message_primary") or "PostgreSQL gave no answer"

    @property
    def untested(self) -> Verdict:
        """That the attempt came to an end that says nothing."""
        return Verdict("untested", f"The attempt ended otherwise than expected: {self.reason.rstrip('.')}.")


@dataclass(frozen=True, slots=True)
class Attacker:
    """Somebody who tries things, until the time is up.

    Args:
        rehearsal: the project, in a transaction of which nothing stays.
        deadline: when to stop, by `time.monotonic`.
    """

    rehearsal: Rehearsal
    deadline: float

    def tries(self, user_id: UUID, role: ProjectRole | None, *queries: Query, becoming: str = "") -> Answer:
        """The answer to the last of some statements, all of which are undone.

        Args:
            user_id: who tries.
            role: with which right in the project; None for none.
            *queries: the statements with their parameters, in a single turn; those before the last have to succeed.
            becoming: a role to become first.
        """
        if time.monotonic() > self.deadline:
            return Answer(refusal={"sqlstate": _OUT_OF_TIME, "message_primary": "The time of the test was up"})
        answer = Answer()
        try:
            with self.rehearsal.turn(user_id, role):
                if becoming:
                    self.rehearsal.try_role(becoming)
                    answer = Answer(count=1)
                for query in queries:
                    answer = self._run(*query)
        except DatabaseError as error:
            return _refused(error)
        return answer

    def _run(self, query: sql.Composable, values: Sequence[Any]) -> Answer:
        with self.rehearsal.door.connection.cursor() as cursor:
            cursor.execute(sql.text(query), values or None)
            rows = tuple(cursor.fetchall()) if cursor.description else ()
            return Answer(rows, cursor.rowcount)


def unseen(answer: Answer, leak: str) -> Verdict:
    """The verdict on reading what is hidden: nothing may come."""
    if answer.refusal is not None:
        return OK if answer.sqlstate == DENIED else answer.untested
    return Verdict("leak", leak) if answer.rows else OK


def unharmed(answer: Answer, leak: str) -> Verdict:
    """The verdict on writing what is hidden: it is refused, or touches no row."""
    if answer.refusal is not None:
        return OK if answer.sqlstate == DENIED else answer.untested
    return Verdict("leak", leak) if answer.count else OK


def denied(answer: Answer, leak: str) -> Verdict:
    """The verdict on what has to be refused outright, whether there are rows or not."""
    if answer.refusal is None:
        return Verdict("leak", leak)
    return OK if answer.sqlstate == DENIED else answer.untested


def _refused(error: DatabaseError) -> Answer:
    diagnosis = getattr(error.__cause__, "diag", None)
    told = {name: getattr(diagnosis, name, None) for name in _FACTS}
    return Answer(refusal=told | {"message_primary": told["message_primary"] or str(error)})
