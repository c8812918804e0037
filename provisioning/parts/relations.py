"""Relations: a foreign key, and the guard that keeps members from linking to rows that they cannot see.

PostgreSQL checks a foreign key without row-level security. Alone it would let a member link to somebody's hidden row,
and tell by the error whether a guessed id exists. So two triggers ask first whether the member sees the row, and refuse
a hidden one and a missing one with the same error, which is the foreign key's own. They ask only when the link
changes: a row that somebody else linked to a row of theirs stays editable. A policy cannot do that, because it does not
know the old row, and it cannot look into its own table. A link of a many-to-many relation is guarded at both ends when
it is made; nobody may change one.

The conditions name columns and a function by object, not by text, so they follow every rename.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from core import sql
from provisioning import risks
from provisioning.parts.base import Part
from provisioning.phases import Phase
from provisioning.target import REFUSE_LINK, Target, foreign_key, visibility
from schemas.column_types import column_types
from schemas.column_types.relation import ON_DELETE
from schemas.document import Column, Schema, Table
from schemas.junctions import JUNCTION_ACCESS

_WHEN: dict[str, tuple[LiteralString, LiteralString]] = {
    "insert": ("insert", "new.{column} is not null"),
    "update": ("update of {column}", "new.{column} is distinct from old.{column} and new.{column} is not null"),
}


def relations(table: Table, schema: Schema, target: Target) -> Iterator[Part]:
    """The foreign keys and guards of a table's relations."""
    for column in table.columns:
        if column.is_reference:
            other = schema.table(column.config["to_table"])
            yield _foreign_key(table, column, other, target)
            for event in _WHEN if table.access != JUNCTION_ACCESS else ("insert",):
                yield _guard(table, column, other, target, event)


def _foreign_key(table: Table, column: Column, other: Table, target: Target) -> Part:
    name = foreign_key(table.id, column.id)
    on_delete = column_types.get(column.type).setting(column, "on_delete")
    parts = {
        "table": target.table(table.name),
        "name": sql.identifier(name),
        "column": sql.identifier(column.name),
        "other": target.table(other.name),
        "action": ON_DELETE[on_delete],
    }
    create = sql.format(
        "alter table {table} add constraint {name} foreign key ({column}) references {other} (id) on delete {action}",
        **parts,
    )
    return Part(
        name=name,
        key=(column.id, other.id, on_delete),
        create=sql.text(create),
        drop=sql.text(sql.format("alter table {table} drop constraint {name}", **parts)),
        noun=f"link from {table.name}.{column.name} to {other.name}",
        column_ids=(column.id,),
        phase=Phase.RELATE,
        risk=risks.relation_may_fail(table.name, column.name, other.name),
    )


def _guard(table: Table, column: Column, other: Table, target: Target, event: str) -> Part:
    name = f"link_{column.id}_{event}"
    when, changed = _WHEN[event]
    names = {"column": sql.identifier(column.name)}
    parts = {
        "name": sql.identifier(name),
        "table": target.table(table.name),
        "column": names["column"],
        "event": sql.format(when, **names),
        "changed": sql.format(changed, **names),
        "unrestricted": target.unrestricted,
        "sees": sql.identifier(target.schema, visibility(other.id)),
        "refuse": sql.identifier(target.schema, REFUSE_LINK),
        "constraint": sql.literal(foreign_key(table.id, column.id)),
    }
    create = sql.format(
        "create trigger {name} before {event} on {table} for each row\n"
        "    when ({changed} and current_user <> all (array[{unrestricted}]) and not {sees}(new.{column}))\n"
        "    execute function {refuse}({constraint})",
        **parts,
    )
    return Part(
        name=name,
        key=(column.id, other.id),
        create=sql.text(create),
        drop=sql.text(sql.format("drop trigger {name} on {table}", **parts)),
        noun=f"guard of {table.name}.{column.name} on {event}",
        column_ids=(column.id,),
        phase=Phase.RELATE,
    )
