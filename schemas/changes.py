"""What can change between two versions of a schema document, each kind as a value.

A change says what happens, not how: `schemas.diff` finds changes, provisioning turns them into SQL, pages and API show
the sentence of `describe`, and `schemas.versions` counts versions by their impact.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.column_differences import column_differences, kind_of
from schemas.document import Column, Table
from schemas.impact import Difference, Impact, largest, listed, quoted
from schemas.table_differences import table_differences


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two versions."""

    @property
    def table_id(self) -> str:
        """The id of the table that it is about; empty when it is about all of them."""
        return ""

    @property
    def column_ids(self) -> tuple[str, ...]:
        """The ids of the columns that it is about; none when it is about the table as a whole."""
        return ()

    @property
    def impact(self) -> Impact:
        """What it does to what is stored; nothing, unless a kind says otherwise."""
        return Impact.STRUCTURAL

    def describe(self) -> str:
        """The change as a sentence."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ChangeSchema(Change):
    """The application has another name, or its tables another order. Nothing of it reaches PostgreSQL.

    Args:
        before: the name until now; empty where there was no version.
        after: the name from now on.
        order: the ids of all tables in display order.
        reordered: whether that is another order than until now, apart from tables that came or went.
    """

    before: str
    after: str
    order: tuple[str, ...]
    reordered: bool = False

    @property
    def impact(self) -> Impact:
        """How the application is shown."""
        return Impact.COSMETIC

    def describe(self) -> str:
        """The change as a sentence."""
        facts = [f"name the application {quoted(self.after)}"] if self.before != self.after else []
        facts += ["change the order of the tables"] if self.reordered else []
        sentence = " and ".join(facts)
        return f"{sentence[:1].upper()}{sentence[1:]}."


@dataclass(frozen=True, slots=True)
class _OfTable(Change):
    table: Table

    @property
    def table_id(self) -> str:
        """The id of the table."""
        return self.table.id


@dataclass(frozen=True, slots=True)
class AddTable(_OfTable):
    """A table is new, with all its columns, indexes and unique sets."""

    def describe(self) -> str:
        """The change as a sentence."""
        number = len(self.table.columns)
        return f"Add the table {self.table.name} with {number} column{'' if number == 1 else 's'}."


@dataclass(frozen=True, slots=True)
class DropTable(_OfTable):
    """A table is gone, with everything in it."""

    @property
    def impact(self) -> Impact:
        """Its records go out of sight."""
        return Impact.DESTRUCTIVE

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Remove the table {self.table.name}."


@dataclass(frozen=True, slots=True)
class _OfTwoTables(Change):
    before: Table
    after: Table

    @property
    def table_id(self) -> str:
        """The id of the table."""
        return self.after.id


@dataclass(frozen=True, slots=True)
class RenameTable(_OfTwoTables):
    """A table has another name. What else differs is said by other changes."""

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Rename the table {self.before.name} to {self.after.name}."


@dataclass(frozen=True, slots=True)
class ChangeTable(_OfTwoTables):
    """A table has other hints, another access or description, or its columns another order."""

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Each of these facts that differs."""
        return tuple(table_differences(self.before, self.after))

    @property
    def impact(self) -> Impact:
        """That of who sees its records; the rest is how they are shown."""
        return largest(self.differences)

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Change {self.after.name}: {', '.join(difference.words for difference in self.differences)}."


@dataclass(frozen=True, slots=True)
class _OfColumn(Change):
    table: Table
    column: Column

    @property
    def table_id(self) -> str:
        """The id of the table."""
        return self.table.id

    @property
    def column_ids(self) -> tuple[str, ...]:
        """The id of the column."""
        return (self.column.id,)


@dataclass(frozen=True, slots=True)
class AddColumn(_OfColumn):
    """A column is new. `table` is the table as it will be."""

    def describe(self) -> str:
        """The change as a sentence."""
        required = "required " if self.column.required else ""
        return f"Add the {required}column {self.column.name} ({kind_of(self.column)}) to {self.table.name}."


@dataclass(frozen=True, slots=True)
class DropColumn(_OfColumn):
    """A column is gone. `table` is the table as it was."""

    @property
    def impact(self) -> Impact:
        """Its values go out of sight."""
        return Impact.DESTRUCTIVE

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Remove the column {self.column.name} from {self.table.name}."


@dataclass(frozen=True, slots=True)
class _OfTwoColumns(Change):
    table: Table
    before: Column
    after: Column

    @property
    def table_id(self) -> str:
        """The id of the table."""
        return self.table.id

    @property
    def column_ids(self) -> tuple[str, ...]:
        """The id of the column."""
        return (self.after.id,)


@dataclass(frozen=True, slots=True)
class RenameColumn(_OfTwoColumns):
    """A column has another name. `table` is the table as it will be; what else differs is said by other changes."""

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Rename the column {self.before.name} of {self.table.name} to {self.after.name}."


@dataclass(frozen=True, slots=True)
class ChangeColumn(_OfTwoColumns):
    """Anything about a column but its name differs. `table` is the table as it will be.

    Args:
        retargeted: whether it points to another table than until now; one that was renamed is the same.
    """

    retargeted: bool = False

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Each fact that differs."""
        return tuple(column_differences(self.before, self.after, retargeted=self.retargeted))

    @property
    def impact(self) -> Impact:
        """That of all that differs."""
        return largest(self.differences)

    def describe(self) -> str:
        """The change as a sentence."""
        facts = ", ".join(difference.words for difference in self.differences)
        return f"Change {self.after.name} of {self.table.name}: {facts}."


@dataclass(frozen=True, slots=True)
class _OfColumns(Change):
    table: Table
    columns: tuple[str, ...]

    @property
    def table_id(self) -> str:
        """The id of the table."""
        return self.table.id

    @property
    def column_ids(self) -> tuple[str, ...]:
        """The ids of the columns; a system column is its own id."""
        ids = {column.name: column.id for column in self.table.columns}
        return tuple(ids.get(name, name) for name in self.columns)

    def _named(self) -> str:
        return f"{listed(self.columns)} of {self.table.name}"


@dataclass(frozen=True, slots=True)
class AddIndex(_OfColumns):
    """Lists that filter or sort by these columns get faster. `table` is the table as it will be."""

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Add an index on {self._named()}."


@dataclass(frozen=True, slots=True)
class DropIndex(_OfColumns):
    """An index goes. `table` is the table as it was."""

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Remove the index on {self._named()}."


@dataclass(frozen=True, slots=True)
class AddUnique(_OfColumns):
    """No two rows may have the same values here. `table` is the table as it will be.

    Args:
        fits: whether all rows fit for sure: one of the columns is new, and empty everywhere.
    """

    fits: bool = False

    @property
    def impact(self) -> Impact:
        """Rows that repeat values are no longer allowed, if there can be any."""
        return Impact.STRUCTURAL if self.fits else Impact.DESTRUCTIVE

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Allow each combination of {self._named()} only once."


@dataclass(frozen=True, slots=True)
class DropUnique(_OfColumns):
    """Rows may repeat these values. `table` is the table as it was."""

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Allow repeated combinations of {self._named()}."
