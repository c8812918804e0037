"""A table that the document no longer has: hidden with all its rows, never dropped.

Its foreign keys go, its own and those that point to it: a hidden table must neither block nor follow a deletion. Its
unique constraints and indexes go too, because a table with the same id may come back and needs their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from core import sql
from provisioning import risks, rls
from provisioning.operations.base import Scene, step, steps_of
from provisioning.operations.rename_table import rename_query
from provisioning.parts.derive import parts_of
from provisioning.phases import Phase, Step
from provisioning.target import Target, archived, primary_key
from schemas.changes import DropTable
from schemas.document import Table

_STAY = ("ck_", "member_", "admin_", "owner_")
"""Parts that an archived table keeps: their names are the table's own, and they guard its rows."""


@steps_of.register
def archive_table(change: DropTable, scene: Scene) -> Iterator[Step]:
    """Everything that reaches into other tables or names goes, then the table gets its archive name."""
    table, target = change.table, scene.target
    for part in reversed(parts_of(table, scene.before, target)):
        if not part.name.startswith(_STAY):
            yield part.dropped(change.describe())
    rename_key, rename_table = renames(table, target, scene.number)
    for (query, undo), comment, risk in (
        ((rls.revoke(table, target), rls.grant(table, target)), f"Take away the rights on {table.name}", None),
        (
            (rls.drop_visibility_function(table, target), rls.visibility_function(table, target)),
            f"Stop telling which rows of {table.name} are visible",
            None,
        ),
        (rename_key, f"Free the name of the key of {table.name}", None),
        (rename_table, f"Hide the table {table.name} in the archive", risks.drops_table(table.name)),
    ):
        yield step(Phase.ARCHIVE_TABLES, change, query, comment, undo, risk)


def renames(table: Table, target: Target, number: int) -> Iterator[tuple[str, str]]:
    """The statements that give a table and its primary key their archive names, each with the one that undoes it."""
    key = primary_key(table.id)
    yield (
        _rename_constraint(table, target, key, archived(number, key)),
        _rename_constraint(table, target, archived(number, key), key),
    )
    name = archived(number, table.id)
    yield rename_query(target, table.name, name), rename_query(target, name, table.name)


def _rename_constraint(table: Table, target: Target, old: str, new: str) -> str:
    template: LiteralString = "alter table {table} rename constraint {old} to {new}"
    names = {"old": sql.identifier(old), "new": sql.identifier(new)}
    return sql.text(sql.format(template, table=target.table(table.name), **names))
