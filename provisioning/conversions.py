"""Columns whose values become others: the old column goes to the archive, and a new one is filled from it.

Nothing is lost by a conversion that loses something: a later version that has the old type again gets the old column
back, and of the values that were changed meanwhile the new ones.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final

from core import sql
from provisioning.archive import ArchivedColumn
from provisioning.fills import fills, is_filled, undone
from provisioning.scene import Scene
from provisioning.widening import is_widening
from schemas.column_types import Conversion, column_types, conversion
from schemas.column_types.conversions import checked, trimmed
from schemas.document import Column

_STEP: Final = "step_value"


def is_conversion(before: Column, after: Column) -> bool:
    """Whether a column needs new storage: not where PostgreSQL can keep every value in its place."""
    old, new = column_types.get(before.type), column_types.get(after.type)
    if old.numbered != new.numbered:
        return True
    if before.is_relation and after.is_relation:
        return False
    if old.sql_type(before) != new.sql_type(after):
        return not is_widening(old.sql_type(before), new.sql_type(after))
    return old is not new and not _keeps_its_place(before, after)


def _keeps_its_place(before: Column, after: Column) -> bool:
    """Whether every value stays what it is, and would be again on the way back, where that is a check at most."""
    name = sql.identifier(before.name)
    forth, back = conversion(before, after), conversion(replace(after, name=before.name), before)
    if forth is None or back is None or sql.text(forth.value) != sql.text(name):
        return False
    checks = list(column_types.get(before.type).checks(before))
    ways = (name, *(checked(value, before.name, checks) for value in (name, trimmed(name))))
    return sql.text(back.value) in map(sql.text, ways)


def is_replaced(scene: Scene, table_id: str, before: Column, after: Column) -> bool:
    """Whether a column makes room for another one: a new one, or the one of the archive that it was converted from.

    What PostgreSQL could keep in its place is replaced too where values got lost on the way there: they come back.
    """
    return is_conversion(before, after) or earlier(scene, table_id, before, after) is not None


def earlier(scene: Scene, table_id: str, before: Column, after: Column) -> ArchivedColumn | None:
    """The column of the archive that had these values before they were converted, if it has the type again."""
    if _alike(before, after):
        return None
    returning = scene.returned(table_id, after.id)
    found = (each for each in scene.archive.generations.get((table_id, after.id), ()) if each != returning)
    return next((each for each in found if _alike(each.column, after)), None)


def converted(before: Column, after: Column, name: str) -> Conversion | None:
    """How values become others, where the old column is called `name`; None where there is no way."""
    return conversion(replace(before, name=name), after)


def supports(scene: Scene, table_id: str, before: Column, after: Column) -> bool:
    """Whether anybody knows what becomes of the values. On the way back they may stay in the archive."""
    known = conversion(before, after) is not None or earlier(scene, table_id, before, after) is not None
    return scene.is_rollback or known


def value_after(scene: Scene, table_id: str, before: Column, after: Column, name: str, old: str) -> sql.Composable:
    """SQL of the value that a row gets.

    Args:
        scene: the versions.
        table_id: the table's id.
        before: the column that is replaced.
        after: the column as it will be.
        name: what the column that is replaced is called in the statement.
        old: what the one of the archive is called, where that comes back.
    """
    value = counterpart(scene, table_id, before, after, name) or sql.SQL("null")
    found = earlier(scene, table_id, before, after)
    if found is None:
        return value
    unchanged = unchanged_since(scene, table_id, before, after, name, old)
    return sql.format(
        "case when {unchanged} then {old} else {value} end", unchanged=unchanged, old=sql.identifier(old), value=value
    )


def counterpart(scene: Scene, table_id: str, before: Column, after: Column, name: str) -> sql.Composable | None:
    """SQL of what becomes of a value that the archive has nothing for; None where nothing does.

    Args:
        scene: the versions.
        table_id: the table's id.
        before: the column that is replaced.
        after: the column as it will be.
        name: what `before` is called in the statement.
    """
    there, numbers = converted(before, after, name), undone(scene, table_id, before.id)
    if there is None or not numbers:
        return None if there is None else there.value
    gone = is_filled(before.id, numbers, sql.identifier(name))
    return sql.format("case when not {gone} then {value} end", gone=gone, value=there.value)


def unchanged_since(scene: Scene, table_id: str, before: Column, after: Column, name: str, old: str) -> sql.Composable:
    """SQL that is true where a value was not changed after its conversion, so that the one of the archive holds.

    One that breaks limits which the column did not have then does not: it stays in the archive.

    Args:
        scene: the versions; its archive has an earlier column.
        table_id: the table's id.
        before: the column that the values were converted to.
        after: the column as it will be.
        name: what `before` is called in the statement.
        old: what the column of the archive is called there.
    """
    found = earlier(scene, table_id, before, after)
    if found is None or column_types.get(found.column.type).numbered:
        return sql.SQL("true")  # PostgreSQL alone gives numbers: nobody can have changed one
    there = replace(found.column, name=old)
    unchanged, fitting = _unchanged(scene, table_id, found, there, before, after, name), conversion(there, after)
    if fitting is None or not fitting.loss:
        return unchanged
    names = {"old": sql.identifier(old), "fitting": fitting.value, "unchanged": unchanged}
    return sql.format("({unchanged} and {old} is not distinct from {fitting})", **names)


def _unchanged(
    scene: Scene, table_id: str, found: ArchivedColumn, there: Column, before: Column, after: Column, name: str
) -> sql.Composable:
    now, forth = sql.identifier(name), conversion(there, before)
    if forth is None and conversion(before, after) is None:  # not converted, but removed and made anew
        return sql.SQL("true")
    then = sql.SQL("null") if forth is None else forth.value
    ways: list[sql.Composable] = [sql.format("{now} is not distinct from {then}", now=now, then=then)]
    way, lost = _way(scene, table_id, found, before), sql.format("{then} is null", then=then)
    if forth is not None and len(way) > 2:
        by_steps = _by_steps(way, there.name) or sql.SQL("null")
        # An empty value proves no way with stops: too many values become empty at one of them.
        ways.append(sql.format("coalesce({now} = {then}, false)", now=now, then=by_steps))
        lost = sql.format("({lost} or {then} is null)", lost=lost, then=by_steps)
    if (filled := _filled_since(scene, table_id, before, there, now)) is not None:
        ways.append(sql.format("({lost} and {filled})", lost=lost, filled=filled))
    return ways[0] if len(ways) == 1 else sql.format("({ways})", ways=sql.join(" or ", ways))


def _filled_since(
    scene: Scene, table_id: str, before: Column, there: Column, now: sql.Composable
) -> sql.Composable | None:
    """SQL that is true where a default filled what became of a value, so that nobody has changed it.

    An empty one comes back only by rolling back: else what was filled stays.
    """
    numbers = (undone if scene.is_rollback else fills)(scene, table_id, before.id)
    if not numbers:
        return None
    filled = is_filled(before.id, numbers, now)
    if scene.is_rollback:
        return filled
    return sql.format("{old} is not null and {filled}", old=sql.identifier(there.name), filled=filled)


def _way(scene: Scene, table_id: str, found: ArchivedColumn, before: Column) -> list[Column]:
    """The columns from an archived one to the one that is there, as the archive has kept them."""
    kept = scene.archive.generations.get((table_id, found.column.id), ())
    since = sorted((each for each in kept if each.number > found.number), key=lambda each: each.number)
    stops = [each.column for each in since if not _alike(each.column, before)]
    return [found.column, *stops, before]


def _by_steps(way: list[Column], old: str) -> sql.Composable | None:
    """SQL of what an archived value became on its way; None where a step is not known."""
    value: sql.Composable = sql.identifier(old)
    for source, target in pairwise(way):
        step = conversion(replace(source, name=_STEP), target)
        if step is None:
            return None
        names = {"name": sql.identifier(_STEP), "then": step.value, "value": value}
        value = sql.format("(select {then} from (select {value} as {name}) as one_step)", **names)
    return value


def _alike(one: Column, other: Column) -> bool:
    """Whether two columns store the same."""
    kind = column_types.get(one.type)
    return one.type == other.type and kind.sql_type(one) == kind.sql_type(other)
