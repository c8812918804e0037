"""A column with another name, in two steps: through a name that nobody has, since two columns may swap theirs."""

from __future__ import annotations

from collections.abc import Iterator

from core import sql
from provisioning.conversions import is_replaced
from provisioning.operations.base import step, steps_of
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from provisioning.target import Target
from schemas.changes import RenameColumn


@steps_of.register
def rename_column(change: RenameColumn, scene: Scene) -> Iterator[Step]:
    """Two renames, when tables have their new names. Constraints, indexes and triggers follow by themselves."""
    if is_replaced(scene, change.table_id, change.before, change.after):
        return  # the old column goes to the archive, and the new one has its name from the start
    table = change.table.name
    old, new, target = change.before.name, change.after.name, scene.target
    away = f"_c_{change.before.id}"
    for phase, source, name, comment in (
        (Phase.RENAME_COLUMNS_AWAY, old, away, f"Free the name of the column {old} of {table}"),
        (Phase.RENAME_COLUMNS, away, new, f"Call the column {old} of {table} {new}"),
    ):
        undo = rename_column_query(target, table, name, source)
        yield step(phase, change, rename_column_query(target, table, source, name), comment, undo)


def rename_column_query(target: Target, table: str, old: str, new: str) -> str:
    """The statement that renames a column."""
    template = "alter table {table} rename column {old} to {new}"
    names = {"old": sql.identifier(old), "new": sql.identifier(new)}
    return sql.text(sql.format(template, table=target.table(table), **names))
