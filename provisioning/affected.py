"""Which rows a change concerns: for every risk a query over what is there now, that finds them before anything runs.

The queries use the names that tables and columns have before the change, also of those that still are in the archive.
Each answers the ids and titles of the rows and nothing else; empty text means that there can be none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core import sql
from provisioning.conversions import converted, earlier, is_replaced, unchanged_since, value_after
from provisioning.fills import emptied
from provisioning.parts.base import Part
from provisioning.scene import Scene
from provisioning.target import archived
from schemas.column_types import column_types
from schemas.document import Column, Table


def all_rows(scene: Scene, table: Table) -> str:
    """Every row of a table."""
    return _rows(scene, table)


def filled(scene: Scene, table: Table, column: Column) -> str:
    """The rows that have a value in a column."""
    return _rows(scene, table, sql.format("{value} is not null", value=_now(scene, table, column)))


def without_value(scene: Scene, table: Table, after: Column) -> str:
    """The rows that will have no value in a column that is required then."""
    return _rows(scene, table, sql.format("{value} is null", value=_later(scene, table, after)))


def repeated(scene: Scene, table: Table, columns: Sequence[Column | str]) -> str:
    """The rows whose values in some columns other rows have too.

    Args:
        scene: the versions.
        table: the table.
        columns: the columns as they will be; a system column by its name.
    """
    values = [sql.identifier(item) if isinstance(item, str) else _linked(scene, table, item) for item in columns]
    named = sql.join(", ", [sql.format("{value} as {name}", value=v, name=_place(i)) for i, v in enumerate(values)])
    places = sql.join(", ", [_place(i) for i in range(len(values))])
    present = sql.join(" and ", [sql.format("{name} is not null", name=_place(i)) for i in range(len(values))])
    source = _source(scene, table)
    if source is None:
        return ""
    return sql.text(
        sql.format(
            "select id, title from (select id, title, count(*) over (partition by {places}) as times from "
            "(select id, {title} as title, {named} from {source}) as given where {present}) as counted where times > 1",
            title=_title(scene, table),
            places=places,
            named=named,
            source=source,
            present=present,
        )
    )


def outside(scene: Scene, table: Table, after: Column) -> str:
    """The rows whose values break the limits that a column will have. A converted value breaks none."""
    before = scene.column_before(table.id, after.id)
    if before is None or is_replaced(scene, table.id, before, after):
        return ""
    name = _name_now(scene, table, before)
    conditions = [
        sql.format("({condition})", condition=each)
        for each in column_types.get(after.type).checks(replace(after, name=name))
    ]
    if not conditions:
        return ""
    there = sql.format("{value} is not null", value=emptied(scene, table.id, after, sql.identifier(name)))
    broken = sql.format("not ({conditions}) and {there}", conditions=sql.join(" and ", conditions), there=there)
    return _rows(scene, table, broken)


def orphans(scene: Scene, table: Table, after: Column, other: Table) -> str:
    """The rows that would link to a row that is not there."""
    value = _later(scene, table, after)
    there = _source(scene, other)
    if there is None:
        return _rows(scene, table, sql.format("{value} is not null", value=value))
    return _rows(
        scene,
        table,
        sql.format(
            "{value} is not null and {value} not in (select linked.id from {there} as linked)", value=value, there=there
        ),
    )


def comes_back(scene: Scene, table: Table, column: Column) -> bool:
    """Whether a column holds values of the archive: with its table, alone, or in the place of another type."""
    before = scene.column_before(table.id, column.id)
    was_converted = before is not None and earlier(scene, table.id, before, column) is not None
    return was_converted or scene.is_returning(table.id) or scene.is_returning(table.id, column.id)


def unconvertible(scene: Scene, table: Table, before: Column, after: Column) -> str:
    """The rows whose value loses something when its column gets another type."""
    name, there = _name_now(scene, table, before), converted(before, after, _name_now(scene, table, before))
    lost: sql.Composable = sql.SQL("true")
    if there is not None and there.keeps is not None:
        lost = sql.format("not coalesce({keeps}, false)", keeps=there.keeps)
    elif there is not None and not there.loss:
        return ""
    if (old := _earlier_name(scene, table, before, after)) is not None:
        unchanged = unchanged_since(scene, table.id, before, after, name, old)
        lost = sql.format("not ({unchanged}) and {lost}", unchanged=unchanged, lost=lost)
    return _rows(scene, table, sql.format("{name} is not null and {lost}", name=sql.identifier(name), lost=lost))


def _earlier_name(scene: Scene, table: Table, before: Column, after: Column) -> str | None:
    """What the column of the archive that comes back in the place of another is called now."""
    found = earlier(scene, table.id, before, after)
    return archived(found.number, after.id) if found else None


def _rows(scene: Scene, table: Table, condition: sql.Composable | None = None) -> str:
    source = _source(scene, table)
    if source is None:
        return ""
    where = sql.SQL("true") if condition is None else condition
    names = {"title": _title(scene, table), "source": source, "where": where}
    return sql.text(sql.format("select id, {title} as title from {source} where {where}", **names))


def _title(scene: Scene, table: Table) -> sql.Composable:
    """SQL of the text that tells people which row it is; null where no column does."""
    before = scene.table_before(table.id)
    title = before.title_column if before else None
    return sql.SQL("null::text") if title is None else sql.format("{name}::text", name=_now(scene, table, title))


def _source(scene: Scene, table: Table) -> sql.Composable | None:
    """A table as it is called now; None for a new one."""
    before = scene.table_before(table.id)
    if before is None:
        return None
    name = before.name
    if scene.is_returning(table.id):
        name = archived(scene.archive.tables[table.id].number, table.id)
    return scene.target.table(name)


def _name_now(scene: Scene, table: Table, before: Column) -> str:
    """What a column is called now."""
    if scene.is_returning(table.id, before.id):
        return archived(scene.archive.columns[table.id, before.id].number, before.id)
    return before.name


def _now(scene: Scene, table: Table, before: Column) -> sql.Composable:
    return sql.identifier(_name_now(scene, table, before))


def _later(scene: Scene, table: Table, after: Column) -> sql.Composable:
    """SQL of the value that a row will have in a column. A default fills a new one, and what is empty and required."""
    before = scene.column_before(table.id, after.id)
    default = column_types.get(after.type).default_sql(after)
    if before is None:
        return sql.SQL("null") if default is None else default
    value: sql.Composable = sql.identifier(_name_now(scene, table, before))
    if is_replaced(scene, table.id, before, after):
        earlier_name = _earlier_name(scene, table, before, after) or ""
        value = value_after(scene, table.id, before, after, _name_now(scene, table, before), earlier_name)
    value = emptied(scene, table.id, after, value)
    if default is None or not after.required:
        return value
    return sql.format("coalesce({value}, {default})", value=value, default=default)


def _linked(scene: Scene, table: Table, after: Column) -> sql.Composable:
    """The same, but for links to rows that are gone where such links are emptied first."""
    value = _later(scene, table, after)
    if not after.is_relation or after.required or not comes_back(scene, table, after):
        return value
    there = _source(scene, scene.after.table(after.config["to_table"]))
    if there is None:
        return sql.SQL("null")
    return sql.format(
        "case when {value} in (select linked.id from {there} as linked) then {value} end", value=value, there=there
    )


def _place(i: int) -> sql.Composable:
    return sql.identifier(f"value_{i}")


def of_part(part: Part, table: Table, scene: Scene) -> str | None:
    """The rows that break a part of a table; None for a part that no row can break."""
    if any(_is_empty(each, table, scene) for each in _columns(table, part)):
        return ""
    if part.name.startswith("ck_"):
        return outside(scene, table, _columns(table, part)[0])
    if part.name.startswith("uq_"):
        return repeated(scene, table, _columns(table, part))
    if part.name.startswith("fk_"):
        (column,) = _columns(table, part)
        return orphans(scene, table, column, scene.after.table(column.config["to_table"]))
    return None


def _is_empty(column: Column | str, table: Table, scene: Scene) -> bool:
    """Whether a column is new and no row has a value in it, or PostgreSQL gives each its own."""
    if isinstance(column, str) or scene.column_before(table.id, column.id) is not None:
        return False
    return column.default is None


def _columns(table: Table, part: Part) -> list[Any]:
    """A part's columns; a system column by its name."""
    by_id = {column.id: column for column in table.columns}
    return [by_id.get(each, each) for each in part.column_ids]
