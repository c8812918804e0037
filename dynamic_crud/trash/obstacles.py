"""What keeps rows from coming back as they were: found before anything is written, and told all at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString
from uuid import UUID

from core import sql
from core.errors import Conflict
from core.tenancy import Door
from dynamic_crud.trash.columns import Way, losses, source, typed
from dynamic_crud.trash.entries import Entry, Group
from schemas.document import Column, Schema, Table

_MOST_TOLD: Final = 20
"""How many single rows a refusal names for each reason."""

_LOST: Final[LiteralString] = "select e.id, e.record_id from _trash e where e.id = any(%s) and {condition}"
_TARGET_GONE: Final[LiteralString] = """
select e.id, e.record_id from _trash e, lateral (select {value} as link) v
where e.id = any(%s) and v.link is not null
    and not exists (select from {target} t where t.id = v.link)
    and not exists (
        select from _trash x
        where x.id = any(%s) and x.kind = 'deleted' and x.table_id = %s and x.record_id = v.link)
"""
_TAKEN: Final[LiteralString] = """
select e.id, e.record_id from _trash e, lateral {source} n join {table} t on {same}
where e.id = any(%s)
"""
_CHANGED: Final[LiteralString] = """
select e.id, e.record_id from _trash e left join {table} t on t.id = e.record_id, lateral {source} n
where e.id = any(%s) and (t.id is null or {different})
"""


@dataclass
class Obstacles:
    """What is in the way of some entries.

    Args:
        blocking: reasons for which nothing comes back.
        losing: what would not come back as it was.
        emptied: by group, the column that gets nothing and the entries of which its value has lost its target.
        skipped: entries that are left as they are.
    """

    blocking: list[dict[str, str]] = field(default_factory=list)
    losing: list[dict[str, str]] = field(default_factory=list)
    emptied: dict[int, list[tuple[str, list[UUID]]]] = field(default_factory=dict)
    skipped: set[UUID] = field(default_factory=set)

    def block(self, code: str, path: str, detail: str, fix: str) -> None:
        """Notes a reason for which nothing comes back."""
        self.blocking.append({"code": code, "path": path, "detail": detail, "fix": fix})

    def lose(self, code: str, path: str, detail: str) -> None:
        """Notes what would not come back as it was."""
        fix = "Restore it all the same (accept_losses), or leave it in the trash."
        self.losing.append({"code": code, "path": path, "detail": detail, "fix": fix})

    def check(self, *, accept_losses: bool) -> None:
        """Raises `Conflict` where something is in the way that nobody has agreed to."""
        if self.blocking:
            told = self.blocking[0]["detail"]
            more = f" There are {len(self.blocking) - 1} more reasons." if len(self.blocking) > 1 else ""
            detail = f"Nothing was restored. {told}{more}"
            raise Conflict(detail, errors=[*self.blocking, *self.losing], code="cannot_restore")
        if self.losing and not accept_losses:
            told = " ".join(fault["detail"] for fault in self.losing[:3])
            detail = f"Not everything can come back as it was. {told} Nothing was restored yet."
            raise Conflict(detail, errors=self.losing, code="restore_loses")


class Finder:
    """Looks for obstacles, in the owner's role.

    Args:
        door: the open door.
        now: the active version in stored form.
        chosen: all entries that are to come back.
        reached: the rows of which the user may undo an edit.
    """

    def __init__(self, door: Door, now: Schema, chosen: Sequence[Entry], reached: Collection[UUID]) -> None:
        self.door = door
        self.now = now
        self.entries = {entry.id: entry for entry in chosen}
        self.reached = reached
        self.found = Obstacles()

    def look(self, groups: Sequence[Group], homeless: Sequence[tuple[str, Sequence[Entry]]]) -> Obstacles:
        """Everything that is in the way of the groups."""
        for name, entries in homeless:
            detail = f"The table {name} is not in the application any more, so {_records(len(entries))} cannot return."
            self.found.block("table_gone", "$", detail, "Restore the version that had the table first.")
        for index, group in enumerate(groups):
            if group.kind == "edited":
                self._changed_since(group)
            self._lost(group)
            if group.kind != "added":
                self._targets(index, group)
            if group.kind == "deleted" and not group.is_links:
                self._required(group)
                self._taken(group)
        return self.found

    def _query(self, template: LiteralString, *values: Any, **parts: sql.Composable) -> list[tuple[UUID, UUID]]:
        with self.door.connection.cursor() as cursor:
            cursor.execute(sql.text(sql.format(template, **parts)), values)
            return list(cursor.fetchall())

    def _changed_since(self, group: Group) -> None:
        """Rows that somebody changed after the edit that is to be undone: theirs is the last word."""
        placed = [way for way in group.ways if way.now]
        if not placed:
            return
        different = sql.join(
            " or ",
            [
                sql.format(
                    "(e.after ? {key} and t.{name} is distinct from n.{name})",
                    key=sql.literal(way.then),
                    name=sql.identifier(way.now),
                )
                for way in placed
            ],
        )
        parts = {"table": sql.identifier(group.table.name), "source": source(placed, "after"), "different": different}
        changed = self._query(_CHANGED, list(group.ids), **parts)
        hidden = (self.entries[each] for each in group.ids if self.entries[each].is_direct)
        changed += [(entry.id, entry.record_id) for entry in hidden if entry.record_id not in self.reached]
        for entry_id, record_id in dict.fromkeys(changed):
            self.found.skipped.add(entry_id)
            label = f"{group.table.label} {str(record_id)[:8]}"
            path = f"$.{group.table.name}.{record_id}"
            if len(self.found.skipped) <= _MOST_TOLD:
                detail = f"{label} was changed or deleted since: it would stay as it is."
                self.found.lose("changed_since", path, detail)

    def _lost(self, group: Group) -> None:
        """Values that no column has a place for."""
        for way, condition in losses(group.ways, "record"):
            lost = self._query(_LOST, list(group.ids), condition=condition)
            if lost:
                reason = "does not fit its column any more" if way.now else "has no column any more"
                detail = f"{way.title or way.then} of {_rows(group.table, len(lost))} {reason} and would be lost."
                self.found.lose("value_lost", f"$.{group.table.name}.{way.now or way.then}", detail)

    def _targets(self, index: int, group: Group) -> None:
        """Links to rows that are gone."""
        for column in group.table.columns:
            way = group.way_to(column.name)
            if not column.is_reference or way is None:
                continue
            target = self.now.table(column.config["to_table"])
            gone = self._query(
                _TARGET_GONE,
                list(group.ids),
                list(self.entries),
                target.id,
                value=_value(way),
                target=sql.identifier(target.name),
            )
            gone = [pair for pair in gone if pair[0] not in self.found.skipped]
            if gone:
                self._missing(index, group, column, target, gone)

    def _missing(
        self, index: int, group: Group, column: Column, target: Table, gone: Sequence[tuple[UUID, UUID]]
    ) -> None:
        ids = [entry_id for entry_id, _ in gone]
        if group.is_links or group.kind == "edited":
            self.found.skipped.update(ids)
            what = _rows(group.table, len(gone)) if not group.is_links else _links(len(gone))
            detail = f"{what} cannot be linked again: the {target.label.lower()} is gone."
            self.found.lose("target_gone", f"$.{group.table.name}.{column.name}", detail)
        elif column.required:
            for _, record_id in gone[:_MOST_TOLD]:
                detail = f"{group.table.label} {str(record_id)[:8]} needs its {target.label.lower()}, which is gone."
                fix = f"Restore the {target.label.lower()} first, or together with it."
                self.found.block("target_gone", f"$.{group.table.name}.{record_id}.{column.name}", detail, fix)
        else:
            self.found.emptied.setdefault(index, []).append((column.name, ids))
            detail = f"{column.title} of {_rows(group.table, len(gone))} would be empty: what it points to is gone."
            self.found.lose("target_gone", f"$.{group.table.name}.{column.name}", detail)

    def _required(self, group: Group) -> None:
        """Columns that came since and want a value."""
        for column in group.table.columns:
            if column.required and column.default is None and group.way_to(column.name) is None:
                detail = f"{column.title} is required since, and {_rows(group.table, len(group.ids))} have no value."
                fix = f"Make {column.title} optional or give it a default, then restore again."
                self.found.block("required", f"$.{group.table.name}.{column.name}", detail, fix)

    def _taken(self, group: Group) -> None:
        """Unique values that somebody else uses now."""
        single = ((column.name,) for column in group.table.columns if column.unique)
        for names in dict.fromkeys((*single, *group.table.unique)):
            if any(group.way_to(name) is None for name in names):
                continue
            same = sql.join(" and ", [sql.format("t.{name} = n.{name}", name=sql.identifier(name)) for name in names])
            parts = {"source": source(group.ways, "record"), "table": sql.identifier(group.table.name), "same": same}
            for _, record_id in self._query(_TAKEN, list(group.ids), **parts)[:_MOST_TOLD]:
                titles = " and ".join(_title(group.table, name) for name in names)
                label = group.table.label
                detail = f"{label} {str(record_id)[:8]} cannot return: another one has its {titles} by now."
                fix = f"Change {titles} of the other {label.lower()}, then restore again."
                self.found.block("not_unique", f"$.{group.table.name}.{record_id}.{names[0]}", detail, fix)


def _value(way: Way) -> sql.Composable:
    return typed(way, "record")


def _title(table: Table, name: str) -> str:
    titles: Iterator[str] = (column.title for column in table.columns if column.name == name)
    return next(titles, name)


def _rows(table: Table, count: int) -> str:
    return f"{count:,} {(table.label if count == 1 else table.label_plural).lower()}"


def _records(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'}"


def _links(count: int) -> str:
    return f"{count:,} link{'' if count == 1 else 's'}"
