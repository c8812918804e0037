"""One thing that a table has beside its columns."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from core import sql
from provisioning.phases import Phase, Step
from provisioning.risks import Risk
from provisioning.statements import Statement


@dataclass(frozen=True, slots=True)
class Part:
    """A constraint, index, policy or trigger of one table.

    Args:
        name: its name in PostgreSQL, made of ids; a part is recognised by it.
        key: what it says, in ids: the same key in two versions means that nothing has to be done.
        create: the SQL that makes it, with the names of its own version.
        drop: the SQL that removes it, with the names of its own version.
        noun: what people call it, such as `index of deals by stage`.
        column_ids: the columns that it is about.
        clause: how it stands inside CREATE TABLE, for what can stand there.
        phase: when it is created.
        risk: what may go wrong when a table that has rows gets it.
    """

    name: str
    key: Hashable
    create: str
    drop: str
    noun: str
    column_ids: tuple[str, ...] = ()
    clause: sql.Composable | None = None
    phase: Phase = Phase.CONSTRAIN
    risk: Risk | None = None

    def dropped(self, cause: str) -> Step:
        """The step that removes it, before tables and columns get their new names."""
        return Step(Phase.DROP, Statement(self.drop, f"Remove the {self.noun}", self.create, cause))

    def created(self, cause: str, rows: str | None = None) -> Step:
        """The step that makes it.

        Args:
            cause: the sentence of the change that asks for it.
            rows: the query that finds the rows that break it; empty where there can be none, and None for a part that
                no row can break.
        """
        risk = None if self.risk is None or rows == "" else replace(self.risk, rows=rows or "")
        return Step(self.phase, Statement(self.create, f"Add the {self.noun}", self.drop, cause, risk=risk))
