"""Whether a web process keeps what it no longer needs: many projects, which get new versions all the time."""

from __future__ import annotations

import os
from itertools import cycle
from typing import Any, Final

from rest_framework_simplejwt.tokens import AccessToken

from benchmarks.client import Client
from benchmarks.crm import provision_next, provisioned
from benchmarks.web import web_server
from core.models import User

REQUESTS: Final = int(os.environ.get("BENCH_LEAK_REQUESTS", "10000"))
PROJECTS: Final = max(2, REQUESTS // 50)
VERSION_EVERY: Final = 50
SETTLED_AFTER: Final = REQUESTS // 10


def memory_before_and_after() -> tuple[float, float]:
    """MB of the web process after the first tenth of the requests, and after all of them."""
    user = User.objects.create_user("leak@vibecrm.local", "leak-vibecrm")
    projects = [provisioned(user, f"Project {number}", document(1)) for number in range(PROJECTS)]
    versions = dict.fromkeys((project.pk for project in projects), 1)
    before = 0.0
    with web_server() as web:
        client = Client(web.port, Authorization=f"Bearer {AccessToken.for_user(user)}")
        turns = cycle(projects)
        for number in range(1, REQUESTS + 1):
            project = next(turns)
            if number % VERSION_EVERY == 0:
                versions[project.pk] += 1
                provision_next(user, project, document(versions[project.pk]))
            client.get(f"/api/v1/projects/{project.pk}/tables/notes/records?expand=folder_id")
            if number == SETTLED_AFTER:
                before = web.memory_mb()
        after = web.memory_mb()
        client.close()
    return before, after


def document(version: int) -> dict[str, Any]:
    """A version of each project: one more column than the last."""
    columns = [{"name": f"column_{number}", "type": "text"} for number in range(version)]
    return {
        "name": "Notes",
        "tables": [
            {"name": "folders", "columns": [{"name": "name", "type": "text", "required": True}]},
            {"name": "notes", "columns": [{"name": "text", "type": "long_text"}, *columns]},
        ],
        "relationships": [{"from_table": "notes", "from_column": "folder_id", "to_table": "folders"}],
    }
