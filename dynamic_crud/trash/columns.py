"""Where the values of an entry go: from the columns that its table had then to those that it has now."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from core import sql
from schemas.column_types import column_types, conversion
from schemas.document import SYSTEM_COLUMNS, Column, Table

_ARCHIVED: Final = re.compile(r"_x_(\d+)_(.+)\Z")
"""How the archive names a column that the version of that number hid: after its id."""

_SYSTEM_TYPES: Final[dict[str, str]] = {
    "id": "uuid",
    "user_id": "uuid",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
_CATALOG_NAMES: Final = {"timestamptz": "timestamp with time zone", "time": "time without time zone"}
_TEXT: LiteralString = "(e.{field} ->> {key})::{type}"
_LIST: LiteralString = (
    "(select array_agg(v.value order by v.ordinality) from jsonb_array_elements_text("
    "case jsonb_typeof(e.{field} -> {key}) when 'array' then e.{field} -> {key} end) with ordinality v)::{type}"
)
_NO_LIST: LiteralString = "case jsonb_typeof(e.{field} -> {key}) when 'array' then coalesce({list}, '{{}}') end"
_JSON: LiteralString = "nullif(e.{field} -> {key}, 'null'::jsonb)"


@dataclass(frozen=True, slots=True)
class Way:
    """How the value of one column comes back.

    Args:
        then: what its column was called, which is the key of the value.
        type: the PostgreSQL type that it had.
        now: what the column is called that gets it; empty where no column has a place for it.
        value: SQL of what that column gets, in terms of the old column; None for the value as it is.
        keeps: SQL that is true where nothing gets lost on the way; None where nothing can.
        title: what people call the column.
    """

    then: str
    type: str
    now: str
    value: sql.Composable | None = None
    keeps: sql.Composable | None = None
    title: str = ""


def ways(then: Table, now: Table, keys: Collection[str], physical: Mapping[str, str]) -> tuple[Way, ...]:
    """How the values of a table's entries come back.

    Args:
        then: the table in stored form, in the version of the entries.
        now: the table in stored form as it is.
        keys: the names of all values that the entries have.
        physical: the columns that the table has in PostgreSQL with their types, those of the archive too.
    """
    found = [Way(name, _SYSTEM_TYPES[name], name) for name in SYSTEM_COLUMNS if name in keys]
    current = {column.id: column for column in now.columns}
    found += [_way(column, current.get(column.id), physical) for column in then.columns if column.name in keys]
    taken = {way.now for way in found}
    for name in sorted(set(keys) - {way.then for way in found}):
        place = _returned(name, current) if name not in physical else name
        if place in physical and place not in taken:
            found.append(Way(name, physical[place], place))
            taken.add(place)
    return tuple(found)


def source(found: Sequence[Way], field: LiteralString) -> sql.Composable:
    """SQL of a subquery with the values of an entry `e` as today's columns have them, under today's names.

    Args:
        found: what `ways` says.
        field: the column of the trash that has the values.
    """
    placed = [way for way in found if way.now]
    old = sql.join(", ", [_aliased(typed(way, field), way.then) for way in placed])
    new = sql.join(", ", [_aliased(way.value or sql.identifier(way.then), way.now) for way in placed])
    return sql.format("(select {new} from (select {old}) old)", new=new, old=old)


def typed(way: Way, field: LiteralString) -> sql.Composable:
    """SQL of an entry's value with the type that its column had."""
    parts = {"field": sql.identifier(field), "key": sql.literal(way.then)}
    if way.type == "jsonb":
        return sql.format(_JSON, **parts)
    if way.type.endswith("[]"):
        return sql.format(_NO_LIST, list=sql.format(_LIST, type=sql.type_name(way.type), **parts), **parts)
    return sql.format(_TEXT, type=sql.type_name(way.type), **parts)


def losses(found: Sequence[Way], field: LiteralString) -> Iterator[tuple[Way, sql.Composable]]:
    """The ways on which something may get lost, each with the SQL condition for an entry `e` that loses it."""
    for way in found:
        if way.now and way.keeps is None:
            continue
        keeps = way.keeps if way.now and way.keeps is not None else sql.SQL("false")
        yield (
            way,
            sql.format(
                "exists (select from (select {old}) old where {name} is not null and ({keeps}) is not true)",
                old=_aliased(typed(way, field), way.then),
                name=sql.identifier(way.then),
                keeps=keeps,
            ),
        )


def _way(before: Column, after: Column | None, physical: Mapping[str, str]) -> Way:
    kind = column_types.get(before.type).sql_type(before)
    if after is not None:
        made = conversion(before, after)
        if made is not None:
            return Way(before.name, kind, after.name, made.value, made.keeps, before.title)
    hidden = [name for name in physical if (match := _ARCHIVED.match(name)) and match[2] == before.id]
    last = max(hidden, key=lambda name: int(name.split("_")[2]), default="")
    fits = physical.get(last) == _CATALOG_NAMES.get(kind, kind)
    return Way(before.name, kind, last if fits else "", title=before.title)


def _returned(name: str, current: Mapping[str, Column]) -> str:
    """The column that came back from the archive since, where the value was in the archive then."""
    match = _ARCHIVED.match(name)
    column = current.get(match[2]) if match else None
    return column.name if column else ""


def _aliased(value: sql.Composable, name: str) -> sql.Composable:
    return sql.format("{value} as {name}", value=value, name=sql.identifier(name))
