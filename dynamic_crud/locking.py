"""Records that nobody else can change until the door closes. Several are locked in the order of their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString
from uuid import UUID

from core import sql
from core.errors import Conflict, NotFound
from core.pipelines import Question
from core.tenancy import Door
from dynamic_crud.factory import DynamicRow
from dynamic_crud.listing import ListQuery
from dynamic_crud.querysets import Rows, all_rows, find_rows
from dynamic_crud.resources import Resource

_DELETE: Final[LiteralString] = "delete from {table} where id = any(%s)"


def missing(resource: Resource) -> NotFound:
    """What is said of a record that the door does not show: it is not there, or it is somebody else's."""
    return NotFound(f"There is no such {resource.table.label.lower()}.")


def lock_one(resource: Resource, door: Door, record_id: UUID) -> DynamicRow:
    """Locks one record; raises `NotFound`."""
    row = all_rows(resource, door.alias).select_for_update().filter(pk=record_id).first()
    if row is None:
        raise missing(resource)
    return row


def lock_many(resource: Resource, door: Door, ids: Sequence[UUID], paths: Sequence[str]) -> dict[UUID, DynamicRow]:
    """Locks records and returns them by id.

    Args:
        resource: their table.
        door: the open door.
        ids: the records' ids, each once.
        paths: the JSON path of each id, for errors.

    Raises:
        NotFound: with an entry for every id that is not there.
    """
    found = _locked(all_rows(resource, door.alias).filter(pk__in=ids))
    lost = [path for pk, path in zip(ids, paths, strict=True) if pk not in found]
    if lost:
        detail, fix = missing(resource).detail, "Leave it out, or use the id of a record that is there."
        faults = [{"code": "not_found", "path": path, "detail": detail, "fix": fix} for path in lost]
        raise NotFound(f"{len(lost)} of {len(ids)} records are not there, so nothing was changed.", errors=faults)
    return found


def lock_matching(resource: Resource, door: Door, query: ListQuery, expected: int) -> dict[UUID, DynamicRow]:
    """Locks all records that a question finds and returns them by id.

    Args:
        resource: their table.
        door: the open door.
        query: search and filters.
        expected: how many records whoever asks has seen.

    Raises:
        Conflict: when there are more or fewer; `count` says how many.
        BadRequest: for filters that cannot be read.
    """
    rows = find_rows(resource, door.alias, query)
    found = _locked(rows) if rows.order_by()[: expected + 1].count() <= expected else {}
    if len(found) != expected:
        fix = "Look at the list again, and send the number that it shows as `expected`."
        raise count_changed(len(found) or rows.count(), expected, [{"path": "query.expected", "fix": fix}])
    return found


def lock_ids(rows: Rows) -> list[UUID]:
    """Locks rows, any number of them, and returns their ids."""
    return list(_in_turn(rows).values_list("pk", flat=True))


def count_changed(count: int, expected: int, places: Sequence[Mapping[str, str]] = ()) -> Conflict:
    """What is said when records are not as many as whoever chose them has seen.

    Args:
        count: how many there are now.
        expected: how many were seen.
        places: where a program said how many it expects, each as `path` and `fix`.
    """
    detail = f"{count:,} records match where {expected:,} were expected, so nothing was changed. Look at them again."
    faults = [{"code": "count_changed", "detail": detail, **place} for place in places]
    return Conflict(detail, code="count_changed", errors=faults, members={"count": count})


def _locked(rows: Rows) -> dict[UUID, DynamicRow]:
    return {row.pk: row for row in _in_turn(rows)}


def _in_turn(rows: Rows) -> Rows:
    """The rows to be locked in an order that keeps two who lock the same ones from waiting for each other."""
    return rows.order_by("pk").select_for_update()


def remove(resource: Resource, door: Door, ids: Sequence[UUID]) -> None:
    """Deletes locked records, and with them what PostgreSQL's foreign keys say."""
    text = sql.text(sql.format(_DELETE, table=sql.identifier(resource.table.name)))
    door.ask(Question(text, [list(ids)]))
