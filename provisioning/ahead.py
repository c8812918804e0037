"""What is done ahead for a large table: indexes, uniqueness, checks and foreign keys, made while people go on working.

Inside the plan's transaction they would keep everybody from writing, or from the whole table, for as long as
PostgreSQL reads all of its rows. So they are made before it, over the names of the version that is active, by
statements that do not: an index CONCURRENTLY, a constraint NOT VALID that is validated after. Their own names begin
with an underscore until the transaction gives them the right ones, in an instant; so what is half made is no part of
any version, and a plan that is done again after a crash finds it by its name, which stands for all that it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, LiteralString

from core import sql
from provisioning.conversions import is_replaced
from provisioning.parts.base import Part
from provisioning.parts.derive import parts_of
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from provisioning.statements import Statement
from provisioning.target import Target
from schemas.document import SYSTEM_COLUMNS, Column, Schema, Table

AHEAD: Final = "_p_"
"""What the names of unfinished things begin with."""

_LONG: Final = ("ix_", "uq_", "ck_", "fk_")
_DIGEST: Final = 24

_UNIQUE: LiteralString = "create unique index concurrently {pending} on {table} ({columns})"
_DROP_INDEX: LiteralString = "drop index concurrently if exists {qualified}"
_VALIDATE: LiteralString = "alter table {table} validate constraint {pending}"
_DROP_CONSTRAINT: LiteralString = "alter table {table} drop constraint if exists {pending}"
_FINISH: dict[str, LiteralString] = {
    "ix_": "alter index {qualified} rename to {name}",
    "uq_": "alter table {table} add constraint {name} unique using index {pending}",
    "ck_": "alter table {table} rename constraint {pending} to {name}",
    "fk_": "alter table {table} rename constraint {pending} to {name}",
}


@dataclass(frozen=True, slots=True)
class Early:
    """A part of a table over the names before the change.

    Args:
        table: the table with the columns that are there before, under their names of then.
        part: the part.
    """

    table: Table
    part: Part

    @property
    def name(self) -> str:
        """A name that no other definition has, so that what is found under it is the very thing."""
        return AHEAD + hashlib.sha256(self.part.create.encode()).hexdigest()[:_DIGEST]


def ahead_of(table: Table, scene: Scene) -> dict[str, Early]:
    """The parts of a table that can be made ahead, by their names.

    Those are the parts of columns that are there before and stay what they are.

    Args:
        table: as it will be.
        scene: the versions.
    """
    if scene.is_returning(table.id):
        return {}
    names = {other.id: other.name for other in scene.before if not scene.is_returning(other.id)}
    ids = {other.name: other.id for other in scene.after}
    tables = [_as_before(other, scene, names, ids) for other in scene.after if other.id in names]
    schema = Schema(name="", tables=tuple(tables))
    early = next((other for other in tables if other.id == table.id), None)
    if early is None:
        return {}
    parts = parts_of(early, schema, scene.target)
    return {part.name: Early(early, part) for part in parts if part.name.startswith(_LONG)}


def spread(made: Step, part: Part, early: Early | None, table: Table, target: Target) -> Iterator[Step]:
    """The steps that make a part: one, or for what is made ahead those, and the one that gives it its name.

    Args:
        made: the one step that makes it.
        part: the part.
        early: the same over the names before the change; None where it cannot be made ahead.
        table: its table, as it will be.
        target: the PostgreSQL schema.
    """
    if early is None:
        yield made
        return
    pending, statement = early.name, made.statement
    for query, undo, comment in _queries(early, target):
        ahead = Statement(query, comment, undo, statement.caused_by, transactional=False)
        yield Step(Phase.AHEAD, ahead)
    names = {
        "table": target.table(table.name),
        "name": sql.identifier(part.name),
        "pending": sql.identifier(pending),
        "qualified": target.table(pending),
    }
    finish = _text(_FINISH[part.name[:3]], names)
    yield replace(made, statement=replace(statement, sql=finish, comment=f"Finish the {part.noun}"))


def _queries(early: Early, target: Target) -> Iterator[tuple[str, str, str]]:
    """The statements that make a part under its other name, each with the one that undoes it and what it does."""
    part, table = early.part, early.table
    names = {
        "table": target.table(table.name),
        "pending": sql.identifier(early.name),
        "qualified": target.table(early.name),
    }
    own, pending = (sql.text(name) for name in (sql.identifier(part.name), names["pending"]))
    if part.name.startswith(("ix_", "uq_")):
        if part.name.startswith("uq_"):
            by_id = {column.id: column.name for column in table.columns}
            columns = sql.identifiers(by_id.get(column_id, column_id) for column_id in part.column_ids)
            make = sql.text(sql.format(_UNIQUE, columns=columns, **names))
        else:
            make = part.create.replace(f"create index {own}", f"create index concurrently {pending}", 1)
        yield make, _text(_DROP_INDEX, names), f"Make the {part.noun} while people go on working"
        return
    make = part.create.replace(f"constraint {own}", f"constraint {pending}", 1) + " not valid"
    yield make, _text(_DROP_CONSTRAINT, names), f"Hold new rows to the {part.noun}"
    yield _text(_VALIDATE, names), "", f"Check the rows of {table.name} against the {part.noun}"


def _as_before(table: Table, scene: Scene, names: Mapping[str, str], ids: Mapping[str, str]) -> Table:
    """A table with what it keeps, under the names from before the change."""
    columns = {}
    for column in table.columns:
        old = scene.column_before(table.id, column.id)
        if old is None or is_replaced(scene, table.id, old, column) or scene.is_returning(table.id, column.id):
            continue
        columns[column.name] = _renamed(column, old.name, names, ids)
    kept = {name: column for name, column in columns.items() if column is not None}
    renames = {name: name for name in SYSTEM_COLUMNS} | {name: column.name for name, column in kept.items()}

    def sets(every: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        there = (entry for entry in every if all(name in renames for name in entry))
        return tuple(tuple(renames[name] for name in entry) for entry in there)

    changed = replace(table, name=names[table.id], columns=tuple(kept.values()))
    return replace(changed, indexes=sets(table.indexes), unique=sets(table.unique))


def _renamed(column: Column, name: str, names: Mapping[str, str], ids: Mapping[str, str]) -> Column | None:
    """A column under its old name; None for a relation to a table that was not there."""
    if not column.is_relation:
        return replace(column, name=name)
    other = names.get(ids[column.config["to_table"]])
    return replace(column, name=name, config={**column.config, "to_table": other}) if other else None


def _text(template: LiteralString, names: Mapping[str, sql.Composable]) -> str:
    used = {place: name for place, name in names.items() if f"{{{place}}}" in template}
    return sql.text(sql.format(template, **used))
