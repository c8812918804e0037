"""Rights: what the roles of members and admins may do with a table at all. Which rows, the policies say.

Nobody enters the numbers that PostgreSQL gives: a statement with OVERRIDING SYSTEM VALUE would, so where a table has
such a column the rights to insert and update name every other one. The links of a many-to-many relation come and go,
but do not change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, LiteralString

from core import sql
from provisioning.parts.base import Part
from provisioning.target import Target
from schemas.column_types import column_types
from schemas.document import SYSTEM_COLUMNS, Table
from schemas.junctions import JUNCTION_ACCESS

RIGHTS: Final = "rights"
"""The name of the part."""

_GRANT: LiteralString = "grant select, insert, update, delete on {table} to {member}, {admin}"
_GRANT_COLUMNS: LiteralString = (
    "grant select, insert ({columns}), update ({columns}), delete on {table} to {member}, {admin}"
)
_GRANT_LINKS: LiteralString = "grant select, insert, delete on {table} to {member}, {admin}"
_REVOKE: LiteralString = "revoke all on {table} from {member}, {admin}"


def rights(table: Table, target: Target) -> Iterator[Part]:
    """The rights on a table, as one part."""
    names = {
        "table": target.table(table.name),
        "member": sql.identifier(target.member),
        "admin": sql.identifier(target.admin),
    }
    entered = [column for column in table.columns if not column_types.get(column.type).numbered]
    numbered = len(entered) < len(table.columns)
    if table.access == JUNCTION_ACCESS:
        grant = sql.format(_GRANT_LINKS, **names)
    elif numbered:
        columns = sql.identifiers((*SYSTEM_COLUMNS, *(column.name for column in entered)))
        grant = sql.format(_GRANT_COLUMNS, columns=columns, **names)
    else:
        grant = sql.format(_GRANT, **names)
    yield Part(
        name=RIGHTS,
        key=frozenset(column.id for column in entered) if numbered else (),
        create=sql.text(grant),
        drop=sql.text(sql.format(_REVOKE, **names)),
        noun=f"rights on {table.name}",
    )
