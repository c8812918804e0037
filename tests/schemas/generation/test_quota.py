"""Who may ask a model how often, and how often anybody may ask at all."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from rest_framework.test import APIClient

from core import jobs
from core.errors import QuotaExceeded
from core.models import DecisionTrace, Job, Project, User
from core.tenancy import as_platform
from schemas import traces
from schemas.generation.claude import ClaudeEngine
from tests.conftest import client_of
from tests.fakes.anthropic import AnthropicServer
from tests.schemas.generation.asking import ask, traces_of

REQUESTS, AT_ONCE = 100, 10
"""More at once than the pool has connections would only wait for those."""


@pytest.fixture
def at_work(database: None) -> Iterator[None]:
    """A worker within this process, with this process's settings."""
    stopped = threading.Event()

    def work() -> None:
        while not stopped.wait(0.02):
            with as_platform():
                queued = list(Job.objects.filter(status=Job.Status.QUEUED).values_list("pk", flat=True))
            for key in queued:
                jobs.run(key)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stopped.set()
    thread.join()


def asked_before(user: User, count: int, **values: object) -> None:
    """So many requests of today, ended or not."""
    with as_platform():
        DecisionTrace.objects.bulk_create(
            DecisionTrace(user=user, prompt="x", **{"engine": "claude", "outcome": "clarify", **values})
            for _number in range(count)
        )


def at_once(call: Callable[[int], str]) -> Counter[str]:
    """What so many calls answer, as many at a time as there are threads."""
    barrier = threading.Barrier(AT_ONCE)

    def begin(number: int) -> str:
        if number < AT_ONCE:
            barrier.wait()
        return call(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = Counter(pool.map(begin, range(REQUESTS)))
        list(pool.map(lambda _number: connection.close(), range(AT_ONCE)))
    return outcomes


def test_the_eleventh_request_of_a_day_is_refused_and_says_until_when(
    user: User, project: Project, claude: AnthropicServer
) -> None:
    for _number in range(10):
        ask(user, project, "A clinic")

    with pytest.raises(QuotaExceeded) as caught:
        ask(user, project, "A clinic")

    midnight = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%d 00:00")
    assert midnight in caught.value.detail
    assert 0 < (caught.value.retry_after or 0) <= 86400
    assert len(claude.requests) == 10
    assert traces_of(user)[0].error == "quota_exceeded"


def test_of_a_hundred_requests_with_one_left_exactly_one_passes(
    user: User, project: Project, claude: AnthropicServer
) -> None:
    asked_before(user, 9)

    def request(_number: int) -> str:
        try:
            return str(ask(user, project, "A clinic")["outcome"])
        except QuotaExceeded as refusal:
            return f"{refusal.status} {'00:00 UTC' in refusal.detail and (refusal.retry_after or 0) > 0}"

    assert at_once(request) == {"schema": 1, "429 True": 99}
    assert len(claude.requests) == 1
    stored = Counter((trace.outcome, trace.error) for trace in traces_of(user))
    assert stored == {("clarify", ""): 9, ("schema", ""): 1, ("error", "quota_exceeded"): 99}


def test_a_request_that_is_still_running_counts(user: User, project: Project, claude: AnthropicServer) -> None:
    user.ai_requests_per_day = 1
    traces.begin(user, project, "A clinic", ClaudeEngine.from_settings(), uuid4())

    with pytest.raises(QuotaExceeded):
        ask(user, project, "A clinic")


@pytest.mark.parametrize(
    ("values", "used"),
    [
        ({"outcome": "schema"}, 1),
        ({"outcome": "pending"}, 1),
        ({"outcome": "error", "output_tokens": 5}, 1),
        ({"outcome": "error"}, 0),
        ({"outcome": "schema", "engine": "offline"}, 0),
    ],
)
def test_what_counts(user: User, values: dict[str, object], used: int) -> None:
    asked_before(user, 1, **values)

    assert traces.quota_of(user).used == used


def test_a_deleted_project_gives_nothing_back(user: User, project: Project, claude: AnthropicServer) -> None:
    ask(user, project, "A clinic")
    with as_platform():
        Project.objects.update(deleted_at=datetime.now(UTC))

    assert traces.quota_of(user).used == 1


def test_yesterday_does_not_count(user: User, claude: AnthropicServer) -> None:
    user.ai_requests_per_day = 1
    ask(user, None, "A clinic")
    with as_platform():
        DecisionTrace.objects.update(created_at=datetime.now(UTC) - timedelta(days=1))

    assert ask(user, None, "A clinic")["outcome"] == "schema"


def test_everybody_has_a_quota_of_their_own(user: User, other_user: User) -> None:
    asked_before(user, 10)

    assert traces.quota_of(user).remaining == 0
    assert traces.quota_of(other_user).remaining == 10


def test_a_user_may_have_a_limit_of_their_own(user: User, project: Project, claude: AnthropicServer) -> None:
    user.ai_requests_per_day = 0

    with pytest.raises(QuotaExceeded):
        ask(user, project, "A clinic")


def test_the_offline_engine_is_not_counted(user: User, project: Project, settings) -> None:
    settings.AI_REQUESTS_PER_DAY = 1

    responses = [ask(user, project) for _number in range(3)]

    assert [response["quota"]["used"] for response in responses] == [0, 0, 0]


def test_the_api_says_until_when(
    api: APIClient, user: User, project: Project, claude: AnthropicServer, at_work: None
) -> None:
    asked_before(user, 10)

    body = {"prompt": "A clinic", "project_id": str(project.pk)}
    response = api.post("/api/v1/generate", body, format="json")

    assert response.status_code == 429
    assert response["Content-Type"] == "application/problem+json"
    assert 0 < int(response["Retry-After"]) <= 86400
    assert response.json()["code"] == "quota_exceeded"
    assert "00:00 UTC" in response.json()["detail"]


def test_nobody_asks_too_often_whatever_answers(api: APIClient, project: Project) -> None:
    empty = {"prompt": "", "project_id": str(project.pk)}

    statuses = [api.post("/api/v1/generate", empty, format="json").status_code for _number in range(30)]
    refused = api.post("/api/v1/generate", empty, format="json")

    assert set(statuses) == {400}
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "throttled"
    assert 0 < int(refused["Retry-After"]) <= 61


def test_the_rate_is_a_users_own(api: APIClient, other_user: User, project: Project) -> None:
    for _number in range(31):
        api.post("/api/v1/generate", {}, format="json")

    assert client_of(other_user).post("/api/v1/generate", {}, format="json").status_code == 400
