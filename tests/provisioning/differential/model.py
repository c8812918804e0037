"""What a project's rows should be: a model in Python that no statement of a plan has anything to do with.

What becomes of a single value is asked of `schemas.column_types.conversion`, which has tests of its own for every pair
of types. Which values are converted, hidden, brought back, filled or emptied is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

from provisioning.conversions import is_conversion
from schemas.column_types import column_types, conversion
from schemas.document import Column, Schema, Table
from schemas.junctions import JUNCTION_ACCESS
from tests.provisioning.differential.rows import UNKNOWN, Fill, Rows, Slot, Values

Convert = Callable[[Column, Column, Mapping[UUID, Any]], Values]
"""The values of a column as values of another."""
Meaning = Callable[[Column, Values], Values]
"""The values of a column in two forms: those of columns of several types mean the same if one of them is equal."""


class Model:
    """The rows of all tables.

    Args:
        convert: see `Convert`.
        default: the value that a column's default has now.
        meaning: see `Meaning`.
    """

    def __init__(self, convert: Convert, default: Callable[[Column], Any], meaning: Meaning) -> None:
        self.convert = convert
        self.default = default
        self.meaning = meaning
        self.tables: dict[str, Rows] = {}
        self.archive: dict[str, Rows] = {}
        self.number = 0
        self.back_to: int | None = None

    def advance(self, after: Schema, back_to: int | None = None) -> None:
        """Another version, in stored form, becomes the active one; a rollback says which one it was."""
        self.number += 1
        self.back_to = back_to
        wanted = {table.id for table in after}
        back: set[tuple[str, str]] = set()
        for table_id in [table_id for table_id in self.tables if table_id not in wanted]:
            self.archive[table_id] = self.tables.pop(table_id)
        for table in after:
            if table.id in self.archive and table.id not in self.tables:
                self.tables[table.id] = self.archive.pop(table.id)
                back.add((table.id, ""))
        for table in after:
            back |= {(table.id, column_id) for column_id in self._alter(table)}
        for table_id, column_id in back:
            self._unlink(after, self.tables[table_id], column_id)

    def _alter(self, table: Table) -> Iterator[str]:
        """Makes a table what it will be, and tells which of its columns came back."""
        rows = self.tables.setdefault(table.id, Rows(table))
        rows.table = table
        wanted = {column.id for column in table.columns}
        for column_id in [column_id for column_id in rows.slots if column_id not in wanted]:
            rows.hide(column_id)
        for column in table.columns:
            hidden = rows.hidden.get(column.id, [])
            if column.id in rows.slots:
                if self._change(rows, column):
                    yield column.id
            elif found := _returning(hidden, column):
                hidden.remove(found)
                rows.slots[column.id] = found
                found.column = replace(found.column, required=False)  # the archive keeps no NOT NULL
                self._change(rows, column)
                yield column.id
            else:
                rows.slots[column.id] = Slot(column, self._first_values(rows, column))

    def _first_values(self, rows: Rows, column: Column) -> Values:
        kind = column_types.get(column.type)
        if kind.numbered:
            start = kind.setting(column, "start")
            ages = sorted(rows.rows, key=lambda row: (rows.rows[row].created_at, row))
            return {row: start + place for place, row in enumerate(ages)}
        value = self.default(column)
        return {} if value is None else dict.fromkeys(rows.rows, value)

    def _change(self, rows: Rows, after: Column) -> bool:
        """Makes a column what it will be, and tells whether an earlier one came back in its place."""
        slot, hidden = rows.slots[after.id], rows.hidden.get(after.id, [])
        before, kind = slot.column, column_types.get(after.type)
        earlier = None if _alike(before, after) else _earlier(hidden, after)
        is_made_anew = is_conversion(before, after) or earlier is not None
        if is_made_anew:
            filled = self._filled(rows, before, slot.values) if self.back_to is not None else set()
            typed = {row: value for row, value in slot.values.items() if row not in filled}
            values = self._converted(before, after, typed)
            if earlier is not None:
                kept = self._unchanged(rows, slot, earlier, hidden[hidden.index(earlier) + 1 :], after)
                values |= {row: earlier.values.get(row) for row in kept}
                hidden.remove(earlier)
            rows.hide(after.id)
            rows.slots[after.id] = Slot(after, values)
        slot = rows.slots[after.id]
        slot.column = after
        if kind.numbered:
            slot.values |= {row: UNKNOWN for row in rows.rows if slot.values.get(row) is None}
        elif after.required and after.default is not None:
            filling = self.default(after)
            empty = {row: filling for row in rows.rows if slot.values.get(row) is None}
            slot.values |= empty
            if is_made_anew or not before.required:
                rows.fills.setdefault(after.id, []).append(Fill(self.number, after, empty))
        if self.back_to is not None:
            emptied = not kind.numbered and not after.required
            if emptied:
                slot.values |= dict.fromkeys(self._filled(rows, after, slot.values))
            if emptied or is_made_anew:
                known = rows.fills.get(after.id, [])
                rows.fills[after.id] = [each for each in known if not self.back_to < each.number < self.number]
        return earlier is not None

    def _filled(self, rows: Rows, column: Column, values: Values) -> set[UUID]:
        """The rows whose value is what a version has filled, for a rollback: one after the version that it goes to."""
        fills = rows.fills.get(column.id, [])
        if self.back_to is not None:
            fills = [each for each in fills if self.back_to < each.number < self.number]
        found, means = set(), self.meaning(column, values) if fills else {}
        for each in fills:
            filled = self.meaning(each.column, each.values)
            found |= {row for row in filled.keys() & means.keys() if _same(filled[row], means[row])}
        return found

    def _converted(self, before: Column, after: Column, values: Values) -> Values:
        return self.convert(before, after, values) if conversion(before, after) is not None else {}

    def _unchanged(self, rows: Rows, slot: Slot, earlier: Slot, since: list[Slot], after: Column) -> set[UUID]:
        """The rows whose value nobody changed since it was converted from an earlier one that fits again."""
        before, found = slot.column, set(rows.rows)
        if column_types.get(earlier.column.type).numbered:
            return found
        lost = found
        if conversion(earlier.column, before) is not None:
            direct = self.convert(earlier.column, before, earlier.values)
            found = {row for row in rows.rows if direct.get(row) == slot.values.get(row)}
            lost = {row for row in rows.rows if direct.get(row) is None}
            stops = [each.column for each in since if not _alike(each.column, before)]
            by_steps = self._by_steps([earlier.column, *stops, before], earlier.values) if stops else {}
            found |= {row for row, value in by_steps.items() if value is not None and value == slot.values.get(row)}
            lost |= {row for row in rows.rows if stops and by_steps.get(row) is None}
        elif conversion(before, after) is not None:
            found = {row for row in rows.rows if slot.values.get(row) is None}
        for row in lost & self._filled(rows, before, slot.values):
            if self.back_to is not None or earlier.values.get(row) is not None:
                found.add(row)
        fitting = self._converted(earlier.column, after, earlier.values)
        return {row for row in found if fitting.get(row) == earlier.values.get(row)}

    def _by_steps(self, way: list[Column], values: Values) -> Values:
        for source, target in pairwise(way):
            if conversion(source, target) is None:
                return {}
            values = self.convert(source, target, values)
        return values

    def _unlink(self, schema: Schema, rows: Rows, column_id: str) -> None:
        """Lets go of links to what is no longer there."""
        for slot in list(rows.slots.values()):
            if not slot.column.is_reference or column_id not in ("", slot.column.id):
                continue
            target = self.tables[schema.table(slot.column.config["to_table"]).id]
            lost = [row for row, link in slot.values.items() if link is not None and link not in target.rows]
            for row in lost:
                if rows.table.access == JUNCTION_ACCESS:
                    rows.remove(row)
                elif not slot.column.required:
                    slot.values[row] = None

    def deleted_with(self, table_id: str, row: UUID) -> tuple[set[tuple[str, UUID]], set[tuple[str, UUID, str]]] | None:
        """The rows that go with a row, and the links to them that become empty; None where something may hold it.

        Args:
            table_id: the row's table.
            row: its id.
        """
        gone, emptied = {(table_id, row)}, set()
        waiting = [(table_id, row)]
        names = {rows.table.name: key for key, rows in self.tables.items()}
        while waiting:
            target, link = waiting.pop()
            for key, rows in self.tables.items():
                for slot in rows.slots.values():
                    if not slot.column.is_reference or names[slot.column.config["to_table"]] != target:
                        continue
                    for linking in [each for each, value in slot.values.items() if value == link]:
                        way = slot.column.config["on_delete"]
                        if way == "restrict":
                            return None
                        if way == "set_null":
                            emptied.add((key, linking, slot.column.id))
                        elif (key, linking) not in gone:
                            gone.add((key, linking))
                            waiting.append((key, linking))
        # PostgreSQL may meet a row both ways in either order, and where it was made in the same transaction, refuse it.
        return None if any((key, linking) in gone for key, linking, _ in emptied) else (gone, emptied)

    def repeats(self, rows: Rows, row: UUID, changed: Mapping[str, Any]) -> bool:
        """Whether a row with other values in some columns, by name, would have what is unique twice."""
        sets = [(column.name,) for column in rows.table.columns if column.unique]

        def entry(each: UUID, more: Mapping[str, Any]) -> dict[str, Any]:
            facts = rows.rows[each]
            return {"user_id": facts.user_id, "created_at": facts.created_at, **rows.values(each), **more}

        mine = entry(row, changed)
        for names in (*sets, *rows.table.unique):
            value = [mine[name] for name in names]
            if None in value:
                continue
            for other in rows.rows:
                if other != row and [entry(other, {})[name] for name in names] == value:
                    return True
        return False


def _can_become(before: Column, after: Column) -> bool:
    if column_types.get(before.type).numbered or column_types.get(after.type).numbered:
        return before.type == after.type
    return before.type == after.type or conversion(before, after) is not None


def _same(one: list[str | None], other: list[str | None]) -> bool:
    return any(form is not None and form == again for form, again in zip(one, other, strict=True))


def _alike(before: Column, after: Column) -> bool:
    kind = column_types.get(after.type)
    return before.type == after.type and kind.sql_type(before) == kind.sql_type(after)


def _returning(hidden: list[Slot], column: Column) -> Slot | None:
    """The last hidden of the columns that can become one that is wanted again."""
    return next((each for each in reversed(hidden) if _can_become(each.column, column)), None)


def _earlier(hidden: list[Slot], column: Column) -> Slot | None:
    """The last hidden of the columns that stored what a column stores."""
    return next((each for each in reversed(hidden) if _alike(each.column, column)), None)
