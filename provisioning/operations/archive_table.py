"""A table that the document no longer has: hidden with all its rows, never dropped.

Its foreign keys go, its own and those that point to it: a hidden table must neither block nor follow a deletion. So do
the rights on it. Its unique constraints and indexes go too, because a table with the same id may come back and needs
their names.
"""

from __future__ import annotations

from collections.abc import Iterator

from provisioning import affected, risks, rls
from provisioning.operations.base import step, steps_of
from provisioning.operations.numbers import archive_sequence_queries, is_numbered, rename_constraint
from provisioning.operations.rename_table import rename_query
from provisioning.parts.base import Part
from provisioning.parts.derive import parts_of
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from provisioning.target import Target, archived, primary_key
from schemas.changes import DropTable
from schemas.document import Table

_STAY = ("ck_", "member_", "admin_", "owner_")


@steps_of.register
def archive_table(change: DropTable, scene: Scene) -> Iterator[Step]:
    """Everything that reaches into other tables or names goes, then the table gets its archive name."""
    table, target = change.table, scene.target
    for part in reversed(parts_of(table, scene.before, target)):
        if not stays(part):
            yield part.dropped(change.describe())
    query, undo = rls.drop_visibility_function(table, target), rls.visibility_function(table, target)
    comment = f"Stop telling which rows of {table.name} are visible"
    yield step(Phase.ARCHIVE_TABLES, change, query, comment, undo)
    *names, (rename, undo_rename, hidden) = renames(table, target, scene.number)
    for query, undo, comment in names:
        yield step(Phase.ARCHIVE_TABLES, change, query, comment, undo)
    risk = risks.drops_table(table.name, affected.all_rows(scene, table))
    yield step(Phase.ARCHIVE_TABLES, change, rename, hidden, undo_rename, risk)


def stays(part: Part) -> bool:
    """Whether an archived table keeps the part: its name is the table's own, and it guards the rows."""
    return part.name.startswith(_STAY)


def renames(table: Table, target: Target, number: int) -> Iterator[tuple[str, str, str]]:
    """The statements that give a table, its primary key and its sequences their archive names.

    Each comes with the one that undoes it and what it does; the table is last.
    """
    key = primary_key(table.id)
    yield (
        rename_constraint(table, target, key, archived(number, key)),
        rename_constraint(table, target, archived(number, key), key),
        f"Free the name of the key of {table.name}",
    )
    for column in table.columns:
        if is_numbered(column):
            comment = f"Free the name of the numbering of {table.name}.{column.name}"
            yield *archive_sequence_queries(table, column, target, number), comment
    name = archived(number, table.id)
    query, undo = rename_query(target, table.name, name), rename_query(target, name, table.name)
    yield query, undo, f"Hide the table {table.name} in the archive"
