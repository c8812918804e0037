"""How many records each table of a project has, for its overview page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, LiteralString
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import sql
from core.permissions import access_project, project_role_of
from core.tenancy import Door, open_project
from core.workspace import WorkspaceView
from dynamic_crud.resources import Resource
from dynamic_crud.runtime import get_runtime

COUNTED_AT_MOST: Final = 10_000
"""Above this many records in a table, nobody waits for the exact number."""

_COUNT: Final[LiteralString] = (
    "select {name}::text, (select count(*) from (select from {table} limit {most}) as counted)"
)


class RecordCounts(WorkspaceView):
    """The fragment that fills in the number of records of each table."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Counts the records that the user may see, in one query for all tables."""
        project = access_project(self.user, project_id)
        resources = get_runtime(project).resources.values()
        with open_project(project, self.user.pk, role=project_role_of(self.user, project)) as door:
            counts = count_records(door, resources)
        context = {"counts": counts, "most": COUNTED_AT_MOST}
        return render(request, "crud/_counts.html", context)


def count_records(door: Door, resources: Iterable[Resource]) -> list[tuple[str, int]]:
    """The number of records that the door shows, by table name; counting stops one above `COUNTED_AT_MOST`."""
    counts = [
        sql.format(
            _COUNT,
            name=sql.literal(resource.table.name),
            table=sql.identifier(resource.table.name),
            most=sql.literal(COUNTED_AT_MOST + 1),
        )
        for resource in resources
    ]
    if not counts:
        return []
    with door.connection.cursor() as cursor:
        cursor.execute(sql.join(" union all ", counts))
        return list(cursor.fetchall())
