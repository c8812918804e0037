"""The doors: the only way to platform rows and to a project's tables.

A door opens the outermost transaction and gives it, in one statement, a PostgreSQL role, the caller's claims, a search
path and a time limit. All of it ends with the transaction. Outside a door the login role reaches nothing: the
platform's tables raise (core/policies.py), and a project's tables are *permission denied*, because the project's roles
are granted to the login role without INHERIT.

Doors do not nest. A role set in an inner block would be undone when that block rolls back, and the rest of the outer
block would then run with other rights than it seems to; so entering a door inside any transaction is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, LiteralString, cast
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from core.models import Project
from core.pipelines import Question, ask
from core.postgresql.base import DatabaseWrapper

ProjectRole = Literal["viewer", "member", "admin", "owner"]

_ROLE_SUFFIX: dict[str, str] = {"viewer": "user", "member": "user", "admin": "admin", "owner": "owner"}
_READS_ONLY = {"viewer"}
"""Roles whose transaction is read-only: PostgreSQL refuses every write until it ends, whatever is tried meanwhile."""

_PLATFORM_SEARCH_PATH = "public, pg_temp"
_DEFAULT_TIMEOUT_MS = 15_000
LONG_TIMEOUT_MS = 5 * 60 * 1000
"""How long a statement of a job may take, in milliseconds."""

SEES_OWN_ROWS: LiteralString = r"(current_user like '%\_user')"
"""SQL that says, inside a project, whether policies keep some of its rows from whoever asks."""

_ENTER = """
select set_config('request.jwt.claims', %s, true), set_config('search_path', %s, true),
       set_config('statement_timeout', %s, true), set_config('role', %s, true),
       set_config('transaction_read_only', %s, true)
"""

_ENTER_FOUND: LiteralString = """
with found as materialized (
    select schema_name, case when owner_id = auth.uid() then 'owner' else (
        select role from core_projectmember where project_id = project.id and user_id = auth.uid()
    ) end as member
    from core_project project where id = %s and deleted_at is null and active_config_id = %s
    and (select database from core_placement where project_id = project.id) = %s
    and (select upper(md5(password)) from core_user where id = auth.uid() and is_active) = %s
)
select member is not null,
       set_config('search_path', coalesce(schema_name || ', ', '') || 'pg_temp', true),
       set_config('role', coalesce(
           schema_name || case when member in ('owner', 'admin') then '_admin' else '_user' end, current_user
       ), true),
       set_config('transaction_read_only', case when %s and member <> 'viewer' then 'off' else 'on' end, true)
from (values (1)) as once left join found on member is not null
"""
"""Enters a project by its row, if it is what the caller expects; `member` is what `core.permissions.role_of` says.

Where it is not, no table is in reach, and nothing can be written.
"""


class TenancyError(RuntimeError):
    """A door was used wrongly: a mistake of ours, never of a user."""


@dataclass(frozen=True, slots=True)
class Door:
    """An open door to a project's tables. Pass `alias` to `.using()`; nothing else is in reach."""

    alias: str

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """The Django connection whose transaction carries the role."""
        return connections[self.alias]

    def ask(self, question: Question) -> list[tuple[Any, ...]]:
        """The rows that a question finds or answers; none where it answers nothing."""
        with self.connection.cursor() as cursor:
            cursor.execute(question.text, question.parameters)
            return cursor.fetchall() if cursor.description else []


def platform_role(kind: Literal["user", "service"]) -> str:
    """The NOLOGIN role under which platform rows are reached: named after the login role of DATABASE_URL."""
    login = settings.DATABASES["default"]["USER"]
    return re.sub(r"[^a-z0-9_]", "_", login.lower()) + f"_{kind}"


def project_role(project: Project, role: ProjectRole) -> str:
    """The NOLOGIN PostgreSQL role of a project for that right."""
    return f"{project.schema_name}_{_ROLE_SUFFIX[role]}"


@contextmanager
def acting_as(user_id: UUID) -> Iterator[None]:
    """Platform tables as that user: own projects and what hangs on them."""
    with _door("default", platform_role("user"), _claims(user_id), _PLATFORM_SEARCH_PATH, _DEFAULT_TIMEOUT_MS):
        yield


@contextmanager
def as_platform() -> Iterator[None]:
    """Platform tables, all rows: for workers, commands of the operator, and staff pages."""
    with _door("default", platform_role("service"), {}, _PLATFORM_SEARCH_PATH, _DEFAULT_TIMEOUT_MS):
        yield


@contextmanager
def open_project(
    project: Project,
    user_id: UUID,
    role: ProjectRole = "member",
    timeout_ms: int = _DEFAULT_TIMEOUT_MS,
    *,
    snapshot: bool = False,
) -> Iterator[Door]:
    """A project's tables, and nothing else, for one user in one role.

    Args:
        project: found by `core.permissions.access_project`, which decides whether the user may enter at all.
        user_id: who `auth.uid()` is inside.
        role: `viewer` and `member` see what the policies give the user, a viewer without writing; `admin` reaches all
            rows, `owner` may also change tables.
        timeout_ms: how long one statement may take, in milliseconds.
        snapshot: all statements see the rows as they are now, and none writes.

    Raises:
        TenancyError: when a transaction is open already.
    """
    alias, role_name = project.placement.database, project_role(project, role)
    search_path, read_only = _project_search_path(project), role in _READS_ONLY
    with _door(alias, role_name, _claims(user_id), search_path, timeout_ms, read_only=read_only, snapshot=snapshot):
        yield Door(alias)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a visit's questions were made for. Where anything of it is otherwise, they are not asked.

    Args:
        version: the id of the project's active version.
        database: where the project's data are.
        account: of the caller: the MD5 digest of their password's hash, as simplejwt writes it into tokens.
    """

    version: UUID
    database: str
    account: str | None


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of a visit.

    Args:
        answers: the rows of each question, until one failed.
        error: why it did. Then nothing was written.
    """

    answers: list[list[tuple[Any, ...]]]
    error: psycopg.Error | None = None


def visit(
    user_id: UUID, project_id: UUID, expected: Expected, questions: Sequence[Question], *, writing: bool = False
) -> Visit | None:
    """Asks a project's tables as one user, all in one round trip.

    The transaction begins as the user on the platform, whose policies decide whether there is such a project for them;
    the row that they show says which role is entered. Where they show none, or one that is not as expected, no role is
    entered: the questions find no table, and the transaction is read-only.

    Args:
        user_id: who asks.
        project_id: any id.
        expected: what the questions were made for.
        questions: what is asked.
        writing: whether the questions write. PostgreSQL refuses those of viewers.

    Returns:
        What came of it; None when the user can open no such project, or it is not as expected.

    Raises:
        TenancyError: when a transaction is open already.
        DatabaseError: when the database fails before it came to the questions.
    """
    connection = cast(DatabaseWrapper, connections["default"])
    if connection.in_atomic_block:
        raise TenancyError("A door opens the outermost transaction: leave the open one first.")
    context = [
        *(json.dumps(_claims(user_id)), _PLATFORM_SEARCH_PATH, str(_DEFAULT_TIMEOUT_MS)),
        *(platform_role("user"), "off" if writing else "on"),
    ]
    asked = [project_id, expected.version, expected.database, expected.account, writing]
    entering = (Question(_ENTER, context), Question(_ENTER_FOUND, asked))
    with connection.wrap_database_errors, connection.borrowed() as borrowed:
        outcome = ask(borrowed, (*entering, *questions))
        if outcome.error is not None and len(outcome.rows) < len(entering):
            raise outcome.error
    _, ((is_found, *_),), *answers = outcome.rows
    return Visit(answers, outcome.error) if is_found else None


def become_platform(door: Door) -> None:
    """Turns the rest of an open door's transaction to the platform's tables.

    For the one case where a project's DDL and the platform's pointer to it must commit together. Only where both are
    in the same database; there is no way back inside the transaction.
    """
    if door.alias != "default":
        raise TenancyError("The platform's tables are in another database than this project's.")
    _set_context(door.connection, platform_role("service"), {}, _PLATFORM_SEARCH_PATH, _DEFAULT_TIMEOUT_MS)


def become_owner(door: Door, project: Project) -> None:
    """Turns the rest of an open door's transaction to the role that owns the project's tables; the claims stay.

    For putting back what triggers kept, and nothing else: the caller's own role has to decide first what that is.
    There is no way back inside the transaction.
    """
    with door.connection.cursor() as cursor:
        cursor.execute("select set_config('role', %s, true)", [project_role(project, "owner")])


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A project's tables as one person after the other, in a transaction of which nothing stays.

    For the leak test, which has to be several people in front of the same uncommitted rows. Between the turns the
    project's owner role acts.
    """

    door: Door
    project: Project
    timeout_ms: int

    @contextmanager
    def turn(self, user_id: UUID, role: ProjectRole | None) -> Iterator[None]:
        """What one person does. It is undone at the end of the block, and the role with it.

        Args:
            user_id: who `auth.uid()` is inside.
            role: the right in the project; None for the bare login role, as a forgotten door leaves it.
        """
        name = project_role(self.project, role) if role else "none"
        with transaction.atomic(using=self.door.alias):
            search_path = _project_search_path(self.project)
            read_only = role in _READS_ONLY
            _set_context(
                self.door.connection, name, _claims(user_id), search_path, self.timeout_ms, read_only=read_only
            )
            try:
                yield
            finally:
                transaction.set_rollback(True, using=self.door.alias)

    def try_role(self, role: str) -> None:
        """Tries to become a role, as SQL of one's own could inside a turn; raises `DatabaseError` when refused."""
        with self.door.connection.cursor() as cursor:
            cursor.execute("select set_config('role', %s, true)", [role])


@contextmanager
def rehearse(project: Project, user_id: UUID, timeout_ms: int = _DEFAULT_TIMEOUT_MS) -> Iterator[Rehearsal]:
    """A project's tables in its owner role, to be taken in turns; all of it is undone at the end.

    Args:
        project: found by `core.permissions.access_project`, or by the platform for the operator.
        user_id: who `auth.uid()` is between the turns.
        timeout_ms: how long one statement may take, in milliseconds.

    Raises:
        TenancyError: when a transaction is open already.
    """
    with open_project(project, user_id, "owner", timeout_ms) as door:
        try:
            yield Rehearsal(door, project, timeout_ms)
        finally:
            transaction.set_rollback(True, using=door.alias)


@contextmanager
def owner_session(project: Project, timeout_ms: int) -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own on which the project's owner works without a transaction.

    For the few statements that PostgreSQL does not run inside of one, such as an index made CONCURRENTLY. It never
    comes from the pool and never goes there, because the role stays with it.

    Args:
        project: as `open_project` takes it.
        timeout_ms: how long one statement may take, in milliseconds.
    """
    parameters = connections[project.placement.database].get_connection_params()
    with closing(psycopg.connect(**parameters, autocommit=True)) as session:
        settings_of_session = (("search_path", _project_search_path(project)), ("statement_timeout", str(timeout_ms)))
        for name, value in (*settings_of_session, ("role", project_role(project, "owner"))):
            session.execute("select set_config(%s, %s, false)", [name, value])
        yield session


def _project_search_path(project: Project) -> str:
    """`pg_temp` is last, so that no temporary table takes the place of one of the project."""
    return f"{project.schema_name}, pg_temp"


def _claims(user_id: UUID) -> dict[str, str]:
    return {"sub": str(user_id), "role": "authenticated"}


@contextmanager
def _door(
    alias: str,
    role: str,
    claims: dict[str, str],
    search_path: str,
    timeout_ms: int,
    *,
    read_only: bool = False,
    snapshot: bool = False,
) -> Iterator[None]:
    connection = connections[alias]
    if connection.in_atomic_block:
        raise TenancyError("A door opens the outermost transaction: leave the open one first.")
    with transaction.atomic(using=alias):
        if snapshot:
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
        _set_context(connection, role, claims, search_path, timeout_ms, read_only=read_only or snapshot)
        yield


def _set_context(
    connection: BaseDatabaseWrapper,
    role: str,
    claims: dict[str, str],
    search_path: str,
    timeout_ms: int,
    *,
    read_only: bool = False,
) -> None:
    """Sets all of it in one statement. After a statement, PostgreSQL lets no transaction cease to be read-only."""
    values = [json.dumps(claims), search_path, str(timeout_ms), role, "on" if read_only else "off"]
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, values)
