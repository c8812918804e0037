"""From two versions of a document to the plan between them: pure, deterministic, and without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from core import sql
from core.errors import InvalidSchema
from provisioning.affected import of_part
from provisioning.ahead import Early, ahead_of, spread
from provisioning.archive import NOTHING, Archive
from provisioning.cautions import cautions
from provisioning.conversions import is_replaced
from provisioning.fills import undone
from provisioning.foundation import foundation
from provisioning.links import Links, refuse_conversions
from provisioning.operations import steps_of
from provisioning.operations.archive_table import stays
from provisioning.operations.filling import empty_steps
from provisioning.operations.numbers import is_numbered
from provisioning.parts.base import Part
from provisioning.parts.derive import parts_of
from provisioning.parts.indexes import indexes
from provisioning.parts.rights import RIGHTS
from provisioning.parts.uniques import uniques
from provisioning.phases import Step
from provisioning.restoring import Restored, restored, unlink_steps
from provisioning.scene import Scene
from provisioning.statements import Plan
from provisioning.target import Target, primary_key, sequence
from schemas.changes import AddTable, Change, DropTable
from schemas.diff import diff
from schemas.document import Schema, Table
from schemas.junctions import JUNCTION_ACCESS, as_stored
from schemas.versions import next_version


def plan(
    before: Schema | None,
    after: Schema,
    target: Target,
    number: int = 1,
    archive: Archive = NOTHING,
    *,
    back_to: int | None = None,
    large: Set[str] = frozenset(),
) -> Plan:
    """The statements that turn the tables of `before` into those of `after`.

    Args:
        before: the active version; None for a project that has none.
        after: a valid document, with the ids of what it keeps.
        target: the project's schema in PostgreSQL.
        number: the number of the version that results.
        archive: what the project's archive holds: what the new version has of it comes back.
        back_to: the number of the version that `after` is, where that is an earlier one: values that have no way back
            then stay in the archive, and what defaults have filled since is emptied.
        large: the ids of tables with so many rows that long work on them is done ahead (provisioning/ahead.py).

    Raises:
        InvalidSchema: when a change would lose values and is not supported, or names collide.
    """
    changes = diff(before, after)
    if back_to is None:
        refuse_conversions(changes, after)
    links = Links.between(before, after, changes)
    live = as_stored(before or Schema(name=""))
    back = restored(live, as_stored(after), archive)
    scene = Scene(back.schema, as_stored(after), target, number, back.archive, back.ids, back_to)
    try:
        steps = list(foundation(target)) if before is None else []
        steps += back.steps(target, links)
        for change in diff(scene.before, scene.after):
            steps += [links.explained(step, change) for step in steps_of(change, scene)]
        for place, column in ((table, column) for table in scene.after for column in table.columns):
            if undone(scene, place.id, column.id):
                steps += empty_steps(place, column, scene, links.cause_of(place.id, column.id))
        for old, new in _kept(live, back, scene):
            early = ahead_of(new, scene) if new.id in large else {}
            steps += _part_steps(old, new, links, scene, early)
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
        cautions=cautions(scene, large),
    )


def _kept(live: Schema, back: Restored, scene: Scene) -> Iterator[tuple[dict[str, Part], Table]]:
    """The tables that are there and stay, with the parts that they have."""
    there = {table.id: parts_of(table, live, scene.target) for table in live}
    for table_id, table in back.tables.items():
        parts = parts_of(table, back.schema, scene.target)
        # A column that went alone, before its table did, left its check behind.
        alone = {column_id for owner_id, column_id in back.columns if owner_id == table_id}
        kept = tuple(part for part in parts if stays(part) and not alone & {*part.column_ids})
        if table.access == JUNCTION_ACCESS:
            # Those of members say what the access of its source was when it went.
            kept = tuple(replace(part, key=None) if part.name.startswith("member_") else part for part in kept)
        there[table_id] = kept
    for table in scene.after:
        if table.id in there:
            yield {part.name: part for part in there[table.id]}, table


def _part_steps(
    before: dict[str, Part], table: Table, links: Links, scene: Scene, early: Mapping[str, Early]
) -> Iterator[Step]:
    """What a table that stays loses and gets beside its columns."""
    after = {part.name: part for part in parts_of(table, scene.after, scene.target)}
    anew, filled = _converted(table, scene), _filled(table, scene)

    def differs(part: Part, other: Part | None) -> bool:
        if other is None or other.key != part.key:
            return True
        if part.name == RIGHTS:
            return bool(part.key and anew)
        # Several rows may get the same default: uniqueness is made anew, so that the plan tells of them.
        return not anew.isdisjoint(part.column_ids) or (
            part.name.startswith("uq_") and not filled.isdisjoint(part.column_ids)
        )

    for part in reversed(before.values()):
        if differs(part, after.get(part.name)):
            yield part.dropped(_cause(part, table, links))
    for part in after.values():
        if differs(part, before.get(part.name)):
            cause, rows = _cause(part, table, links), of_part(part, table, scene)
            unlinking = unlink_steps(part, table, scene, cause)
            yield from unlinking
            made = part.created(cause, rows="" if unlinking else rows)
            yield from spread(made, part, early.get(part.name), table, scene.target)


def _converted(table: Table, scene: Scene) -> set[str]:
    """The ids of the columns that are replaced by others: what hung on the old ones has to be made anew."""
    pairs = ((scene.column_before(table.id, column.id), column) for column in table.columns)
    return {after.id for before, after in pairs if before and is_replaced(scene, table.id, before, after)}


def _filled(table: Table, scene: Scene) -> set[str]:
    """The ids of the columns in which a default fills what is empty."""
    required = (column for column in table.columns if column.required and column.default is not None)
    pairs = ((scene.column_before(table.id, column.id), column) for column in required)
    return {after.id for before, after in pairs if before and not before.required}


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
        names.update(
            [primary_key(table.id), *(part.name for part in (*uniques(table, target), *indexes(table, target)))]
        )
        names.update(sequence(table.id, column.id) for column in table.columns if is_numbered(column))
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        detail = f"The name {twice[0]!r} would be needed twice: for a table or for an index of one."
        raise InvalidSchema(f"{detail} Rename the table or give it another id.", code="name_collision")
