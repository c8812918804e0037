"""From two versions of a document to the plan between them: pure, deterministic, and without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from core import sql
from core.errors import InvalidSchema
from provisioning.foundation import foundation
from provisioning.links import Links, refuse_conversions
from provisioning.operations import Scene, steps_of
from provisioning.operations.numbers import is_numbered
from provisioning.parts.base import Part
from provisioning.parts.derive import parts_of
from provisioning.phases import Step
from provisioning.statements import Plan
from provisioning.target import Target, primary_key, sequence
from schemas.changes import AddTable, Change, DropTable
from schemas.diff import diff
from schemas.document import Schema, Table
from schemas.junctions import as_stored
from schemas.versions import next_version


def plan(before: Schema | None, after: Schema, target: Target, number: int = 1) -> Plan:
    """The statements that turn the tables of `before` into those of `after`.

    Args:
        before: the active version; None for a project that has none.
        after: a valid document, with the ids of what it keeps.
        target: the project's schema in PostgreSQL.
        number: the number of the version that results.

    Raises:
        InvalidSchema: when a change would lose values and is not supported, or names collide.
    """
    changes = diff(before, after)
    refuse_conversions(changes, after)
    links = Links.between(before, after, changes)
    scene = Scene(as_stored(before or Schema(name="")), as_stored(after), target, number)
    try:
        steps = list(foundation(target)) if before is None else []
        for change in diff(scene.before, scene.after):
            steps += [links.explained(step, change) for step in steps_of(change, scene)]
        for old, new in _kept(scene):
            steps += _part_steps(old, new, links, scene)
        _refuse_collisions(scene.after, target)
    except sql.InvalidIdentifier as error:
        raise InvalidSchema(f"A name cannot be used in PostgreSQL: {error}") from error
    steps.sort(key=lambda step: step.phase)
    statements = tuple(step.statement for step in steps)
    return Plan(
        schema_name=target.schema,
        number=number,
        version=next_version(before, changes),
        from_hash=before.content_hash if before else "",
        to_hash=after.content_hash,
        changes=tuple(change.describe() for change in changes),
        statements=statements,
        tables_created=tuple(change.table.name for change in changes if isinstance(change, AddTable)),
        tables_changed=_changed(changes, after),
        tables_dropped=tuple(change.table.name for change in changes if isinstance(change, DropTable)),
        policies_created=sum(statement.sql.startswith("create policy ") for statement in statements),
    )


def _kept(scene: Scene) -> Iterator[tuple[Table, Table]]:
    """The tables that are in both versions, as they were and as they are."""
    old = {table.id: table for table in scene.before}
    return ((old[table.id], table) for table in scene.after if table.id in old)


def _part_steps(old: Table, table: Table, links: Links, scene: Scene) -> Iterator[Step]:
    """What a table that stays loses and gets beside its columns."""
    before = {part.name: part for part in parts_of(old, scene.before, scene.target)}
    after = {part.name: part for part in parts_of(table, scene.after, scene.target)}
    with_rows = {column.id for column in old.columns} | {
        column.id for column in table.columns if column.default is not None
    }
    for part in reversed(before.values()):
        if part.name not in after or after[part.name].key != part.key:
            yield part.dropped(_cause(part, table, links))
    for part in after.values():
        if part.name not in before or before[part.name].key != part.key:
            yield part.created(_cause(part, table, links), can_fail=with_rows.issuperset(part.column_ids))


def _cause(part: Part, table: Table, links: Links) -> str:
    """The sentence of the change that a part belongs to: the one about its columns, else the first about its table."""
    own = [change for change in links.changes if change.table_id == links.owner_of(table.id)]
    about = [change for change in own if part.column_ids and set(part.column_ids) & set(change.column_ids)]
    return next((change.describe() for change in (*about, *own)), "")


def _changed(changes: Sequence[Change], after: Schema) -> tuple[str, ...]:
    touched = {change.table_id for change in changes if not isinstance(change, AddTable | DropTable)}
    return tuple(table.name for table in after if table.id in touched)


def _refuse_collisions(schema: Schema, target: Target) -> None:
    """Tables, indexes and sequences share one space of names in PostgreSQL."""
    names = Counter(table.name for table in schema)
    for table in schema:
        parts = (part.name for part in parts_of(table, schema, target))
        names.update([primary_key(table.id), *(name for name in parts if name.startswith(("uq_", "ix_")))])
        names.update(sequence(table.id, column.id) for column in table.columns if is_numbered(column))
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        detail = f"The name {twice[0]!r} would be needed twice: for a table or for an index of one."
        raise InvalidSchema(f"{detail} Rename the table or give it another id.", code="name_collision")
