"""Row-level security of a provisioned table: exactly one policy a role and command, always to a named role.

Members get `(select auth.uid())`, which PostgreSQL works out once a statement instead of once a row. Who sees all rows
has a role of their own with `true`, instead of an OR in the members' policy, which would cost them the indexes.
Security is forced, so the owner has a policy too: imports and backfills run as it.

A link of a many-to-many relation belongs to its source row: whoever sees that row sees and removes the link. Measured
on 100,000 links of 20,000 rows, those of a list of 50 rows take 0.8 ms with EXISTS and 2.7 ms with a function that
PostgreSQL cannot look into; counting all of them takes 12 ms and 1,157 ms. Where every member sees every source row,
EXISTS would look them all up for nothing (3.4 ms instead of 0.6), so there the policy is `true`. Who may add a link is
decided by the guards of its two ends (parts/relations.py), which answer a hidden row like a missing one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from core import sql
from provisioning import risks
from provisioning.parts.base import Part
from provisioning.target import Target, visibility
from schemas.document import Schema, Table
from schemas.junctions import JUNCTION_ACCESS, SOURCE

_OWN_ROW: LiteralString = "user_id = (select auth.uid())"
_EVERY_ROW: LiteralString = "true"
_VISIBLE_SOURCE: LiteralString = "exists (select from {source} seen where seen.id = {link})"

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


def policies(table: Table, schema: Schema, target: Target) -> Iterator[Part]:
    """The policies of a table, by its access."""
    reach, key = _reach(table, schema, target)
    for command, rule in _MEMBER_POLICIES.items():
        if table.access == JUNCTION_ACCESS and command == "update":
            continue
        risk = risks.widens_access(table.name) if command == "select" and table.access == "project" else None
        body = _body(rule, target.member, reach)
        yield _policy(table, target, f"member_{command}", body, key if "{reach}" in rule else "", risk)
    for name, role in (("admin_all", target.admin), ("owner_all", target.owner)):
        yield _policy(table, target, name, _body(_UNRESTRICTED_POLICY, role, reach), "")


def _reach(table: Table, schema: Schema, target: Target) -> tuple[sql.Composable, str]:
    """The condition for the rows that a member reaches, and the access that it stands for, apart from all names."""
    if table.access != JUNCTION_ACCESS:
        return sql.SQL(_REACH[table.access]), table.access
    source = schema.table(table.column(SOURCE).config["to_table"])
    if source.access == "project":
        return sql.SQL(_EVERY_ROW), source.access
    # The column is qualified, because the source may have one of that name too.
    link = sql.identifier(target.schema, table.name, SOURCE)
    return sql.format(_VISIBLE_SOURCE, source=target.table(source.name), link=link), source.access


def _body(rule: LiteralString, role: str, reach: sql.Composable) -> sql.Composable:
    return sql.format(rule, role=sql.identifier(role), reach=reach, own=sql.SQL(_OWN_ROW))


def _policy(
    table: Table, target: Target, name: str, body: sql.Composable, key: str, risk: risks.Risk | None = None
) -> Part:
    parts = {"name": sql.identifier(name), "table": target.table(table.name)}
    return Part(
        name=name,
        key=key,
        create=sql.text(sql.format("create policy {name} on {table} {body}", body=body, **parts)),
        drop=sql.text(sql.format("drop policy {name} on {table}", **parts)),
        noun=f"policy {name} of {table.name}",
        risk=risk,
    )
