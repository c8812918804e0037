"""A new table: its columns, and all that makes it safe to use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import LiteralString

from core import sql
from provisioning import rls
from provisioning.operations.archive_table import renames, stays
from provisioning.operations.base import column_definition, not_null_clause, script, step, steps_of
from provisioning.parts.base import Part
from provisioning.parts.derive import parts_of
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from provisioning.target import TOUCH, Target, primary_key
from schemas.changes import AddTable
from schemas.document import Table

_SYSTEM_COLUMNS = {
    "id": sql.SQL("uuid default gen_random_uuid()"),
    "user_id": sql.SQL("uuid default auth.uid()"),
    "created_at": sql.SQL("timestamptz default now()"),
    "updated_at": sql.SQL("timestamptz default now()"),
}


@steps_of.register
def create_table(change: AddTable, scene: Scene) -> Iterator[Step]:
    """The table with its indexes, policies, rights and triggers; its relations later, when their targets exist."""
    table, target, name = change.table, scene.target, change.table.name
    parts = parts_of(table, scene.after, target)
    taken = (part.drop for part in parts if part.clause is not None and not stays(part))
    undo = script(*taken, *(query for query, _, _ in renames(table, target, scene.number)))
    yield step(Phase.CREATE_TABLES, change, _create(table, target, parts), f"Create the table {name}", undo)
    for query, undo, comment in (
        (rls.enable(table, target), "", f"Turn on row-level security of {name}"),
        (touch_trigger(table, target), "", f"Keep the time of the last change of {name}"),
        (
            rls.visibility_function(table, target),
            rls.drop_visibility_function(table, target),
            f"Tell whether a row of {name} is visible",
        ),
    ):
        yield step(Phase.CREATE_TABLES, change, query, comment, undo)
    for part in parts:
        if part.clause is None:
            created = part.created(change.describe(), rows="")
            yield created if part.phase is Phase.RELATE else replace(created, phase=Phase.CREATE_TABLES)


def _create(table: Table, target: Target, parts: Iterable[Part]) -> str:
    system = (
        sql.join(" ", [sql.identifier(name), definition, not_null_clause(table.id, name)])
        for name, definition in _SYSTEM_COLUMNS.items()
    )
    lines = [
        *system,
        *(column_definition(table, column, target) for column in table.columns),
        sql.format("constraint {name} primary key (id)", name=sql.identifier(primary_key(table.id))),
        *(part.clause for part in parts if part.clause is not None),
    ]
    body = sql.join(",\n    ", lines)
    return sql.text(sql.format("create table {table} (\n    {body}\n)", table=target.table(table.name), body=body))


def touch_trigger(table: Table, target: Target) -> str:
    """The statement that makes a table keep the time of the last change of each row, and its owner."""
    template: LiteralString = "create trigger touch before update on {table} for each row execute function {touch}()"
    touch = sql.identifier(target.schema, TOUCH)
    return sql.text(sql.format(template, table=target.table(table.name), touch=touch))
