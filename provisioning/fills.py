"""What defaults have filled: which of a column's values nobody typed, and which of them a rollback takes back.

Beside a column others keep what a version has filled (provisioning/operations/filling.py). A value that still equals
what was filled in its row then is taken for that. A rollback takes back what was filled after the version that it
returns to; anything else leaves it, where only what the archive has in its place is worth more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, LiteralString

from core import sql
from provisioning.scene import Scene
from provisioning.target import filled
from schemas.column_types import column_types
from schemas.document import Column

_SAME: Final[LiteralString] = (
    "to_jsonb({value}) = to_jsonb({kept}) or to_jsonb({value}) #>> '{{}}' = to_jsonb({kept}) #>> '{{}}'"
)


def undone(scene: Scene, table_id: str, column_id: str) -> tuple[int, ...]:
    """The versions whose fills a rollback takes back from a column; none for anything but a rollback."""
    back_to = scene.back_to
    if back_to is None:
        return ()
    return tuple(number for number in fills(scene, table_id, column_id) if number > back_to)


def fills(scene: Scene, table_id: str, column_id: str) -> tuple[int, ...]:
    """The versions that have filled a column."""
    return scene.archive.filled.get((table_id, column_id), ())


def is_filled(column_id: str, numbers: Iterable[int], value: sql.Composable) -> sql.Composable:
    """SQL that is true where a default filled a value that is there now.

    Compared is what the values mean: since it was filled, the column may have got a wider type, or another one, in
    which a number stands as text.

    Args:
        column_id: the column's id.
        numbers: the versions whose fills count, one at least.
        value: SQL of the value.
    """
    kept = (sql.identifier(filled(number, column_id)) for number in numbers)
    same = [sql.format(_SAME, value=value, kept=each) for each in kept]
    return sql.format("coalesce({same}, false)", same=sql.join(" or ", same))


def emptied(scene: Scene, table_id: str, column: Column, value: sql.Composable) -> sql.Composable:
    """SQL of the value that a rollback leaves in a column.

    Args:
        scene: the versions.
        table_id: the table's id.
        column: the column as it will be.
        value: SQL of its value without regard to fills.
    """
    numbers = undone(scene, table_id, column.id)
    if not numbers or not may_be_emptied(column):
        return value
    gone = is_filled(column.id, numbers, value)
    return sql.format("case when not {gone} then {value} end", gone=gone, value=value)


def may_be_emptied(column: Column) -> bool:
    """Whether a column can do without values."""
    return not column.required and not column_types.get(column.type).numbered
