"""Where a change takes place: two versions of a document, the project's schema, and its archive."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from provisioning.archive import NOTHING, Archive, ArchivedColumn
from provisioning.target import Target
from schemas.document import Column, Schema, Table


@dataclass(frozen=True, slots=True)
class Scene:
    """Two versions of a document, and where the change between them takes place.

    Args:
        before: the active version with what comes back from the archive; without tables for a new project.
        after: the version that results.
        target: the PostgreSQL schema.
        number: the number of the version that results.
        archive: what the project's archive holds before the change.
        returning: the ids of the tables that come back from it, with an empty text, and of table and column for the
            columns that do.
        back_to: the number of the version that is rolled back to, and has to be reached whatever that takes; None for
            anything but a rollback.
    """

    before: Schema
    after: Schema
    target: Target
    number: int
    archive: Archive = NOTHING
    returning: Set[tuple[str, str]] = frozenset()
    back_to: int | None = None

    @property
    def is_rollback(self) -> bool:
        """Whether the version that results was there before."""
        return self.back_to is not None

    def table_before(self, table_id: str) -> Table | None:
        """A table as it is before the change; None for a new one."""
        return next((table for table in self.before if table.id == table_id), None)

    def column_before(self, table_id: str, column_id: str) -> Column | None:
        """A column as it is before the change; None for a new one."""
        table = self.table_before(table_id)
        return next((column for column in table.columns if column.id == column_id), None) if table else None

    def is_returning(self, table_id: str, column_id: str = "") -> bool:
        """Whether a table, or a column of it, comes back from the archive."""
        return (table_id, column_id) in self.returning

    def hiding(self, table_id: str, column_id: str) -> int:
        """The number of the version that the archive names as the one that hid a column.

        The document of the version before tells what the column was. A column that was in the archive until now, itself
        or with its table, is in no such document of late, and so keeps the number with which it went.
        """
        returned = self.returned(table_id, column_id)
        if returned is not None:
            return returned.number
        return self.archive.tables[table_id].number if self.is_returning(table_id) else self.number

    def returned(self, table_id: str, column_id: str) -> ArchivedColumn | None:
        """The column of the archive that comes back as it was, if this one does."""
        return self.archive.columns.get((table_id, column_id)) if self.is_returning(table_id, column_id) else None
