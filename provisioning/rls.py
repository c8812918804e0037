"""Row-level security of a provisioned table: exactly one policy a role and command, always to a named role.

Members get `(select auth.uid())`, which PostgreSQL works out once a statement instead of once a row. Who sees all rows
has a role of their own with `true`, instead of an OR in the members' policy, which would cost them the indexes.
Security is forced, so the owner has a policy too: imports and backfills run as it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from core import sql
from provisioning import risks
from provisioning.parts.base import Part
from provisioning.target import Target, visibility
from schemas.document import Table

_OWN_ROW: LiteralString = "user_id = (select auth.uid())"
_EVERY_ROW: LiteralString = "true"

_REACH: dict[str, LiteralString] = {"private": _OWN_ROW, "project": _EVERY_ROW}
"""Which rows a member reads, changes and deletes. New rows are the member's own in either case."""

_MEMBER_POLICIES: dict[str, LiteralString] = {
    "select": "for select to {role} using ({reach})",
    "insert": "for insert to {role} with check ({own})",
    "update": "for update to {role} using ({reach}) with check ({reach})",
    "delete": "for delete to {role} using ({reach})",
}
_UNRESTRICTED_POLICY: LiteralString = "for all to {role} using (true) with check (true)"


def enable(table: Table, target: Target) -> str:
    """The statement that makes policies bind everyone, the owner included."""
    template: LiteralString = "alter table {table} enable row level security, force row level security"
    return sql.text(sql.format(template, table=target.table(table.name)))


def grant(table: Table, target: Target) -> str:
    """The statement that lets the project's roles reach the table."""
    return _rights("grant select, insert, update, delete on {table} to {member}, {admin}", table, target)


def revoke(table: Table, target: Target) -> str:
    """The statement that takes the table out of their reach."""
    return _rights("revoke all on {table} from {member}, {admin}", table, target)


def visibility_function(table: Table, target: Target) -> str:
    """The function that says whether the caller sees a row: the guards of relations ask it (parts/relations.py)."""
    template: LiteralString = (
        "create function {name}(uuid) returns boolean language sql set search_path = ''\n"
        "    begin atomic; select exists (select from {table} where id = $1); end"
    )
    name = sql.identifier(target.schema, visibility(table.id))
    return sql.text(sql.format(template, name=name, table=target.table(table.name)))


def drop_visibility_function(table: Table, target: Target) -> str:
    """The statement that removes it."""
    return sql.text(sql.format("drop function {name}(uuid)", name=sql.identifier(target.schema, visibility(table.id))))


def policies(table: Table, target: Target) -> Iterator[Part]:
    """The policies of a table, by its access."""
    for command, rule in _MEMBER_POLICIES.items():
        risk = risks.widens_access(table.name) if command == "select" and table.access == "project" else None
        yield _policy(table, target, f"member_{command}", target.member, rule, risk)
    yield _policy(table, target, "admin_all", target.admin, _UNRESTRICTED_POLICY, None)
    yield _policy(table, target, "owner_all", target.owner, _UNRESTRICTED_POLICY, None)


def _policy(table: Table, target: Target, name: str, role: str, rule: LiteralString, risk: risks.Risk | None) -> Part:
    parts = {"name": sql.identifier(name), "table": target.table(table.name)}
    body = sql.format(rule, role=sql.identifier(role), reach=sql.SQL(_REACH[table.access]), own=sql.SQL(_OWN_ROW))
    return Part(
        name=name,
        key=sql.text(body),
        create=sql.text(sql.format("create policy {name} on {table} {body}", body=body, **parts)),
        drop=sql.text(sql.format("drop policy {name} on {table}", **parts)),
        noun=f"policy {name} of {table.name}",
        risk=risk,
    )


def _rights(template: LiteralString, table: Table, target: Target) -> str:
    return sql.text(
        sql.format(
            template,
            table=target.table(table.name),
            member=sql.identifier(target.member),
            admin=sql.identifier(target.admin),
        )
    )
