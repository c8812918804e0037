"""Where a plan runs: a project's schema, its roles, and the names of what is built in it.

Names of constraints, indexes and triggers come from the ids of tables and columns, never from their names: PostgreSQL
keeps such a name when the table is renamed, and it would then lie. Policies and the trigger that every table has are
named alike everywhere, because those names belong to their table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from core import sql
from schemas.document import SYSTEM_COLUMNS, Table

FIRST_POSTGRES_WITH_NAMED_NOT_NULL = 18
"""From this major version on, NOT NULL is a constraint with a name of its own."""

TOUCH = "_touch"
"""The trigger function that keeps `updated_at`, one a project."""

REFUSE_LINK = "_refuse_link"
"""The trigger function that answers a link to a hidden row, one a project."""

TRASH = "_trash"
"""The table with what was deleted, one a project."""

LEDGER = "_ledger"
"""The table with a row an applied plan, one a project."""

KEEP_DELETED, KEEP_EDITED, KEEP_ADDED = "_keep_deleted", "_keep_edited", "_keep_added"
"""The trigger functions that fill it, one each a project."""


@dataclass(frozen=True, slots=True)
class Target:
    """A project's schema in a database.

    Args:
        schema: the schema's name, such as `p_abcdefghijkl`.
        postgres: the major version of the server.
    """

    schema: str
    postgres: int = 18

    @property
    def owner(self) -> str:
        """The role that owns the tables: migrations, imports and backfills run as it."""
        return f"{self.schema}_owner"

    @property
    def admin(self) -> str:
        """The role of the project's owner and admins: all rows."""
        return f"{self.schema}_admin"

    @property
    def member(self) -> str:
        """The role of other members: the rows that the policies give them."""
        return f"{self.schema}_user"

    @property
    def names_not_null(self) -> bool:
        """Whether a NOT NULL has a name on this server."""
        return self.postgres >= FIRST_POSTGRES_WITH_NAMED_NOT_NULL

    def table(self, name: str) -> sql.Composable:
        """The qualified name of a table, quoted."""
        return sql.identifier(self.schema, name)

    @property
    def unrestricted(self) -> sql.Composable:
        """The literals of the roles that see all rows."""
        return sql.literals([self.owner, self.admin])


def primary_key(table_id: str) -> str:
    """The name of a table's primary key."""
    return f"pk_{table_id}"


def not_null(table_id: str, column_id: str) -> str:
    """The name of a column's NOT NULL."""
    return f"nn_{table_id}_{column_id}"


def check(table_id: str, column_id: str) -> str:
    """The name of a column's CHECK."""
    return f"ck_{table_id}_{column_id}"


def foreign_key(table_id: str, column_id: str) -> str:
    """The name of a relation's foreign key."""
    return f"fk_{table_id}_{column_id}"


def unique(table_id: str, column_ids: Sequence[str]) -> str:
    """The name of a unique constraint."""
    return f"uq_{table_id}_{_columns(column_ids)}"


def index(table_id: str, column_ids: Sequence[str]) -> str:
    """The name of an index."""
    return f"ix_{table_id}_{_columns(column_ids)}"


def words_index(table_id: str) -> str:
    """The name of the index that a table is searched by."""
    return f"ix_{table_id}__words"


def sequence(table_id: str, column_id: str) -> str:
    """The name of the sequence of a numbered column."""
    return f"sq_{table_id}_{column_id}"


def visibility(table_id: str) -> str:
    """The name of the function that says whether the caller sees a row of a table."""
    return f"_sees_{table_id}"


def archived(number: int, object_id: str) -> str:
    """The name of what version `number` took out of the application: no name of a document begins like that."""
    return f"_x_{number}_{object_id}"


def filled(number: int, column_id: str) -> str:
    """The name of the column that keeps which rows version `number` filled with a default, and with what."""
    return f"_f_{number}_{column_id}"


def archived_pair(prefix: str, table_id: str, column_id: str) -> str:
    """What something that is named after two ids is called in the archive, where its whole name would not fit."""
    return f"{prefix}_{_columns((table_id, column_id))}"


def column_ids(table: Table, names: Sequence[str]) -> tuple[str, ...]:
    """The ids of a table's columns by their names; a system column is its own id."""
    return tuple(name if name in SYSTEM_COLUMNS else table.column(name).id for name in names)


def _columns(ids: Sequence[str]) -> str:
    """One id as it is, several as a digest: two ids and a prefix fit into 63 bytes, more would not."""
    return ids[0] if len(ids) == 1 else hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]
