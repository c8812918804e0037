"""Putting back what the trash holds: all of a batch or single rows of it, all of that or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, LiteralString
from uuid import UUID

from django.db import DatabaseError

from core import sql
from core.errors import Conflict, NotFound
from core.models import Project, User
from core.permissions import project_role_of, require
from core.rights import Right
from core.tenancy import LONG_TIMEOUT_MS, Door, become_owner, open_project
from dynamic_crud.integrity import columns_of, refusal_of
from dynamic_crud.runtime import get_runtime
from dynamic_crud.trash import entries as trash
from dynamic_crud.trash.columns import source, typed
from dynamic_crud.trash.entries import Entry, Group
from dynamic_crud.trash.obstacles import Finder, Obstacles
from schemas.document import Schema
from schemas.junctions import JUNCTION_ACCESS

_SEEN: Final[LiteralString] = "select id from {table} where id = any(%s) for update"
_INSERT: Final[LiteralString] = """
{name} as (
    insert into {table} ({columns}) overriding system value
    select {values} from _trash e, lateral {source} n where e.id = any(%s) {unless}
)
"""
_UNLESS_LINKED: Final[LiteralString] = "on conflict do nothing"
_UPDATE: Final[LiteralString] = """
update {table} t set {changes} from _trash e, lateral {source} n where t.id = e.record_id and e.id = any(%s)
"""
_UNLINK: Final[LiteralString] = "delete from {table} t using _trash e where t.id = e.record_id and e.id = any(%s)"
_DONE: Final[LiteralString] = "delete from _trash where id = any(%s) returning id"
_POINTERS: Final[LiteralString] = "select e.id, {value} from _trash e where e.id = any(%s) and {value} is not null"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back.

    Args:
        rows: how many deleted rows of which tables, in words.
        edited: how many rows have again what an edit had changed.
        count: how many rows came back or were changed back.
        losses: what did not come back as it was, a sentence each.
    """

    rows: tuple[str, ...]
    edited: int
    count: int
    losses: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The outcome as the API tells it."""
        return {"restored": self.count, "rows": list(self.rows), "edited": self.edited, "losses": list(self.losses)}


def restore(
    user: User,
    project: Project,
    batch: UUID,
    records: Collection[UUID] | None = None,
    *,
    accept_losses: bool = False,
) -> Restored:
    """Brings a batch back, or some of its rows with all that went along with them. All of it or nothing.

    The user's own role says which entries they may have. What went along unseen comes back too, for whoever did it.

    Args:
        user: who asks.
        project: as `core.permissions.access_project` returns it.
        batch: the batch.
        records: the ids of rows; None for all.
        accept_losses: whether to go on where something cannot come back as it was.

    Raises:
        Forbidden: when the user may not write records.
        NotFound: when they see no such entries, or these were restored already.
        Conflict: with an entry for everything that is in the way; then nothing was done.
    """
    require(user, project, Right.WRITE_RECORDS)
    role = project_role_of(user, project)
    with open_project(project, user.pk, role) as door:
        numbers = trash.versions_of(door, batch)
    then = trash.documents(project, numbers)
    now = _active(project, then)
    try:
        with open_project(project, user.pk, role, LONG_TIMEOUT_MS) as door:
            everything = trash.of_batch(door, batch)
            seen = [entry for entry in everything if records is None or entry.record_id in records]
            if not seen:
                raise NotFound(trash.GONE)
            reached = _reached(door, seen, now)
            become_owner(door, project)
            pool = _chosen(door, user, batch, seen, sees_all=role == "admin")
            if records is not None:
                groups, _ = trash.groups(door, pool, now, then)
                wanted = _with_followers(door, pool, records, groups)
                pool = [entry for entry in pool if entry.id in wanted]
            chosen = trash.locked(door, [entry.id for entry in pool])
            if not chosen:
                raise NotFound(trash.GONE)
            return _put_back(door, chosen, reached, now, then, lossy=accept_losses)
    except DatabaseError as error:
        problem = _refusal(user, project, error)
        if problem is None:
            raise
        raise problem from error


def _active(project: Project, then: Mapping[int, Schema]) -> Schema:
    if project.active_config is None:
        raise NotFound("This project has no tables yet.")
    return then[project.active_config.number]


def _reached(door: Door, seen: Sequence[Entry], now: Schema) -> set[UUID]:
    """Of the rows whose edit is undone those that the user may edit, locked: a policy may have changed since."""
    tables = {table.id: table for table in now}
    edited: dict[str, list[UUID]] = defaultdict(list)
    for entry in seen:
        if entry.kind == "edited" and entry.is_direct and entry.table_id in tables:
            edited[entry.table_id].append(entry.record_id)
    reached: set[UUID] = set()
    for table_id, ids in edited.items():
        with door.connection.cursor() as cursor:
            cursor.execute(sql.text(sql.format(_SEEN, table=sql.identifier(tables[table_id].name))), [ids])
            reached |= {pk for (pk,) in cursor.fetchall()}
    return reached


def _chosen(door: Door, user: User, batch: UUID, seen: Sequence[Entry], *, sees_all: bool) -> list[Entry]:
    """The entries with those that went along unseen: they belong to whoever did it. In the owner's role."""
    doers = {entry.done_by for entry in seen if sees_all or entry.done_by == user.pk}
    along = [entry for doer in doers for entry in trash.rest_of_batch(door, batch, doer)]
    known = {entry.id for entry in along}
    return [*along, *(entry for entry in seen if entry.id not in known)]


def _put_back(
    door: Door,
    chosen: Sequence[Entry],
    reached: Collection[UUID],
    now: Schema,
    then: Mapping[int, Schema],
    *,
    lossy: bool,
) -> Restored:
    found, homeless = trash.groups(door, chosen, now, then)
    obstacles = Finder(door, now, chosen, reached).look(found, homeless)
    obstacles.check(accept_losses=lossy)
    groups = [(i, replace(group, ids=_left(group.ids, obstacles.skipped))) for i, group in enumerate(found)]
    _insert(door, [(i, group) for i, group in groups if group.kind == "deleted"], obstacles)
    for _, group in groups:
        if group.kind == "edited":
            _change_back(door, group)
        elif group.kind == "added":
            _run(door, _UNLINK, [list(group.ids)], table=sql.identifier(group.table.name))
    _run(door, _DONE, [[entry.id for entry in chosen]])
    done = [entry for entry in chosen if entry.id not in obstacles.skipped]
    back = [entry for entry in done if entry.kind == "deleted"]
    edited = sum(entry.kind == "edited" for entry in done)
    rows = sorted((each for each in back if not _is_link(each, now)), key=lambda each: not each.is_direct)
    return Restored(
        rows=tuple(trash.counted(rows, trash.people_names(now))),
        edited=edited,
        count=len(rows) + edited,
        losses=tuple(fault["detail"] for fault in obstacles.losing),
    )


def _insert(door: Door, groups: Sequence[tuple[int, Group]], obstacles: Obstacles) -> None:
    """All rows of all tables in one statement: PostgreSQL checks foreign keys at its end, so circles come back."""
    parts: list[sql.Composable] = []
    values: list[Any] = []
    for index, group in groups:
        placed = [way.now for way in group.ways if way.now]
        emptied = dict(obstacles.emptied.get(index, []))
        parts.append(
            sql.format(
                _INSERT,
                name=sql.identifier(f"back_{index}"),
                table=sql.identifier(group.table.name),
                columns=sql.identifiers(placed),
                values=sql.join(", ", [_kept(name, emptied=name in emptied) for name in placed]),
                source=source(group.ways, "record"),
                unless=sql.SQL(_UNLESS_LINKED) if group.is_links else sql.SQL(""),
            )
        )
        values += [*(emptied[name] for name in placed if name in emptied), list(group.ids)]
    if parts:
        _run(door, "with {parts} select 1", values, parts=sql.join(", ", parts))


def _kept(name: str, *, emptied: bool) -> sql.Composable:
    template: LiteralString = "case when e.id = any(%s) then null else n.{name} end" if emptied else "n.{name}"
    return sql.format(template, name=sql.identifier(name))


def _change_back(door: Door, group: Group) -> None:
    """What an edit changed, and nothing else of the row."""
    placed = [way for way in group.ways if way.now]
    if not placed:
        return
    changes = sql.join(
        ", ",
        [
            sql.format(
                "{name} = case when e.record ? {key} then n.{name} else t.{name} end",
                name=sql.identifier(way.now),
                key=sql.literal(way.then),
            )
            for way in placed
        ],
    )
    parts = {"table": sql.identifier(group.table.name), "changes": changes, "source": source(placed, "record")}
    _run(door, _UPDATE, [list(group.ids)], **parts)


def _with_followers(door: Door, pool: Sequence[Entry], records: Collection[UUID], groups: Sequence[Group]) -> set[UUID]:
    """The entries of single rows, and of what went along with those: rows that pointed to them, at any depth."""
    pointing: dict[UUID, set[UUID]] = defaultdict(set)
    for group in groups:
        for column in group.table.columns:
            way = group.way_to(column.name)
            if column.is_reference and way is not None:
                for entry_id, target in _run(door, _POINTERS, [list(group.ids)], value=typed(way, "record")):
                    pointing[target].add(entry_id)
    entries = {entry.id: entry for entry in pool}
    found = {entry.id for entry in pool if entry.record_id in records}
    waiting = list(found)
    while waiting:
        behind = pointing[entries[waiting.pop()].record_id] - found
        going = {each for each in behind if not entries[each].is_direct}
        found |= going
        waiting += going
    return found


def _run(door: Door, template: LiteralString, values: Sequence[Any], **parts: sql.Composable) -> list[tuple[Any, ...]]:
    with door.connection.cursor() as cursor:
        cursor.execute(sql.text(sql.format(template, **parts)), values)
        return list(cursor.fetchall()) if cursor.description else []


def _left(ids: Iterable[UUID], skipped: Collection[UUID]) -> list[UUID]:
    return [each for each in ids if each not in skipped]


def _is_link(entry: Entry, now: Schema) -> bool:
    return any(table.id == entry.table_id and table.access == JUNCTION_ACCESS for table in now)


def _refusal(user: User, project: Project, error: DatabaseError) -> Conflict | None:
    """What PostgreSQL had against it in the end: somebody may have been faster than our look."""
    name = getattr(getattr(error.__cause__, "diag", None), "table_name", None)
    resource = get_runtime(project).resources.get(name or "")
    refusal = refusal_of(error, resource) if resource else None
    if resource is None or refusal is None:
        return None
    with open_project(project, user.pk, project_role_of(user, project)) as door:
        columns = columns_of(refusal, resource, door)
    told = refusal.to_problem(f"$.{resource.table.name}")
    titles = ", ".join(resource.by_column[name].column.title for name in columns)
    where = f"{resource.table.label_plural}{f' ({titles})' if titles else ''}: "
    return Conflict(f"Nothing was restored. {where}{refusal.detail}", errors=told.errors, code="cannot_restore")
