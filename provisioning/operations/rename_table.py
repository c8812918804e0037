"""A table with another name, in two steps: through a name that nobody has, since two tables may swap theirs."""

from __future__ import annotations

from collections.abc import Iterator

from core import sql
from provisioning.operations.base import step, steps_of
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from provisioning.target import Target
from schemas.changes import RenameTable


@steps_of.register
def rename_table(change: RenameTable, scene: Scene) -> Iterator[Step]:
    """Two renames. Whatever points to the table follows by itself."""
    old, new, target = change.before.name, change.after.name, scene.target
    away = f"_t_{change.before.id}"
    for phase, source, name, comment in (
        (Phase.RENAME_TABLES_AWAY, old, away, f"Free the name of the table {old}"),
        (Phase.RENAME_TABLES, away, new, f"Call the table {old} {new}"),
    ):
        yield step(phase, change, rename_query(target, source, name), comment, rename_query(target, name, source))


def rename_query(target: Target, old: str, new: str) -> str:
    """The statement that renames a table."""
    return sql.text(
        sql.format("alter table {table} rename to {name}", table=target.table(old), name=sql.identifier(new))
    )
