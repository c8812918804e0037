"""The attempts to link to a row that one cannot see: it has to be answered like a link to a row that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID, uuid4

from core import sql
from provisioning.leaktest.attacker import DENIED, Answer, Query
from provisioning.leaktest.report import OK, Verdict, worst
from provisioning.leaktest.scene import Scene
from schemas.document import Column, Table
from schemas.junctions import JUNCTION_ACCESS

_NO_SUCH_ROW: Final = "23503"
"""The SQLSTATE of a foreign key."""


def link(scene: Scene, table: Table) -> Verdict:
    """Every relation of a table to rows that are hidden, by INSERT and by UPDATE."""
    return worst(_verdicts(scene, table))


def _verdicts(scene: Scene, table: Table) -> Iterator[Verdict]:
    for column in table.columns:
        if not column.is_reference:
            continue
        other = scene.schema.table(column.config["to_table"])
        if scene.shares(other):
            continue
        if other.name in scene.planter.failures:
            yield Verdict("untested", f"There is no hidden row of {other.name} to link to.")
            continue
        hidden, missing = UUID(str(scene.hidden(other)["id"])), uuid4()
        yield _verdict(table, column, _insert(scene, table, column, hidden), _insert(scene, table, column, missing))
        if table.access != JUNCTION_ACCESS:
            yield _verdict(table, column, _update(scene, table, column, hidden), _update(scene, table, column, missing))


def _insert(scene: Scene, table: Table, column: Column, target: UUID) -> Answer:
    return _masked(scene.tries(scene.spare(table, **{"id": uuid4(), column.name: target})), target)


def _update(scene: Scene, table: Table, column: Column, target: UUID) -> Answer:
    template = sql.format(
        "update {table} set {column} = %s where id = %s", table=scene.place(table), column=sql.identifier(column.name)
    )
    query: Query = (template, [target, scene.own(table)["id"]])
    return _masked(scene.tries(query), target)


def _verdict(table: Table, column: Column, hidden: Answer, missing: Answer) -> Verdict:
    place = f"{table.name}.{column.name}"
    if hidden.refusal is None:
        return Verdict("leak", f"A member links {place} to a row that they cannot see.")
    if hidden.refusal != missing.refusal:
        detail = f"A link of {place} to a hidden row is refused otherwise than one to a missing row: {hidden.reason}"
        return Verdict("leak", f"{detail.rstrip('.')}.")
    return OK if hidden.sqlstate in {_NO_SUCH_ROW, DENIED} else hidden.untested


def _masked(answer: Answer, target: UUID) -> Answer:
    """The answer without the id that was asked for: it is no news to whoever asked."""
    if answer.refusal is None:
        return answer
    told = {name: fact and fact.replace(str(target), "...") for name, fact in answer.refusal.items()}
    return Answer(answer.rows, answer.count, told)
