"""The application that records are measured on: companies, contacts, deals, and a log of a million entries."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from core import jobs, sql
from core.models import Job, Project, User
from core.permissions import access_project
from core.projects import create_project
from core.tenancy import open_project
from provisioning.service import provision

SIZES: Final = {"companies": 10_000, "contacts": 200_000, "deals": 300_000, "entries": 1_000_000}
"""Rows a table at full size."""

SCALE: Final = float(os.environ.get("BENCH_SCALE", "1"))
"""Which part of these is filled in: 0.01 makes a run of a minute or two."""


def _select(name: str, *values: str) -> dict[str, Any]:
    options = [{"value": value, "label": value.title(), "color": "gray"} for value in values]
    return {"name": name, "type": "select", "options": options, "required": True}


DOCUMENT: Final[dict[str, Any]] = {
    "name": "Sales",
    "tables": [
        {
            "name": "companies",
            "columns": [
                {"name": "name", "type": "text", "required": True},
                _select("industry", "software", "retail", "health", "energy"),
                {"name": "city", "type": "text"},
                {"name": "employees", "type": "integer"},
            ],
        },
        {
            "name": "contacts",
            "ui_hints": {"title_column": "full_name"},
            "columns": [
                {"name": "full_name", "type": "text", "required": True},
                {"name": "email", "type": "email"},
                {"name": "phone", "type": "phone"},
                _select("status", "new", "active", "lost"),
                {"name": "notes", "type": "long_text"},
            ],
        },
        {
            "name": "deals",
            "ui_hints": {"title_column": "name"},
            "columns": [
                {"name": "name", "type": "text", "required": True},
                {"name": "amount", "type": "currency", "currency": "EUR", "required": True},
                _select("stage", "lead", "offer", "won", "lost"),
                {"name": "probability", "type": "percent"},
                {"name": "closes_on", "type": "date"},
            ],
            "indexes": [["stage", "amount"]],
        },
        {
            "name": "entries",
            "ui_hints": {"title_column": "title"},
            "columns": [
                {"name": "title", "type": "text", "required": True},
                _select("kind", "call", "mail", "visit"),
                {"name": "happened_at", "type": "datetime"},
                {"name": "minutes", "type": "integer"},
            ],
        },
    ],
    "relationships": [
        {"from_table": "contacts", "from_column": "company_id", "to_table": "companies", "type": "many_to_one"},
        {"from_table": "deals", "from_column": "company_id", "to_table": "companies", "type": "many_to_one"},
        {"from_table": "deals", "from_column": "contact_id", "to_table": "contacts", "type": "many_to_one"},
    ],
}

_COLUMNS: Final[dict[str, tuple[LiteralString, LiteralString]]] = {
    "companies": (
        "name, industry, city, employees",
        "'Company ' || n, (array['software','retail','health','energy'])[1 + n % 4], 'City ' || n % 300, n % 5000",
    ),
    "contacts": (
        "full_name, email, phone, status, notes, company_id",
        """'Person' || n || ' Family' || n % 997, 'person' || n || '@bench.example', '+1 555 ' || n,
        (array['new','active','lost'])[1 + n % 3], repeat('A note about this contact. ', n % 4), {companies}""",
    ),
    "deals": (
        "name, amount, stage, probability, closes_on, company_id, contact_id",
        """'Deal ' || n, (n::bigint * 7919 % 1000000) / 100.0, (array['lead','offer','won','lost'])[1 + n % 4], n % 100,
        date '2024-01-01' + n % 900, {companies}, {contacts}""",
    ),
    "entries": (
        "title, kind, happened_at, minutes",
        """'Entry ' || n, (array['call','mail','visit'])[1 + n % 3],
        timestamptz '2020-01-01Z' + n * interval '3 minutes', n % 240""",
    ),
}
_INSERT: Final[LiteralString] = (
    "insert into {table} (user_id, created_at, updated_at, {columns}) "
    "select {user}, moment, moment, {values} from (select n, timestamptz '2021-01-01Z' + n * interval '1 minute' "
    "as moment from generate_series(1, {rows}) n) numbers"
)
_PICKED: Final[LiteralString] = "(array(select id from {table}))[1 + (n * 31) % {rows}]"


@dataclass(frozen=True)
class Crm:
    """The filled application."""

    user: User
    project: Project

    def rows(self, table: str) -> int:
        """How many rows the table was filled with."""
        return max(1_000, int(SIZES[table] * SCALE))


def make_crm() -> Crm:
    """Provisions the application for a new user and fills it by SQL."""
    user = User.objects.create_user("bench@vibecrm.local", "bench-vibecrm")
    crm = Crm(user, provisioned(user, "Sales", DOCUMENT))
    for table in SIZES:
        _fill(crm, table)
    return crm


def provisioned(user: User, name: str, document: dict[str, Any]) -> Project:
    """A new project with the document's tables."""
    project = create_project(user, name)
    provision_next(user, project, document)
    return access_project(user, project.pk)


def provision_next(user: User, project: Project, document: dict[str, Any]) -> None:
    """Makes the document the project's next version, as a worker would."""
    job = provision(user, access_project(user, project.pk), document)
    assert job is not None
    jobs.run(job.pk)
    job = jobs.find(user, job.pk)
    assert job.status == Job.Status.SUCCEEDED, job.error


def _fill(crm: Crm, table: str) -> None:
    columns, values = _COLUMNS[table]
    picked = {
        name: sql.format(_PICKED, table=sql.identifier(name), rows=sql.literal(crm.rows(name)))
        for name in ("companies", "contacts")
    }
    with open_project(crm.project, crm.user.pk, "owner", 600_000) as door, door.connection.cursor() as cursor:
        statement = sql.format(
            _INSERT,
            table=sql.identifier(table),
            user=sql.literal(crm.user.pk),
            columns=sql.SQL(columns),
            values=sql.format(values, **picked),
            rows=sql.literal(crm.rows(table)),
        )
        cursor.execute(statement)
        cursor.execute(sql.format("analyze {table}", table=sql.identifier(table)))
