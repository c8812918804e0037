"""What changed between two versions of a schema, and the way from one to the other.

Tables and columns are the same when their ids are: a rename is a rename. Both functions are pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from schemas.changes import (
    AddColumn,
    AddIndex,
    AddTable,
    AddUnique,
    Change,
    ChangeColumn,
    ChangeSchema,
    ChangeTable,
    DropColumn,
    DropIndex,
    DropTable,
    DropUnique,
    RenameColumn,
    RenameTable,
)
from schemas.column_differences import column_differences
from schemas.document import Column, Json, Schema, Table
from schemas.table_differences import named_anew, table_differences

_NOTHING = Schema(name="")


def diff(before: Schema | None, after: Schema) -> tuple[Change, ...]:
    """The changes that lead from one version to another, in an order in which they can be made.

    What goes comes first, then renames, then what is different or new. Version numbers are not compared: they say
    what changed, and so are no change themselves.

    Args:
        before: the earlier version; None for nothing at all.
        after: the later version, with the ids of what it kept.
    """
    return tuple(_Comparison(before or _NOTHING, after).changes())


class _Comparison:
    """Two versions, and which of their tables and columns are the same."""

    def __init__(self, before: Schema, after: Schema) -> None:
        self.before, self.after = before, after
        self.old = {table.id: table for table in before}
        self.new = {table.id: table for table in after}
        self.kept = [(self.old[table.id], table) for table in after if table.id in self.old]
        self.old_ids = {table.name: table.id for table in before}
        self.new_ids = {table.name: table.id for table in after}

    def changes(self) -> Iterator[Change]:
        for old, new in self.kept:
            yield from _dropped_sets(old, new)
        for old, new in self.kept:
            kept = {column.id for column in new.columns}
            yield from (DropColumn(old, column) for column in old.columns if column.id not in kept)
        yield from (DropTable(table) for table in self.before if table.id not in self.new)
        yield from (RenameTable(old, new) for old, new in self.kept if old.name != new.name)
        for old, new in self.kept:
            yield from (RenameColumn(new, a, b) for a, b in _kept_columns(old, new) if a.name != b.name)
        yield from (AddTable(table) for table in self.after if table.id not in self.old)
        for old, new in self.kept:
            yield from (change for a, b in _kept_columns(old, new) if (change := self._changed(new, a, b)))
        for old, new in self.kept:
            known = {column.id for column in old.columns}
            yield from (AddColumn(new, column) for column in new.columns if column.id not in known)
        for old, new in self.kept:
            yield from _added_sets(old, new)
        yield from (ChangeTable(old, new) for old, new in self.kept if any(table_differences(old, new)))
        order = tuple(self.new)
        reordered = order != self._natural_order()
        if self.before.name != self.after.name or reordered:
            yield ChangeSchema(self.before.name, self.after.name, order, reordered)

    def _changed(self, table: Table, before: Column, after: Column) -> ChangeColumn | None:
        retargeted = self._target(before, self.old_ids) != self._target(after, self.new_ids)
        if not any(column_differences(before, after, retargeted=retargeted)):
            return None
        return ChangeColumn(table, before, after, retargeted)

    @staticmethod
    def _target(column: Column, table_ids: Mapping[str, str]) -> str:
        """The id of the table that a relation points to; empty for other columns."""
        name: str = column.config.get("to_table", "")
        return table_ids.get(name, name)

    def _natural_order(self) -> tuple[str, ...]:
        """The tables' order if nobody changed it: what is new stands last."""
        kept = [table_id for table_id in self.old if table_id in self.new]
        return (*kept, *(table_id for table_id in self.new if table_id not in self.old))


def _kept_columns(before: Table, after: Table) -> list[tuple[Column, Column]]:
    old = {column.id: column for column in before.columns}
    return [(old[column.id], column) for column in after.columns if column.id in old]


def _ids(table: Table) -> dict[str, str]:
    return {column.name: column.id for column in table.columns}


def _sets_by_ids(table: Table, sets: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Indexes or unique sets by the ids of their columns; a system column is its own id."""
    ids = _ids(table)
    return {tuple(ids.get(name, name) for name in names): names for names in sets}


def _dropped_sets(before: Table, after: Table) -> Iterator[Change]:
    for drop, name in ((DropIndex, "indexes"), (DropUnique, "unique")):
        old, new = (_sets_by_ids(table, getattr(table, name)) for table in (before, after))
        yield from (drop(before, names) for ids, names in old.items() if ids not in new)


def _added_sets(before: Table, after: Table) -> Iterator[Change]:
    known = {column.id for column in before.columns}
    empty = {column.id for column in after.columns if column.id not in known and column.default is None}
    old, new = _sets_by_ids(before, before.unique), _sets_by_ids(after, after.unique)
    yield from (AddUnique(after, names, not empty.isdisjoint(ids)) for ids, names in new.items() if ids not in old)
    old, new = _sets_by_ids(before, before.indexes), _sets_by_ids(after, after.indexes)
    yield from (AddIndex(after, names) for ids, names in new.items() if ids not in old)


def apply(before: Schema | None, changes: Sequence[Change]) -> Schema:
    """The version that the changes lead to: `apply(a, diff(a, b))` is `b`, but for the version number.

    What goes is taken away first; renames happen all at once, so that two tables can swap their names.

    Args:
        before: the version to start from; None for nothing at all.
        changes: as `diff` returns them.
    """
    start = before or Schema(name="")
    tables = {table.id: table for table in start}
    for change in changes:
        _take_away(tables, change)
    _rename(tables, changes)
    for change in changes:
        _put_in(tables, change)
    name, order = start.name, tuple(tables)
    for change in changes:
        if isinstance(change, ChangeSchema):
            name, order = change.after, change.order
    return Schema(name=name, version=start.version, tables=tuple(tables[table_id] for table_id in order))


def _take_away(tables: dict[str, Table], change: Change) -> None:
    table = tables.get(change.table_id)
    if table is None:
        return
    if isinstance(change, DropTable):
        del tables[table.id]
    elif isinstance(change, DropIndex):
        tables[table.id] = replace(table, indexes=tuple(names for names in table.indexes if names != change.columns))
    elif isinstance(change, DropUnique):
        tables[table.id] = replace(table, unique=tuple(names for names in table.unique if names != change.columns))
    elif isinstance(change, DropColumn):
        columns = tuple(column for column in table.columns if column.id != change.column.id)
        hints = named_anew(table.ui_hints, {change.column.name: ""})
        tables[table.id] = replace(table, columns=columns, ui_hints=hints)


def _rename(tables: dict[str, Table], changes: Sequence[Change]) -> None:
    table_names = {change.before.name: change.after.name for change in changes if isinstance(change, RenameTable)}
    column_names: dict[str, dict[str, str]] = {}
    for change in changes:
        if isinstance(change, RenameColumn):
            column_names.setdefault(change.table_id, {})[change.before.name] = change.after.name
    for table in list(tables.values()):
        names = column_names.get(table.id, {})
        tables[table.id] = replace(
            table,
            name=table_names.get(table.name, table.name),
            columns=tuple(_renamed_column(column, names, table_names) for column in table.columns),
            indexes=_renamed_sets(table.indexes, names),
            unique=_renamed_sets(table.unique, names),
            ui_hints=named_anew(table.ui_hints, names),
        )


def _renamed_column(column: Column, names: Mapping[str, str], table_names: Mapping[str, str]) -> Column:
    config: Mapping[str, Json] = column.config
    if column.is_relation:
        target = config["to_table"]
        config = {**config, "to_table": table_names.get(target, target)}
    return replace(column, name=names.get(column.name, column.name), config=config)


def _renamed_sets(sets: Sequence[tuple[str, ...]], names: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(names.get(name, name) for name in columns) for columns in sets)


def _put_in(tables: dict[str, Table], change: Change) -> None:
    if isinstance(change, AddTable):
        tables[change.table_id] = change.table
        return
    table = tables.get(change.table_id)
    if table is None:
        return
    if isinstance(change, AddColumn):
        place = [column.id for column in change.table.columns].index(change.column.id)
        columns = (*table.columns[:place], change.column, *table.columns[place:])
        tables[table.id] = replace(table, columns=columns)
    elif isinstance(change, ChangeColumn):
        columns = tuple(change.after if column.id == change.after.id else column for column in table.columns)
        tables[table.id] = replace(table, columns=columns)
    elif isinstance(change, AddIndex):
        tables[table.id] = replace(table, indexes=(*table.indexes, change.columns))
    elif isinstance(change, AddUnique):
        tables[table.id] = replace(table, unique=(*table.unique, change.columns))
    elif isinstance(change, ChangeTable):
        after = change.after
        places = {column.id: place for place, column in enumerate(after.columns)}
        columns = tuple(sorted(table.columns, key=lambda column: places[column.id]))
        tables[table.id] = replace(
            table, columns=columns, access=after.access, description=after.description, ui_hints=after.ui_hints
        )
