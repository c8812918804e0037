"""Two invented people in a project: who they are, what they have, and what one of them may know of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core import sql
from core.tenancy import ProjectRole
from provisioning.leaktest.attacker import Answer, Attacker, Query
from provisioning.leaktest.planting import Planter, insert_query
from provisioning.leaktest.survey import Survey
from provisioning.target import Target
from schemas.document import Schema, Table
from schemas.junctions import JUNCTION_ACCESS, SOURCE


@dataclass(frozen=True, slots=True)
class Scene:
    """What the attempts have to work with.

    Args:
        attacker: tries statements.
        schema: the tables as PostgreSQL should have them.
        target: where they are.
        planter: has the invented rows.
        survey: what else there is.
        owner: the person whose rows are attacked.
        intruder: the other one, a member like the first.
        newcomer: a third member, who has no row at all.
    """

    attacker: Attacker
    schema: Schema
    target: Target
    planter: Planter
    survey: Survey
    owner: UUID
    intruder: UUID
    newcomer: UUID

    def hidden(self, table: Table) -> Mapping[str, Any]:
        """The attacked row of a table."""
        return self.planter.rows[self.owner, table.name]

    def own(self, table: Table) -> Mapping[str, Any]:
        """The intruder's row."""
        return self.planter.rows[self.intruder, table.name]

    def spare(self, table: Table, **changed: Any) -> Query:
        """The statement by which the intruder adds a row, with some of its values changed."""
        return insert_query(table, self.target, {**self.planter.spare(self.intruder, table), **changed})

    def shares(self, table: Table) -> bool:
        """Whether members have each other's rows of the table by design; links are shared where their source is."""
        if table.access != JUNCTION_ACCESS:
            return table.access == "project"
        return self.schema.table(table.column(SOURCE).config["to_table"]).access == "project"

    def tries(self, *queries: Query, role: ProjectRole | None = "member") -> Answer:
        """What the intruder is answered."""
        return self.attacker.tries(self.intruder, role, *queries)

    def place(self, table: Table) -> sql.Composable:
        """The qualified name of a table."""
        return self.target.table(table.name)
