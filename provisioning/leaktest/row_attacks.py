"""The attempts of a member on the rows of another member of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, LiteralString
from uuid import uuid4

from core import sql
from provisioning.leaktest.attacker import DENIED, Query, denied, unharmed, unseen
from provisioning.leaktest.link_attacks import link
from provisioning.leaktest.planting import CannotPlant
from provisioning.leaktest.report import OK, Verdict, worst
from provisioning.leaktest.scene import Scene
from provisioning.target import visibility
from schemas.document import Table
from schemas.junctions import JUNCTION_ACCESS

_DIVISION_BY_ZERO: Final = "22012"
_NO_TIME: Final = "22007"
_MOST: Final = 1000
"""How many rows a statement looks at where a leak would show it all."""

_LITTLE_TIME: Final[Query] = sql.SQL("select set_config('statement_timeout', '1000', true)"), []

Attack = Callable[[Scene, Table], Verdict]


def read(scene: Scene, table: Table) -> Verdict:
    """By id, by owner, locked, in an order, and by any of its values."""
    row, place = scene.hidden(table), scene.place(table)
    values = {name: value for name, value in row.items() if name != "id"}
    alike = sql.join(" or ", [sql.format("{name} = %s", name=sql.identifier(name)) for name in values])
    by_values = sql.format("select id from {table} where id = %s and ({alike})", table=place, alike=alike)

    def query(template: LiteralString, *parameters: Any) -> Query:
        return sql.format(template, table=place, most=sql.literal(_MOST)), parameters

    queries = {
        "by its id": query("select id from {table} where id = %s", row["id"]),
        "by its owner": query("select id from {table} where user_id = %s limit 1", row["user_id"]),
        "without asking for one": query("select 1 from {table} where user_id <> %s limit 1", scene.intruder),
        "by its order": query(
            "select 1 from (select id from {table} order by created_at desc, id limit {most}) newest where id = %s",
            row["id"],
        ),
        "by its values": (by_values, [row["id"], *values.values()]),
    }
    return worst(
        unseen(scene.tries(attempt), f"A member reads a row of {table.name} that belongs to somebody else, {how}.")
        for how, attempt in queries.items()
    )


def filter_(scene: Scene, table: Table) -> Verdict:
    """A condition that fails loudly where it meets the hidden row: policies have to come before it."""
    template = sql.format(
        "select count(*) from {table} where 1 / (case when id = %s then 0 else 1 end) > 0", table=scene.place(table)
    )
    answer = scene.tries((template, [scene.hidden(table)["id"]]))
    if answer.sqlstate == _DIVISION_BY_ZERO:
        return Verdict("leak", f"A member's condition is worked out for hidden rows of {table.name}.")
    return OK if answer.refusal is None or answer.sqlstate == DENIED else answer.untested


def statistics(scene: Scene, table: Table) -> Verdict:
    """What the planner knows of all values."""
    query = sql.SQL("select 1 from pg_stats where schemaname = %s and tablename = %s limit 1")
    answer = scene.tries((query, [scene.target.schema, table.name]))
    return unseen(answer, f"A member reads the most common values of {table.name} in the planner's statistics.")


def change(scene: Scene, table: Table) -> Verdict:
    """UPDATE, locking as for one, and an UPDATE that reads no column, so that the policy of SELECT does not hold it.

    The last one is tried by somebody without rows, and fails at the first row that it reaches, before it touches it.
    """
    leak = f"A member changes a row of {table.name} that belongs to somebody else."
    lock = f"A member locks a row of {table.name} that belongs to somebody else."
    row, place = scene.hidden(table)["id"], scene.place(table)
    update = sql.format("update {table} set updated_at = now() where id = %s returning id", table=place)
    locking = sql.format("select id from {table} where id = %s for update", table=place)
    failing = sql.format("update {table} set updated_at = ('no time' || random())::timestamptz", table=place)
    blind = scene.attacker.tries(scene.newcomer, "member", (failing, []))
    return worst(
        (
            unharmed(scene.tries((update, [row])), leak),
            unseen(scene.tries((locking, [row])), lock),
            Verdict("leak", leak) if blind.sqlstate == _NO_TIME else unharmed(blind, leak),
        )
    )


def delete(scene: Scene, table: Table) -> Verdict:
    """DELETE, and one that reads no column, by somebody without rows.

    It cannot be made to fail at the first row: PostgreSQL may work out a condition without columns before a policy. So
    it has little time, in case that it does reach rows.
    """
    place, leak = scene.place(table), f"A member deletes a row of {table.name} that belongs to somebody else."
    query = sql.format("delete from {table} where id = %s returning id", table=place)
    blind = sql.format("delete from {table}", table=place)
    return worst(
        (
            unharmed(scene.tries((query, [scene.hidden(table)["id"]])), leak),
            unharmed(scene.attacker.tries(scene.newcomer, "member", _LITTLE_TIME, (blind, [])), leak),
        )
    )


def add(scene: Scene, table: Table) -> Verdict:
    """INSERT in the other's name, proven by the same INSERT in one's own."""
    own = scene.tries(scene.spare(table, id=uuid4()))
    if own.count != 1:
        return Verdict("untested", f"A member cannot add a row to {table.name} at all: {own.reason.rstrip('.')}.")
    leak = f"A member adds a row to {table.name} in somebody else's name."
    return unharmed(scene.tries(scene.spare(table, id=uuid4(), user_id=scene.owner)), leak)


def move(scene: Scene, table: Table) -> Verdict:
    """Giving a row away, and taking one."""
    query = sql.format("update {table} set user_id = %s where id = %s", table=scene.place(table))
    give = scene.tries((query, [scene.owner, scene.own(table)["id"]]))
    take = scene.tries((query, [scene.intruder, scene.hidden(table)["id"]]))
    return worst(
        (
            unharmed(give, f"A member puts a row of their own of {table.name} into somebody else's name."),
            unharmed(take, f"A member takes over a row of {table.name} that belongs to somebody else."),
        )
    )


def upsert(scene: Scene, table: Table) -> Verdict:
    """ON CONFLICT on the id of the hidden row."""
    insert, values = scene.spare(table, id=scene.hidden(table)["id"])
    tail = sql.SQL("on conflict (id) do update set updated_at = now() returning id")
    answer = scene.tries((sql.join(" ", [insert, tail]), values))
    return unharmed(answer, f"A member overwrites a row of {table.name} that belongs to somebody else.")


def ask(scene: Scene, table: Table) -> Verdict:
    """The function that tells whether a row is visible."""
    function = sql.identifier(scene.target.schema, visibility(table.id))
    query = sql.format("select 1 where {function}(%s)", function=function)
    answer = scene.tries((query, [scene.hidden(table)["id"]]))
    return unseen(answer, f"The visibility function of {table.name} tells a member that a hidden row exists.")


def shadow(scene: Scene, table: Table) -> Verdict:
    """A temporary table of the same name, which must not take the place of the real one."""
    name = sql.identifier(table.name)
    own = sql.format("create temporary table {name} (id uuid)", name=name)
    meant = sql.format(
        "select 1 where {name}::regclass <> {table}::regclass",
        name=sql.literal(sql.text(name)),
        table=sql.literal(sql.text(scene.place(table))),
    )
    return unseen(scene.tries((own, []), (meant, [])), f"A temporary table stands in for {table.name}.")


def no_role(scene: Scene, table: Table) -> Verdict:
    """The bare login role, as a forgotten door leaves it."""
    query = sql.format("select 1 from {table} limit 1", table=scene.place(table))
    leak = f"Whoever is not in the project reads {table.name}: the login role needs no role of the project."
    return denied(scene.tries((query, []), role=None), leak)


_ATTACKS: Final[Mapping[str, Attack]] = {
    "read": read,
    "filter": filter_,
    "statistics": statistics,
    "change": change,
    "delete": delete,
    "add": add,
    "move": move,
    "upsert": upsert,
    "link": link,
    "ask": ask,
    "shadow": shadow,
    "no_role": no_role,
}
_SHARED: Final = frozenset({"read", "filter", "statistics", "change", "delete", "upsert", "ask"})
"""What members may do with each other's rows where they share them."""


def attacks(scene: Scene, table: Table) -> Iterator[tuple[str, Verdict]]:
    """Every attempt on the rows of a table with its verdict; none says anything where the owner sees no row either."""
    control = _control(scene, table)
    for key, attack in _ATTACKS.items():
        if scene.shares(table) and key in _SHARED and not _is_fixed_link(table, key):
            yield key, Verdict("shared", "Members share these rows.")
        elif control.outcome != "ok" and key != "no_role":
            yield key, control
        else:
            try:
                yield key, attack(scene, table)
            except CannotPlant as error:
                yield key, Verdict("untested", str(error))


def _control(scene: Scene, table: Table) -> Verdict:
    """Whether there is a hidden row, and the one whom it belongs to sees it."""
    if table.name in scene.planter.failures:
        return Verdict("untested", scene.planter.failures[table.name])
    query = sql.format("select 1 from {table} where id = %s", table=scene.place(table))
    answer = scene.attacker.tries(scene.owner, "member", (query, [scene.hidden(table)["id"]]))
    if answer.refusal is None and answer.rows:
        return OK
    reason = "nothing came" if answer.refusal is None else answer.reason.rstrip(".")
    return Verdict("untested", f"The owner of a row of {table.name} does not see it either: {reason}.")


def _is_fixed_link(table: Table, key: str) -> bool:
    """Links come and go, but nobody changes one, shared or not."""
    return table.access == JUNCTION_ACCESS and key in {"change", "upsert"}
