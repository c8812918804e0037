"""What can change between two versions of a schema document, each kind as a value.

A change says what happens, not how: `schemas.diff` finds changes, provisioning turns them into SQL, pages and API show
the sentence of `describe`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.document import Column, Json, Table, thaw


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
    """

    before: str
    after: str
    order: tuple[str, ...]

    def describe(self) -> str:
        """The change as a sentence."""
        if self.before == self.after:
            return "Change the order of the tables."
        return f'Name the application "{self.after}".'


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

    def describe(self) -> str:
        """The change as a sentence."""
        facts = []
        if self.before.access != self.after.access:
            facts.append(f"access from {self.before.access} to {self.after.access}")
        if self.before.description != self.after.description:
            facts.append("description")
        if not facts:
            return f"Change how {self.after.name} are shown."
        return f"Change {' and '.join(facts)} of {self.after.name}."


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
        return f"Add the {required}column {self.column.name} ({self.column.type}) to {self.table.name}."


@dataclass(frozen=True, slots=True)
class DropColumn(_OfColumn):
    """A column is gone. `table` is the table as it was."""

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
    """Anything about a column but its name differs. `table` is the table as it will be."""

    def describe(self) -> str:
        """The change as a sentence."""
        facts = list(_differences(self.before, self.after)) or [
            f"now points to the new {self.after.config['to_table']}"
        ]
        return f"Change {self.after.name} of {self.table.name}: {', '.join(facts)}."


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
        return f"{', '.join(self.columns)} of {self.table.name}"


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
    """No two rows may have the same values here. `table` is the table as it will be."""

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Allow each combination of {self._named()} only once."


@dataclass(frozen=True, slots=True)
class DropUnique(_OfColumns):
    """Rows may repeat these values. `table` is the table as it was."""

    def describe(self) -> str:
        """The change as a sentence."""
        return f"Allow repeated combinations of {self._named()}."


def _differences(before: Column, after: Column) -> Iterator[str]:
    """What differs between two columns, each as the end of a sentence."""
    if before.type != after.type:
        yield f"type from {before.type} to {after.type}"
    for name, words in (("required", ("required", "optional")), ("unique", ("unique", "no longer unique"))):
        if getattr(before, name) != getattr(after, name):
            yield f"now {words[0] if getattr(after, name) else words[1]}"
    if _text(before.default) != _text(after.default):
        yield "no default" if after.default is None else f"default {_text(after.default)}"
    for name, noun in (("label", "label"), ("help_text", "help text")):
        if getattr(before, name) != getattr(after, name):
            yield f"{noun} {_text(getattr(after, name))}" if getattr(after, name) else f"no {noun} of its own"
    for key in sorted(before.config.keys() | after.config.keys()):
        old, new = before.config.get(key), after.config.get(key)
        if _text(old) != _text(new):
            yield _option_difference(key, old, new) or f"{key} from {_text(old)} to {_text(new)}"


def _option_difference(key: str, before: Json, after: Json) -> str:
    """The values that came and went in two lists of options; empty for other settings."""
    old, new = _option_values(before), _option_values(after)
    if old is None or new is None:
        return ""
    added = [value for value in new if value not in old]
    removed = [value for value in old if value not in new]
    parts = [*([f"added {', '.join(added)}"] if added else []), *([f"removed {', '.join(removed)}"] if removed else [])]
    return f"{key} {' and '.join(parts) or 'shown differently'}"


def _option_values(options: Json) -> list[str] | None:
    if not isinstance(options, tuple) or not all(isinstance(option, Mapping) for option in options):
        return None
    return [str(option.get("value")) for option in options]


def _text(value: Json) -> str:
    return json.dumps(thaw(value), ensure_ascii=False, sort_keys=True)
