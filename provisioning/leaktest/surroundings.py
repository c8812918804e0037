"""The attempts on what lies around a project's tables: views, the archive, other projects, the platform, the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, LiteralString

from core import sql
from core.tenancy import ProjectRole
from provisioning.leaktest.attacker import Query, denied, unseen
from provisioning.leaktest.report import Verdict, worst
from provisioning.leaktest.scene import Scene
from provisioning.leaktest.survey import Relation
from provisioning.target import TRASH

_ROLES: Final[tuple[ProjectRole, ...]] = ("member", "admin")
_EVERYBODY: Final[tuple[ProjectRole | None, ...]] = ("member", "admin", None)
_NAMES: Final = {"member": "A member", "admin": "An admin", "owner": "The owner role", None: "The bare login role"}

_ARCHIVE: Final[dict[str, LiteralString]] = {
    "reads": "select 1 from {relation} limit 1",
    "adds to": "insert into {relation} ({column}) overriding system value select null where false",
    "changes": "update {relation} set {column} = default where false",
    "deletes from": "delete from {relation} where false",
}
"""What nobody may do with a table that is not the application's; none of it would touch a row."""

_THROWN_AWAY: Final[LiteralString] = """
insert into {relation} (batch, kind, table_id, record_id, user_id, done_by, is_direct, is_shown, version, record)
values (gen_random_uuid(), 'deleted', '', gen_random_uuid(), %s, %s, true, true, 0, '{{}}')
"""

Finding = tuple[str, str, Verdict]


def attacks(scene: Scene) -> Iterator[Finding]:
    """Every attempt as (target, what was tried, verdict)."""
    for relation in scene.survey.relations.values():
        if relation.kind in {"v", "m"}:
            yield relation.name, "Read through a view", _named(partial(_view, scene, relation))
        elif relation.name == TRASH:
            yield relation.name, "Reach what others deleted", _trash(scene, relation)
        elif not scene.schema.has_table(relation.name):
            yield relation.name, "Reach a hidden table", _named(partial(_hidden_table, scene, relation))
    for table in scene.schema:
        if table.name not in scene.survey.relations:
            yield table.name, "Find the table", Verdict("untested", f"The table {table.name} is missing.")
    if scene.survey.others:
        yield "Other projects", "Read their tables", _other_projects(scene)
    if scene.survey.platform:
        yield "The platform", "Read its tables", _platform(scene)
    yield "The project's schema", "Make objects", worst(_creations(scene))
    yield "The server", "Become a role without rules", worst(_powers(scene))
    yield "The server", "Read the statements of others", _activity(scene)


def _view(scene: Scene, relation: Relation) -> Verdict:
    """A view shows what its owner may see, unless it asks with the caller's rights; a materialized one what it has."""
    names = {"view": sql.identifier(scene.target.schema, relation.name)}
    if relation.kind == "m":
        query: Query = sql.format("select 1 from {view} limit 1", **names), []
        leak = f"reads the materialized view {relation.name}, which knows no row-level security."
        return worst(denied(scene.tries(query, role=role), f"{_NAMES[role]} {leak}") for role in ("member", None))
    hidden = [
        str(scene.hidden(table)["id"])
        for table in scene.schema
        if not scene.shares(table) and table.name not in scene.planter.failures
    ]
    template = sql.format("select 1 from {view} seen where to_jsonb(seen)::text ~ %s limit 1", **names)
    answer = scene.tries((template, ["|".join(hidden) or "nothing is hidden"]))
    return unseen(answer, f"A member reads rows that belong to somebody else through the view {relation.name}.")


def _hidden_table(scene: Scene, relation: Relation) -> Verdict:
    """The archive, the ledger, and whatever else the active version does not list."""
    names = {"relation": sql.identifier(scene.target.schema, relation.name), "column": sql.identifier(relation.column)}
    return worst(
        denied(scene.tries((sql.format(query, **names), []), role=role), f"{_NAMES[role]} {verb} {relation.name}.")
        for role in _EVERYBODY
        for verb, query in _ARCHIVE.items()
    )


def _trash(scene: Scene, relation: Relation) -> Verdict:
    """What somebody else deleted of their own, and entries that tell of rows which never were."""
    names = {"relation": sql.identifier(scene.target.schema, relation.name), "column": sql.identifier(relation.column)}
    with scene.attacker.rehearsal.door.connection.cursor() as cursor:
        cursor.execute(sql.text(sql.format(_THROWN_AWAY, **names)), [scene.owner, scene.owner])
    answer = scene.tries((sql.format("select 1 from {relation} where user_id = %s limit 1", **names), [scene.owner]))

    def verdicts() -> Iterator[Verdict]:
        yield unseen(answer, f"A member reads what others deleted in {relation.name}.")
        for role in _EVERYBODY:
            for verb, query in _ARCHIVE.items():
                if verb != "reads" or role is None:
                    forged = scene.tries((sql.format(query, **names), []), role=role)
                    yield denied(forged, f"{_NAMES[role]} {verb} {relation.name}.")

    return worst(verdicts())


def _other_projects(scene: Scene) -> Verdict:
    """Tables of other projects, with the roles of this one and with none."""
    usable = sql.SQL("select 1 where has_schema_privilege(%s, 'usage')")
    roles: tuple[ProjectRole | None, ...] = ("member", "admin", "owner", None)

    def verdicts() -> Iterator[Verdict]:
        for schema, relation in scene.survey.others:
            for role in roles:
                leak = f"{_NAMES[role]} of this project enters the schema {schema} of another one."
                yield unseen(scene.tries((usable, [schema]), role=role), leak)
                if relation is not None:
                    leak = f"{_NAMES[role]} of this project reads {schema}.{relation} of another one."
                    yield _named(partial(_unread, scene, (schema, relation), role, leak))

    return worst(verdicts())


def _platform(scene: Scene) -> Verdict:
    """Accounts, sessions, other people's projects."""
    roles: tuple[ProjectRole, ...] = ("member", "admin", "owner")
    tables = [
        _unread(scene, ("public", table), role, f"{_NAMES[role]} of the project reads the platform's table {table}.")
        for table in scene.survey.platform
        for role in roles
    ]
    return worst(tables)


def _creations(scene: Scene) -> Iterator[Verdict]:
    """What a member makes there, others might run."""
    schema = scene.target.schema
    queries: dict[str, Query] = {
        "a table": (sql.format("create table {name} ()", name=sql.identifier(schema, "leaktest_table")), []),
        "a function": (
            sql.format(
                "create function {name}() returns integer language sql return 1",
                name=sql.identifier(schema, "leaktest_function"),
            ),
            [],
        ),
    }
    for role in _ROLES:
        for what, query in queries.items():
            yield denied(scene.tries(query, role=role), f"{_NAMES[role]} makes {what} in the project's schema.")


def _powers(scene: Scene) -> Iterator[Verdict]:
    """Roles that no policy binds."""
    for power in scene.survey.powers:
        answer = scene.attacker.tries(scene.intruder, "member", becoming=power)
        yield denied(answer, f"The login role may become {power}, which no policy binds.")


def _activity(scene: Scene) -> Verdict:
    """The text of running statements, in which values stand."""
    query = """
        select 1 from pg_stat_activity
        where pid <> pg_backend_pid() and query not in ('', '<insufficient privilege>') limit 1
    """
    return unseen(scene.tries((sql.SQL(query), [])), "A member reads the statements that other sessions run.")


def _unread(scene: Scene, place: tuple[str, str], role: ProjectRole | None, leak: str) -> Verdict:
    query = sql.format("select 1 from {relation} limit 1", relation=sql.identifier(*place))
    return denied(scene.tries((query, []), role=role), leak)


def _named(attack: Callable[[], Verdict]) -> Verdict:
    """The verdict of an attempt on something that may have a name which nothing of ours has."""
    try:
        return attack()
    except sql.InvalidIdentifier as error:
        return Verdict("untested", f"VibeCRM gives no such names, so look at it yourself: {error}")
