"""The locks that a plan needs on tables that people use, taken at once before it changes anything.

Who waits for a table lets everybody queue up who comes to it later, and who holds one while waiting for the next keeps
all of its readers waiting too. So all of a plan's waiting lies before its first statement, and is short altogether.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Final, LiteralString

from django.db import OperationalError

from core import sql
from core.tenancy import Door
from provisioning.attempts import STATEMENT_TIMEOUT_MS, TablesBusy, sqlstate
from provisioning.introspect import Json
from provisioning.statements import Plan
from provisioning.target import Target

WAIT_SECONDS: Final = 0.5
"""How long a plan may wait for its tables in all: readers queue up behind it for as long."""

_MODES: Final[tuple[LiteralString, ...]] = ("share", "share row exclusive", "access exclusive")
"""From the weakest to the strongest. The first two let people read."""

_LOCKS: Final = (
    (re.compile(r"create index "), 0),
    (re.compile(r"create trigger |alter table \S+ add constraint \S+ foreign key "), 1),
    (re.compile(r"alter table |drop |create policy |cluster "), 2),
)
_NOT_IN_TIME: Final = {"57014", "55P03"}


def needed(plan: Plan, target: Target, live: Json) -> dict[str, LiteralString]:
    """The tables that a plan locks, each with the strongest lock that it needs.

    Args:
        plan: the plan.
        target: where its tables are.
        live: the catalog as it is before.
    """
    owners = dict(_relations(live))
    tokens = {sql.text(sql.existing(target.schema, name)): table for name, table in owners.items()}
    pattern = re.compile("|".join(re.escape(token) for token in tokens) or r"(?!)")
    strongest: dict[str, int] = {}
    for statement in plan.statements:
        mode = next((mode for start, mode in _LOCKS if start.match(statement.sql)), None)
        if mode is not None and statement.transactional:
            for token in pattern.findall(statement.sql):
                strongest[tokens[token]] = max(mode, strongest.get(tokens[token], 0))
    return {table: _MODES[mode] for table, mode in sorted(strongest.items())}


def lock(door: Door, target: Target, modes: Mapping[str, LiteralString]) -> None:
    """Takes the locks, the strongest first.

    Raises:
        TablesBusy: when they were not to be had in time.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    for mode in reversed(_MODES):
        names = [table for table, needs in modes.items() if needs == mode]
        if names:
            _lock(door, target, names, mode, deadline)


def _lock(door: Door, target: Target, names: list[str], mode: LiteralString, deadline: float) -> None:
    tables = sql.join(", ", [sql.existing(target.schema, name) for name in names])
    query = sql.text(sql.format("lock table {tables} in {mode} mode", tables=tables, mode=sql.SQL(mode)))
    milliseconds = max(int((deadline - time.monotonic()) * 1000), 1)
    try:
        with door.connection.cursor() as cursor:
            cursor.execute("select set_config('statement_timeout', %s, true)", [str(milliseconds)])
            cursor.execute(query)
            cursor.execute("select set_config('statement_timeout', %s, true)", [str(STATEMENT_TIMEOUT_MS)])
    except OperationalError as error:
        if sqlstate(error) in _NOT_IN_TIME:
            raise TablesBusy(*names) from error
        raise


def _relations(live: Json) -> Iterator[tuple[str, str]]:
    """The name of every table and index with the table that is to be locked for it."""
    for name, table in live.items():
        if not name.startswith("_") and table["kind"] in ("r", "p"):
            yield name, name
            yield from ((index, name) for index in table["indexes"] or ())
