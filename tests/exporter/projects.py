"""Projects with tables and rows, to be exported."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connections

from core import sql
from core.models import Project, User
from core.permissions import access_project
from core.tenancy import ProjectRole, open_project
from schemas.column_types import column_types
from schemas.document import Schema
from tests.exporter.schemas import HOSTILE_TEXTS
from tests.factories import ProjectFactory
from tests.provisioning.acts import provision
from tests.schemas.values import hard

CYCLE = {
    "name": "A cycle",
    "tables": [
        {"name": "teams", "columns": [{"name": "title", "type": "text"}]},
        {"name": "people", "columns": [{"name": "title", "type": "text"}]},
        {"name": "notes", "columns": [{"name": "title", "type": "text"}], "access": "project"},
    ],
    "relationships": [
        {"from_table": "teams", "from_column": "leader_id", "to_table": "people"},
        {
            "from_table": "people",
            "from_column": "team_id",
            "to_table": "teams",
            "required": True,
            "on_delete": "cascade",
        },
        {"from_table": "people", "from_column": "boss_id", "to_table": "people"},
        {"from_table": "people", "from_column": "friends", "to_table": "people", "type": "many_to_many"},
        {"from_table": "notes", "from_column": "tags", "to_table": "teams", "type": "many_to_many"},
    ],
}


def provisioned(user: User, schema: Schema) -> Project:
    project = ProjectFactory(owner=user, name="Harbour Homes")
    provision(user, project, schema.to_json())
    return access_project(user, project.pk)


def act(
    project: Project, who: UUID, role: ProjectRole, query: str, values: tuple[Any, ...] = ()
) -> list[tuple[Any, ...]]:
    """The rows of a query inside the product, or how many it changed."""
    with open_project(project, who, role) as door, door.connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def insert(project: Project, who: UUID, table: str, **values: Any) -> UUID:
    """The id of a row that a member adds."""
    names = sql.identifiers(values)
    places = sql.join(", ", [sql.SQL("%s")] * len(values))
    query = sql.format(
        "insert into {table} ({names}) values ({places}) returning id",
        table=sql.identifier(table),
        names=names,
        places=places,
    )
    return act(project, who, "member", sql.text(query), tuple(values.values()))[0][0]


def fill_every_type(project: Project, schema: Schema, people: list[UUID]) -> None:
    """Rows with every value that is hard to store, some of them several people's, and links among them."""
    table = schema.table("samples")
    columns = [column for column in table.stored_columns if not column.is_relation]
    columns = [column for column in columns if not column_types.get(column.type).numbered]
    cases = {column.name: stored_values(project, column) for column in columns}
    owners = [insert(project, people[0], "owners", born_on="0001-01-01") for _ in range(2)]
    samples = []
    for number in range(max(map(len, cases.values()))):
        values = {name: found[number % len(found)] for name, found in cases.items()}
        values |= {name: None for name in values if number == 1 and not table.column(name).required}
        values |= {"other_owner_id": owners[number % 2]} if number % 3 == 0 else {}
        who = people[0] if "other_owner_id" in values else people[number % len(people)]
        samples.append(insert(project, who, "samples", **values))
    for source, target in zip(samples, reversed(samples), strict=True):
        insert(project, people[0], "samples_new", source_id=source, target_id=target)
    insert(project, people[0], "samples_owners", source_id=samples[0], target_id=owners[0])
    # Numbers of deleted rows do not come again.
    assert act(project, people[0], "admin", "delete from samples where id = %s", (samples[-1],)) == [(1,)]


def stored_values(project: Project, column: Any) -> list[Any]:
    """The hard values of a column's type that fit this column, as the database adapter takes them."""
    kind = column_types.get(column.type)
    field, connection = kind.model_field(column), connections[project.placement.database]
    found = []
    for value in (*hard(kind).accepted, *(HOSTILE_TEXTS if kind.json_types == (str,) else ())):
        try:
            python = kind.value(column, value)
        except ValueError:
            continue
        if python is not None:
            found.append(field.get_db_prep_save(python, connection))
    return found
