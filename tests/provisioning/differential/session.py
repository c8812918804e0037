"""A project's open door, asked in SQL, and values in the form that SQL has for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from core import sql
from core.models import Project
from core.tenancy import Door
from provisioning.project_database import target_of
from schemas.column_types import column_types
from schemas.document import Column


class Session:
    """An open project.

    Args:
        door: its door, as its owner.
        project: the project.
    """

    def __init__(self, door: Door, project: Project) -> None:
        self.door = door
        self.project = project
        self.target = target_of(project)

    def query(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with self.door.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def run(self, statements: Iterable[str]) -> None:
        """Runs statements in one round trip; where one fails, the error says which."""
        self.query(";\n".join(statements))

    def savepoint(self) -> str:
        """A place to go back to."""
        return transaction.savepoint(using=self.door.alias)

    def back_to(self, savepoint: str) -> None:
        """Undoes what was done since a savepoint."""
        transaction.savepoint_rollback(savepoint, using=self.door.alias)

    def lock_rows(self) -> None:
        """Locks every row of the project, which takes away the marks of changes that were undone.

        CLUSTER takes a row that its own transaction wrote, with such a mark, for one that was replaced, and loses it
        (PostgreSQL 18). Here everything is one transaction; a plan has one of its own, without savepoints that matter.
        """
        names = self.query(
            "select relname from pg_class where relkind = 'r' and relnamespace = current_schema::regnamespace"
        )
        for (name,) in names:
            self.query(sql.text(sql.format("select from {table} for update", table=self.target.table(name))))


def literal(value: Any, kind: str) -> sql.Composable:
    """A value as SQL of a type."""
    return sql.format("{value}::{kind}", value=sql.literal(value), kind=sql.type_name(kind))


def read(column: Column, value: sql.Composable) -> sql.Composable:
    """SQL of a value as the model keeps it: JSON as its text."""
    is_json = column_types.get(column.type).sql_type(column) == "jsonb"
    return sql.format("({value})::text", value=value) if is_json else value
