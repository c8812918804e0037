"""A slow model: whoever asks gets the job's address in time, and sees the tables as they stream."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from rest_framework.test import APIClient

from core import jobs
from core.models import Job, Project, User
from tests.conftest import running_worker
from tests.fakes import anthropic as fake
from tests.fakes.anthropic import API_KEY, AnthropicServer
from tests.schemas.generation.replies import CLINIC, GOOD
from vibecrm.celery import app as celery_app

LABELS = [table.label_plural for table in CLINIC]


@pytest.fixture
def claude_worker(service: AnthropicServer, database: None) -> Iterator[None]:
    """A worker whose operator has set a key."""
    celery_app.control.purge()
    with running_worker(ANTHROPIC_API_KEY=API_KEY, ANTHROPIC_BASE_URL=service.url):
        yield


def until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < deadline, "This did not happen in 30 seconds."
        time.sleep(0.02)


def test_nobody_waits_for_a_slow_model_longer_than_the_limit(
    api: APIClient, user: User, project: Project, service: AnthropicServer, claude_worker: None, settings
) -> None:
    settings.JOB_WAIT_SECONDS = 0.3
    go_on = threading.Event()
    service.script(fake.held(GOOD, go_on))

    response = api.post("/api/v1/generate", {"prompt": "A clinic", "project_id": str(project.pk)}, format="json")

    assert response.status_code == 202, response.content
    job = Job(pk=response.json()["id"])
    until(lambda: len(jobs.find(user, job.pk).detail.get("tables", ())) > 1)
    seen = jobs.find(user, job.pk)
    assert seen.status == "running"
    assert seen.detail["tables"] == LABELS[: len(seen.detail["tables"])]
    assert len(seen.detail["tables"]) < len(LABELS)
    assert 20 < seen.progress < 85

    go_on.set()
    until(lambda: jobs.find(user, job.pk).is_finished)
    done = api.get(response["Location"]).json()
    assert (done["status"], done["result"]["outcome"], done["result"]["engine"]) == ("succeeded", "schema", "claude")


def test_a_model_in_time_is_answered_at_once(
    api: APIClient, project: Project, service: AnthropicServer, claude_worker: None
) -> None:
    response = api.post("/api/v1/generate", {"prompt": "A clinic", "project_id": str(project.pk)}, format="json")

    assert (response.status_code, response.json()["engine"]) == (200, "claude")
    assert [table["name"] for table in response.json()["schema_json"]["tables"]] == [table.name for table in CLINIC]


def test_a_failure_is_told_with_when_to_come_back(
    api: APIClient, project: Project, service: AnthropicServer, claude_worker: None
) -> None:
    service.script(fake.error(429, "rate_limit_error", retry_after="86400"))

    response = api.post("/api/v1/generate", {"prompt": "A clinic", "project_id": str(project.pk)}, format="json")

    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"] == "86400"
    assert response.json()["code"] == "model_rate_limited"
