"""Many-to-many relations in a plan: their tables change with them, and the plan speaks of the relation.

Nobody wrote a junction table into a document, so a statement about one is caused by the change of its relation, and
what is said to disappear are links.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import InvalidSchema
from provisioning import risks
from provisioning.phases import Step
from schemas.changes import Change, ChangeColumn, DropTable
from schemas.document import Schema
from schemas.junctions import Junction, junctions


@dataclass(frozen=True, slots=True)
class Links:
    """The junction tables of two versions, and what a person changed between them.

    Args:
        by_id: junction tables of either version by their id; of those in both, the later one.
        changes: the changes of the documents, as `schemas.diff` finds them.
    """

    by_id: Mapping[str, Junction]
    changes: Sequence[Change]

    @classmethod
    def between(cls, before: Schema | None, after: Schema, changes: Sequence[Change]) -> Links:
        """Those of two versions and the changes between them."""
        found = (*(junctions(before) if before else ()), *junctions(after))
        return cls({link.table.id: link for link in found}, changes)

    def explained(self, step: Step, change: Change) -> Step:
        """A step of a change of stored tables, as a step of the person's change that led to it."""
        link = self.by_id.get(change.table_id)
        cause, risk = self._cause(link) if link else self._original(change), step.statement.risk
        if link and risk:
            # Where the whole table goes, that is said of the table.
            risk = None if isinstance(cause, DropTable) else _lost(link, risk.rows)
        return replace(step, statement=replace(step.statement, caused_by=cause.describe(), risk=risk))

    def owner_of(self, table_id: str) -> str:
        """The id of the table that has the relation of a junction table; that of any other table is its own."""
        link = self.by_id.get(table_id)
        return link.source.id if link else table_id

    def cause_of(self, table_id: str, column_id: str = "") -> str:
        """The sentence of the change that a table, or a column of it, belongs to."""
        link = self.by_id.get(table_id)
        if link is not None:
            return self._cause(link).describe()
        own = [each for each in self.changes if each.table_id == table_id]
        about = [each for each in own if column_id in each.column_ids]
        return next((each.describe() for each in (*about, *own)), "")

    def _original(self, change: Change) -> Change:
        """The change as the documents have it: there a table has its relations among its columns.

        What comes back from the archive, and is then renamed or changed, is new to the documents.
        """
        own = [each for each in self.changes if each.table_id == change.table_id]
        same = (each for each in own if (type(each), each.column_ids) == (type(change), change.column_ids))
        about = (each for each in own if not each.column_ids or set(change.column_ids) <= set(each.column_ids))
        return next(same, None) or next(about, None) or own[0]

    def _cause(self, link: Junction) -> Change:
        """The change about the relation, else the first about its table."""
        own = [change for change in self.changes if change.table_id == link.source.id]
        about = [change for change in own if link.column.id in change.column_ids]
        return (*about, *own)[0]


def refuse_conversions(changes: Sequence[Change], schema: Schema) -> None:
    """Refuses a column that is to become links, and links that are to become a column.

    Args:
        changes: the changes of the documents.
        schema: the version that results.

    Raises:
        InvalidSchema: for the first such change.
    """
    for change in changes:
        if isinstance(change, ChangeColumn) and change.before.is_stored != change.after.is_stored:
            name, table = change.after.name, change.table
            detail = f"{name!r} of {table.name!r} cannot change between links to many records and a single value."
            fix = "Add it beside the old one under a name of its own, move the values, then remove the old one."
            path = f"$.tables[{schema.tables.index(table)}].columns[{table.columns.index(change.after)}].type"
            error = {"code": "change_not_supported", "path": path, "detail": detail, "fix": fix}
            raise InvalidSchema(f"{detail} {fix}", errors=[error], code="change_not_supported")


def _lost(link: Junction, rows: str) -> risks.Risk:
    return risks.drops_links(link.source.name, link.column.name, link.column.config["to_table"], rows)
