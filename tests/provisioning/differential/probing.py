"""What a member may do, tried: the last thing of each case."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core import sql
from core.tenancy import Rehearsal
from schemas.junctions import JUNCTION_ACCESS, SOURCE
from tests.provisioning.differential.model import Model
from tests.provisioning.differential.rows import Rows
from tests.provisioning.differential.session import Session, literal
from tests.provisioning.differential.writing import MEMBERS

_LINTS: Final = """
select 'invalid index ' || indexrelid::regclass from pg_index join pg_class on pg_class.oid = indexrelid
where relnamespace = to_regnamespace(%(schema)s) and not indisvalid
union all select 'unchecked ' || conname from pg_constraint
where connamespace = to_regnamespace(%(schema)s) and not convalidated
union all select relname || ' belongs to ' || relowner::regrole from pg_class
where relnamespace = to_regnamespace(%(schema)s) and relowner <> %(owner)s::regrole
union all select proname || ' belongs to ' || proowner::regrole from pg_proc
where pronamespace = to_regnamespace(%(schema)s) and proowner <> %(owner)s::regrole
union all select tgname || ' is off' from pg_trigger join pg_class on pg_class.oid = tgrelid
where relnamespace = to_regnamespace(%(schema)s) and tgenabled <> 'O'
"""

_REFUSED: Final = """
begin {statement}; raise exception 'leak: %s', {quoted};
exception when insufficient_privilege then null; end;
"""
_ALLOWED: Final = "begin {statement}; exception when not_null_violation or unique_violation then null; end;"


def probe(session: Session, model: Model) -> None:
    """An invented member sees and adds what the access of each table says; nothing is left half done.

    Args:
        session: the project.
        model: the model of its rows.
    """
    found = session.query(_LINTS, {"schema": session.target.schema, "owner": session.target.owner})
    assert found == [], found
    me, other = MEMBERS
    expected = {rows.table.name: _visible(model, rows, me) for rows in model.tables.values()}
    attempts = "".join(_attempts(session, rows, me, other) for rows in model.tables.values())
    block = sql.text(sql.format("do {block}", block=sql.literal(f"begin\n{attempts}end")))
    counts = [
        sql.format("select {name}, count(*) from {table}", name=sql.literal(name), table=session.target.table(name))
        for name in expected
    ]
    with Rehearsal(session.door, session.project, 15_000).turn(me, "member"):
        seen = dict(session.query(sql.text(sql.join(" union all ", counts))))
        assert seen == expected, f"A member sees {seen} rows instead of {expected}"
        session.query(block)


def _visible(model: Model, rows: Rows, member: UUID) -> int:
    if rows.table.access == "project":
        return len(rows.rows)
    if rows.table.access != JUNCTION_ACCESS:
        return sum(row.user_id == member for row in rows.rows.values())
    link = next(slot for slot in rows.slots.values() if slot.column.name == SOURCE)
    source = next(each for each in model.tables.values() if each.table.name == link.column.config["to_table"])
    seen = {key for key, row in source.rows.items() if source.table.access == "project" or row.user_id == member}
    return sum(link.values[row] in seen for row in rows.rows)


def _attempts(session: Session, rows: Rows, me: UUID, other: UUID) -> str:
    names = {
        "table": session.target.table(rows.table.name),
        "me": literal(me, "uuid"),
        "other": literal(other, "uuid"),
    }
    refused = [sql.format("insert into {table} (user_id) values ({other})", **names)]
    mine = any(row.user_id == me for row in rows.rows.values())
    if mine and rows.table.access != JUNCTION_ACCESS:
        refused.append(sql.format("update {table} set user_id = {other} where user_id = {me}", **names))
    text = "".join(
        _REFUSED.format(statement=statement, quoted=sql.text(sql.literal(statement)).replace("%", "%%"))
        for statement in map(sql.text, refused)
    )
    return text + _ALLOWED.format(
        statement=sql.text(sql.format("insert into {table} (user_id) values ({me})", **names))
    )
