"""Several statements in one round trip: all are sent at once, then all answers are read.

psycopg's own pipeline hands each statement to the kernel by itself, and the server wakes up for each: with the six of a
short request that is 40 % of its CPU time (1.05 ms and 0.6 ms, measured in November 2026). So this speaks to libpq.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from select import POLLIN, POLLOUT, poll
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus

MOST_PREPARED: Final = 100
"""Statements that a connection keeps prepared; each takes tens of kB of the server's memory."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A statement for a pipeline.

    Args:
        text: the SQL, with `%s` for each parameter.
        parameters: their values.
        prepare: whether the server keeps its plan for the next time. What runs on another form of the values, such as
            the rows to skip, is planned better each time.
    """

    text: str
    parameters: Sequence[Any] = ()
    prepare: bool = True


@dataclass(slots=True)
class Outcome:
    """What came of a pipeline: the rows of each statement, until one failed."""

    rows: list[list[Row]] = field(default_factory=list)
    error: psycopg.Error | None = None


_Key = tuple[str, tuple[int, ...]]


@dataclass(slots=True)
class _Prepared:
    """The statements that a connection has prepared, by text and types, the latest used last."""

    names: OrderedDict[_Key, bytes] = field(default_factory=OrderedDict)
    numbers: count[int] = field(default_factory=count)


_prepared: Final[WeakKeyDictionary[psycopg.Connection[Any], _Prepared]] = WeakKeyDictionary()


def ask(connection: psycopg.Connection[Any], questions: Sequence[Question]) -> Outcome:
    """Asks all questions in one round trip and one transaction. After one that fails, no other is carried out.

    Args:
        connection: in no transaction. What is sent together is one, which PostgreSQL commits at its end, or undoes
            where a question fails (an "implicit transaction" in its documentation of pipelines).
        questions: in their order.

    Raises:
        psycopg.OperationalError: when the connection is lost. It is closed then.
    """
    pipeline = _Pipeline(connection)
    try:
        return pipeline.run(questions)
    except BaseException:
        connection.close()  # answers may still come, which the next one to use it would take for theirs
        raise


class _Pipeline:
    """One round trip."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.pgconn = connection.pgconn
        self.prepared = _prepared.setdefault(connection, _Prepared())
        self.made: list[_Key] = []
        self.watch = poll()

    def run(self, questions: Sequence[Question]) -> Outcome:
        self.pgconn.enter_pipeline_mode()
        # By statement that is sent: whether its rows are asked for.
        wanted: list[bool] = []
        for question in questions:
            wanted += self._send(question)
        self.pgconn.pipeline_sync()
        outcome = self._receive(wanted)
        self.pgconn.exit_pipeline_mode()
        if outcome.error is not None:
            self._forget()
        return outcome

    def _send(self, question: Question) -> list[bool]:
        text, transformer = _numbered(question.text), Transformer.from_context(self.connection)
        values = transformer.dump_sequence(question.parameters, [PyFormat.AUTO] * len(question.parameters))
        types, formats = transformer.types or (), transformer.formats
        if not question.prepare:
            self.pgconn.send_query_params(text, values, types, formats)
            return [True]
        names, key = self.prepared.names, (question.text, types)
        name, sent = names.get(key), []
        if name is None:
            sent = self._make_room()
            name = names[key] = b"q%d" % next(self.prepared.numbers)
            self.made.append(key)
            self.pgconn.send_prepare(name, text, types)
            sent.append(False)
        else:
            names.move_to_end(key)
        self.pgconn.send_query_prepared(name, values, formats)
        return [*sent, True]

    def _make_room(self) -> list[bool]:
        if len(self.prepared.names) < MOST_PREPARED:
            return []
        _, oldest = self.prepared.names.popitem(last=False)
        self.pgconn.send_query_params(b"deallocate " + oldest, None)
        return [False]

    def _forget(self) -> None:
        """After an error nobody knows which of the new statements were prepared: they get other names next time."""
        for key in self.made:
            self.prepared.names.pop(key, None)

    def _receive(self, wanted: Sequence[bool]) -> Outcome:
        outcome = Outcome()
        for is_asked in wanted:
            while (result := self._next_result()) is not None:
                if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
                    if is_asked:
                        outcome.rows.append(self._rows(result))
                elif outcome.error is None:
                    outcome.error = error_from_result(result)
        while (end := self._next_result()) is None or end.status != ExecStatus.PIPELINE_SYNC:
            if end is not None:  # a constraint that is looked at in the end
                outcome.error = outcome.error or error_from_result(end)
            elif self.pgconn.status != ConnStatus.OK:
                raise psycopg.OperationalError("The connection was lost while the transaction ended.")
        return outcome

    def _rows(self, result: Any) -> list[Row]:
        if not result.ntuples:
            return []
        transformer = Transformer.from_context(self.connection)
        transformer.set_pgresult(result)
        return transformer.load_rows(0, result.ntuples, tuple)

    def _next_result(self) -> Any:
        """The next result, or None at the end of a statement's. Other threads go on while it is waited for."""
        unsent = self.pgconn.flush()
        while unsent or self.pgconn.is_busy():
            self.watch.register(self.pgconn.socket, POLLIN | POLLOUT if unsent else POLLIN)
            self.watch.poll()
            self.pgconn.consume_input()
            unsent = self.pgconn.flush()
        return self.pgconn.get_result()


@lru_cache(maxsize=1024)
def _numbered(text: str) -> bytes:
    """SQL as the server takes it: `$1` for the first `%s`, and single percent signs."""
    numbers = count(1)
    return re.sub("%([s%])", lambda found: f"${next(numbers)}" if found[1] == "s" else "%", text).encode()
