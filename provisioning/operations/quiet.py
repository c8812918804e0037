"""Changes of rows that nobody made just now: the times of the last changes stay what they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, LiteralString

from core import sql
from provisioning.phases import Phase, Step
from provisioning.risks import Risk
from provisioning.statements import Statement
from provisioning.target import Target
from schemas.document import Table


def quiet_steps(
    table: Table, target: Target, cause: str, comment: str, *queries: str, risk: Risk | None = None
) -> Iterator[Step]:
    """The steps that run statements about a table's rows without its trigger that keeps the times.

    Args:
        table: the table as it will be.
        target: where they run.
        cause: the sentence of the change that they belong to.
        comment: what they do.
        *queries: the statements.
        risk: what they may cost.
    """
    off, on = _trigger_query(table, target, "disable"), _trigger_query(table, target, "enable")
    before, after = f"Keep the times of the last changes in {table.name}", f"Note the times of changes in {table.name}"
    yield Step(Phase.FILL, Statement(off, before, on, cause))
    for query in queries:
        yield Step(Phase.FILL, Statement(query, comment, "", cause, risk=risk))
    yield Step(Phase.FILL, Statement(on, f"{after} again", off, cause))


def _trigger_query(table: Table, target: Target, word: Literal["disable", "enable"]) -> str:
    template: LiteralString = "alter table {table} disable trigger touch"
    if word == "enable":
        template = "alter table {table} enable trigger touch"
    return sql.text(sql.format(template, table=target.table(table.name)))
