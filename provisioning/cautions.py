"""What to know of a plan as a whole: not what one statement may cost, but what holds while the plan runs, and after."""

from __future__ import annotations

from collections.abc import Iterator, Set

from provisioning import risks
from provisioning.conversions import is_replaced
from provisioning.fills import undone
from provisioning.operations.numbers import is_numbered
from provisioning.risks import Risk
from provisioning.scene import Scene
from schemas.column_types import column_types
from schemas.document import Column, Table
from schemas.junctions import JUNCTION_ACCESS


def cautions(scene: Scene, large: Set[str]) -> tuple[Risk, ...]:
    """What holds for the tables that are there before and after a plan.

    Args:
        scene: the versions.
        large: the ids of the large tables.
    """
    return tuple(risk for table in scene.after if scene.table_before(table.id) for risk in _about(table, scene, large))


def _about(table: Table, scene: Scene, large: Set[str]) -> Iterator[Risk]:
    for column in table.columns:
        before = scene.column_before(table.id, column.id)
        if table.access != JUNCTION_ACCESS and _cascades(column) and (before is None or not _cascades(before)):
            yield risks.cascades(table.name, column.name, column.config["to_table"])
        if table.id in large and _changes_all_rows(table, before, column, scene):
            yield risks.long_lock(table.name, column.name)


def _cascades(column: Column) -> bool:
    return column.is_reference and column_types.get(column.type).setting(column, "on_delete") == "cascade"


def _changes_all_rows(table: Table, before: Column | None, after: Column, scene: Scene) -> bool:
    """Whether the plan writes the column's value into the rows that are there."""
    if before is None:
        return is_numbered(after)
    is_filled = after.required and not before.required and after.default is not None
    return is_filled or is_replaced(scene, table.id, before, after) or bool(undone(scene, table.id, after.id))
