"""Exported Django projects as people have them: files in a folder, a database, and Django's own commands."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from exporter.targets import Export
from tests.programs import output_of

BIN = Path(sys.executable).parent

PRODUCTION = {
    "SECRET_KEY": "9S1-kQ7xWq0vZ3mT5rYb8uLc2nHd4jGf6pAeXsKiOwBtVzMyRa0Pq",
    "ALLOWED_HOSTS": "crm.example.com",
}
"""What the environment of a server has to say besides the database."""


@dataclass(frozen=True)
class DjangoProject:
    """An exported project.

    Args:
        folder: where its files are.
        url: the address of its database, as the role that it signs in as.
        environment: what its programs find in the environment.
    """

    folder: Path
    url: str
    environment: dict[str, str] = field(default_factory=lambda: {"DEBUG": "1"})

    def run(self, *command: str | Path, **environment: str) -> str:
        """What a program prints; fails the test with it."""
        return output_of(command, self.folder, self.variables(**environment))

    def manage(self, *arguments: str, **environment: str) -> str:
        return self.run(sys.executable, "manage.py", *arguments, **environment)

    def variables(self, **environment: str) -> dict[str, str]:
        """The environment of its programs, with nothing of ours but the path."""
        return {"PATH": os.environ["PATH"], "DATABASE_URL": self.url, **self.environment, **environment}

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True)


New = Callable[[], DjangoProject]
"""Makes an empty folder with a database of its own."""


def write(made: Export, folder: Path) -> Path:
    """The folder with the files of an export in it."""
    for path in made.paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("".join(made.pieces(path)), "utf-8", newline="")
    return folder


def run_as(
    connection: psycopg.Connection[Any], user_id: UUID, role: str, query: str, *values: object
) -> list[tuple[Any, ...]]:
    """The rows of a query inside the transaction of a request."""
    with connection.transaction():
        claims = json.dumps({"sub": str(user_id)})
        connection.execute(
            "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)", [role, claims]
        )
        cursor = connection.execute(query, values)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]
