"""What keeps deleted and edited rows for the trash: triggers that write down what a row was (provisioning/trash.py).

Triggers see everything that goes: rows that a foreign key takes along, and rows whose link it empties, also those that
the person who deletes cannot see. Nobody's code can forget them. Work of the owner's role is no person's and is not
kept: plans, conversions, retention, and what the trash itself puts back.

A single edit is not kept, and neither are the links that it removes: it is kept where the setting `vibecrm.edits` is
on, as for an edit of many rows at once, and where it is a foreign key that edits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, LiteralString

from core import sql
from provisioning.parts.base import Part
from provisioning.phases import Phase
from provisioning.target import KEEP_ADDED, KEEP_DELETED, KEEP_EDITED, Target
from schemas.document import Table
from schemas.junctions import JUNCTION_ACCESS

_ALWAYS: LiteralString = ""
_ASKED: LiteralString = " and current_setting('vibecrm.edits', true) = 'on'"
_ASKED_OR_FOLLOWED: LiteralString = " and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')"

_OF_RECORDS: Final[dict[str, tuple[LiteralString, LiteralString, str]]] = {
    "trash_deleted": ("before delete", _ALWAYS, KEEP_DELETED),
    "trash_edited": ("before update", _ASKED_OR_FOLLOWED, KEEP_EDITED),
}
"""By name: when, under which condition, and the function. By their names they run after `touch` and the guards."""

_OF_LINKS: Final[dict[str, tuple[LiteralString, LiteralString, str]]] = {
    "trash_deleted": ("before delete", _ASKED_OR_FOLLOWED, KEEP_DELETED),
    "trash_added": ("after insert", _ASKED, KEEP_ADDED),
}


def keeping(table: Table, target: Target) -> Iterator[Part]:
    """The triggers of a table that write into the trash."""
    for name, (event, condition, function) in (_OF_LINKS if table.access == JUNCTION_ACCESS else _OF_RECORDS).items():
        parts = {"name": sql.identifier(name), "table": target.table(table.name)}
        create = sql.format(
            "create trigger {name} {event} on {table} for each row\n"
            "    when (current_setting('role') <> {owner}{condition}) execute function {function}({id}, {access})",
            event=sql.SQL(event),
            owner=sql.literal(target.owner),
            condition=sql.SQL(condition),
            function=sql.identifier(target.schema, function),
            id=sql.literal(table.id),
            access=sql.literal(table.access),
            **parts,
        )
        yield Part(
            name=name,
            key=table.access,
            create=sql.text(create),
            drop=sql.text(sql.format("drop trigger {name} on {table}", **parts)),
            noun=f"trash of {table.name} ({name.removeprefix('trash_')})",
            phase=Phase.RELATE,
        )
