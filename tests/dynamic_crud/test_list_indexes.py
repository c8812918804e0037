"""Lists and counts are read from indexes, by who sees all rows and by who sees their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.models import User
from core.tenancy import open_project
from dynamic_crud.querysets import all_rows, ordered_rows
from dynamic_crud.runtime import get_runtime
from tests.dynamic_crud.conftest import RecordsClient
from tests.factories import share

ROLES: dict[str, Any] = {"owner": "admin", "editor": "member"}
"""Members, and the right in which they open the project."""


def nodes(plan: dict[str, Any]) -> set[str]:
    """The kinds of steps that a plan has."""
    return {plan["Node Type"]}.union(*(nodes(part) for part in plan.get("Plans", [])))


@pytest.mark.parametrize("member", ROLES)
def test_lists_and_counts_are_read_from_indexes(
    estate: RecordsClient, user: User, other_user: User, member: str
) -> None:
    share(estate.project, other_user, "editor")
    for number in range(20):
        estate.made("agents", name=f"Agent {number}")
    resource = get_runtime(estate.project).resource("agents")
    person = user if member == "owner" else other_user
    with open_project(estate.project, person.pk, ROLES[member]) as door, door.connection.cursor() as cursor:
        # Twenty rows are read fastest from the table; what matters is that an index could.
        cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
        rows = all_rows(resource, door.alias)
        (listed,) = json.loads(ordered_rows(resource, rows, ())[:50].explain(format="json"))
        cursor.execute("explain (format json) select count(*) from agents")
        ((counted,),) = cursor.fetchone()
    assert "Index Scan" in nodes(listed["Plan"])
    assert "Sort" not in nodes(listed["Plan"])
    assert "Index Only Scan" in nodes(counted["Plan"])
