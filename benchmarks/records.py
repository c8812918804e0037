"""Records through the API, in process, against the same SQL by psycopg in one transaction, as a superuser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from psycopg.rows import dict_row
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from benchmarks.measure import Result, compare
from core.tenancy import open_project
from dynamic_crud.runtime import get_runtime
from vibecrm import embedded
from vibecrm.demo import Demo

ROWS = 10_000


def results(demo: Demo) -> Iterator[Result]:
    """Lists, reads and writes of a table of 10,000 rows."""
    model = get_runtime(demo.project).resource("agents").model
    with open_project(demo.project, demo.user.pk, "admin") as door:
        rows = [model(full_name=f"Agent {i}", email=f"agent{i}@bench.example") for i in range(ROWS)]
        model.objects.using(door.alias).bulk_create(rows, batch_size=1000)
        record_id = model.objects.using(door.alias).values_list("pk", flat=True)[0]
    token = AccessToken.for_user(demo.user)
    api = APIClient(SERVER_NAME="127.0.0.1", HTTP_AUTHORIZATION=f"Bearer {token}")
    base = f"/api/v1/projects/{demo.project.pk}/tables/agents/records"

    def get(address: str) -> Any:
        response = api.get(address)
        assert response.status_code == 200, response.content
        return response.content

    with psycopg.connect(
        embedded.Home.open(settings.HOME).superuser_url(), autocommit=False, row_factory=dict_row
    ) as floor:
        floor.execute("select set_config('search_path', %s, false)", [demo.project.schema_name])
        floor.commit()

        def run(query: str, *parameters: Any) -> Any:
            found = floor.execute(query, parameters).fetchall()
            floor.commit()
            return found

        listing = "select * from agents order by created_at desc limit 50"
        yield compare("list 50, no count", lambda: run(listing), lambda: get(f"{base}?page_size=50&count=none"))
        yield compare(
            "list 50, exact count",
            lambda: (run("select count(*) from agents"), run(listing)),
            lambda: get(f"{base}?page_size=50"),
        )
        one = "select * from agents where id = %s"
        yield compare("get one", lambda: run(one, record_id), lambda: get(f"{base}/{record_id}"))
        numbers = iter(range(10**9))
        insert = "insert into agents (full_name, email, user_id) values ('A', %s, %s) returning *"
        yield compare(
            "create",
            lambda: run(insert, f"floor{next(numbers)}@bench.example", demo.user.pk),
            lambda: api.post(base, {"full_name": "A", "email": f"ours{next(numbers)}@bench.example"}, format="json"),
        )
