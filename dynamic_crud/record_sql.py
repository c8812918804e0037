"""Records as JSON, written by PostgreSQL: the SQL of a record, and what is left to do with what it wrote.

A record is flat: its columns, `id`, `user_id`, `created_at`, `updated_at`. What `expand` names is an object with the
target's own columns and a `label`. PostgreSQL writes all of it but two things, which Python does afterwards where a
table has them: formatted text is sanitised once more, and labels that are no plain text are written as people read
them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, LiteralString

from django.db import models

from core import sql
from core.members import FORMER_MEMBER
from dynamic_crud.links import links_table
from dynamic_crud.listing import Shape
from dynamic_crud.resources import Resource, ResourceField, derived_by
from dynamic_crud.wording import title_reader, title_text
from schemas.column_types import column_types
from schemas.column_types.auto_number import AutoNumberField
from schemas.column_types.rich_text import RichTextType, sanitised
from schemas.document import SYSTEM_COLUMNS, TIMESTAMPS
from schemas.junctions import SOURCE, TARGET

Finish = Callable[[dict[str, Any]], None]
"""Changes a record, read from what PostgreSQL wrote, to what the API shows."""

_TEXTS: Final = (models.CharField, models.TextField, models.UUIDField, AutoNumberField)

_ANSWER: Final[LiteralString] = """
{table}.id, {record}::text, (extract(epoch from {table}.updated_at) * 1000000)::bigint
"""
_FOUND: Final[LiteralString] = "select {answer} from {table} where {table}.id = any({ids})"
_RECORD: Final[LiteralString] = "(select row_to_json(_record) from (select {columns}) as _record)"

_IDS: Final[LiteralString] = """
coalesce((select json_agg(_far.id order by _near.created_at, _far.id) from {links} as _near
join {target} as _far on _far.id = _near.{to} where _near.{of} = {id}), '[]')
"""
_LINKED: Final[LiteralString] = """
coalesce((select json_agg({record} order by _link.created_at, _to.id) from {links} as _link
join {target} as _to on _to.id = _link.{to} where _link.{of} = {id}), '[]')
"""
_RELATED: Final[LiteralString] = """
case when {value} is not null then coalesce(
    (select {record} from {target} as _to where _to.id = {value}),
    json_build_object('id', {value}, 'label', null)) end
"""
_MEMBER: Final[LiteralString] = """
case when {value} is not null then
    json_build_object('id', {value}, 'label', coalesce({members}::jsonb ->> {value}::text, {former})) end
"""
_LABEL: Final[LiteralString] = "coalesce(nullif({title}, ''), {table} || ' ' || left({id}::text, 8))"


@dataclass(frozen=True, slots=True)
class RecordSql:
    """How a record of a table becomes JSON.

    Args:
        json: an SQL expression of the type json, about the row of the table that a query reads by its own name.
        answer: what is selected of a record to answer it: its id, `json`, and when it was changed, in microseconds
            since 1970 began.
        found: the statement that selects the `answer` of some records, in no order. Its parameters are those of
            `json`, and a list of ids.
        members: how many parameters it has: each takes the names of the project's members, by their ids.
        finish: what is left to do; None where PostgreSQL writes all of it.
    """

    json: sql.Composable
    answer: sql.Composable
    found: str
    members: int = 0
    finish: Finish | None = None

    def finished(self, written: str) -> str:
        """The record in JSON, from what PostgreSQL wrote."""
        if self.finish is None:
            return written
        record = json.loads(written)
        self.finish(record)
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


@derived_by
def record_sql(resource: Resource, shape: Shape) -> RecordSql:
    """The SQL of a table's records.

    Args:
        resource: the table.
        shape: how much of a record is answered. What it expands is among its fields, if it names some.
    """
    name, expand = sql.identifier(resource.table.name), frozenset(shape.expand)
    finishers = [*_finishers(resource), *_expanded_finishers(resource, expand)]
    columns = dict(_columns(resource, name, expand))
    record = _record((each, columns[each]) for each in shape.fields or columns)
    answer = sql.format(_ANSWER, record=record, table=name)
    return RecordSql(
        json=record,
        answer=answer,
        found=sql.statement(sql.format(_FOUND, answer=answer, table=name, ids=sql.PARAMETER)),
        members=sum(item.column.name in expand for item in resource.member_fields),
        finish=partial(_apply, finishers) if finishers else None,
    )


def _record(columns: Iterable[tuple[str, sql.Composable]]) -> sql.Composable:
    parts = [sql.format("{value} as {name}", value=value, name=sql.identifier(name)) for name, value in columns]
    return sql.format(_RECORD, columns=sql.join(", ", parts))


def _columns(
    resource: Resource, row: sql.Composable, expand: frozenset[str] = frozenset()
) -> Iterator[tuple[str, sql.Composable]]:
    """The columns of a record in the order of the API, each with its SQL."""
    moments = {column.name: column for column in TIMESTAMPS}
    first, *last = SYSTEM_COLUMNS
    yield first, _of(row, first)
    for item in resource.fields:
        name = item.column.name
        yield name, _expanded(resource, item, row) if name in expand else _plain(item, row)
    for name in last:
        column = moments.get(name)
        yield name, column_types.get(column.type).json_sql(column, _of(row, name)) if column else _of(row, name)


def _of(row: sql.Composable, column: str) -> sql.Composable:
    return sql.format("{row}.{column}", row=row, column=sql.identifier(column))


def _plain(item: ResourceField, row: sql.Composable) -> sql.Composable:
    if item.column.is_stored:
        return item.type.json_sql(item.column, _of(row, item.column.name))
    return sql.format(_IDS, **_link_parts(item, row))


def _link_parts(item: ResourceField, row: sql.Composable) -> dict[str, sql.Composable]:
    return {
        "links": sql.identifier(links_table(item)),
        "target": sql.identifier(item.column.config["to_table"]),
        "of": sql.identifier(SOURCE),
        "to": sql.identifier(TARGET),
        "id": _of(row, "id"),
    }


def _expanded(resource: Resource, item: ResourceField, row: sql.Composable) -> sql.Composable:
    value = _of(row, item.column.name)
    if not item.column.is_relation:
        return sql.format(_MEMBER, value=value, members=sql.PARAMETER, former=sql.literal(FORMER_MEMBER))
    target, there = resource.target(item), sql.SQL("_to")
    record = _record([*_columns(target, there), ("label", _label(target, there))])
    if not item.column.is_stored:
        return sql.format(_LINKED, record=record, **_link_parts(item, row))
    return sql.format(_RELATED, value=value, record=record, target=sql.identifier(target.table.name))


def _label(target: Resource, row: sql.Composable) -> sql.Composable:
    """What a record is called; where that takes Python, the value that it is called by."""
    title = target.title_field
    value = _plain(title, row) if title else sql.literal(None)
    if title and not _is_plain(title):
        return value
    return sql.format(_LABEL, title=value, table=sql.literal(target.table.label), id=_of(row, "id"))


def _is_plain(title: ResourceField) -> bool:
    """Whether records are called by a text as it is."""
    return isinstance(title.model_field, _TEXTS) and title_reader(title.column) is title_text


def _apply(finishers: Iterable[Finish], record: dict[str, Any]) -> None:
    for finish in finishers:
        finish(record)


def _finishers(resource: Resource) -> Iterator[Finish]:
    """What is left to do with a record's own columns."""
    for item in resource.fields:
        if isinstance(item.type, RichTextType):
            yield partial(_sanitise, item.column.name)


def _expanded_finishers(resource: Resource, expand: frozenset[str]) -> Iterator[Finish]:
    """What is left to do with what a record points to."""
    for item in resource.expandable:
        if item.column.name not in expand or not item.column.is_relation:
            continue
        target = resource.target(item)
        within = list(_finishers(target))
        if target.title_field and not _is_plain(target.title_field):
            within.append(partial(_name, target))
        if within:
            yield partial(_go_into, item.column.name, within)


def _sanitise(column: str, record: dict[str, Any]) -> None:
    if record.get(column):
        record[column] = sanitised(record[column])


def _name(target: Resource, record: dict[str, Any]) -> None:
    """Writes the label of an expanded record as people read it."""
    title, data = target.title_field, record["label"]
    if title is None or len(record) == 2:  # a record that a policy hides has an id and no label
        return
    value = None if data is None else title.model_field.to_python(data)
    text = "" if value is None else title_reader(title.column)(value)
    record["label"] = text or f"{target.table.label} {record['id'][:8]}"


def _go_into(column: str, finishers: Iterable[Finish], record: dict[str, Any]) -> None:
    found = record[column]
    for each in found if isinstance(found, list) else [found] if found else []:
        _apply(finishers, each)
