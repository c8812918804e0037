"""Traced decisions: what is stored, what is answered, and who may ask how often."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from core import jobs
from core.errors import BadRequest, QuotaExceeded
from core.models import DecisionTrace, Job, Project, User, VibeConfig
from core.permissions import access_project
from core.projects import create_project
from core.tenancy import acting_as, as_platform
from schemas import traces
from schemas.blueprints import blueprint
from schemas.document import Json
from schemas.generation import GenerationError
from schemas.generation.offline import OfflineEngine
from schemas.generation.reply import from_document
from schemas.jobs import JOB_KIND, decide
from tests.fakes import anthropic_server as fake
from tests.fakes.anthropic_server import API_KEY, AnthropicServer

REAL_ESTATE = blueprint("real_estate").document
GOOD = from_document(blueprint("clinic").document.to_json())
PROMPT = "Create a CRM for real estate agents with properties, agents and showings"


@pytest.fixture
def project(user: User) -> Project:
    return access_project(user, create_project(user, "Homes").pk)


@pytest.fixture
def provisioned(user: User, project: Project) -> Project:
    """A project whose active version is the real estate blueprint."""
    with as_platform():
        config = VibeConfig.objects.create(
            project=project, number=1, version="1.0.0", document=REAL_ESTATE.to_json(),
            content_hash=REAL_ESTATE.content_hash, created_by=user,
        )  # fmt: skip
        Project.objects.filter(pk=project.pk).update(active_config=config)
    return access_project(user, project.pk)


@pytest.fixture
def claude(settings) -> Iterator[AnthropicServer]:
    """A key is set, and the service answers."""
    with AnthropicServer() as server:
        settings.ANTHROPIC_API_KEY = API_KEY
        settings.ANTHROPIC_BASE_URL = server.url
        server.script(fake.reply(GOOD))
        yield server


def ask(user: User, project: Project | None, prompt: object = PROMPT) -> dict[str, Json]:
    return decide(user, project, prompt, trace_id=uuid4())


def traces_of(user: User) -> list[DecisionTrace]:
    with acting_as(user.pk):
        return list(DecisionTrace.objects.filter(user=user))


def test_a_decision_is_answered_and_stored(user: User, project: Project) -> None:
    response = ask(user, project)

    trace = traces_of(user)[0]
    assert response["outcome"] == "schema"
    assert response["trace_id"] == str(trace.pk)
    assert [table["name"] for table in response["schema_json"]["tables"]] == ["properties", "agents", "showings"]
    assert trace.document == response["schema_json"]
    assert (trace.prompt, trace.intent, trace.outcome, trace.engine) == (PROMPT, "CREATE", "schema", "offline")
    assert trace.project_id == project.pk


def test_the_active_schema_is_what_changes(user: User, provisioned: Project) -> None:
    response = ask(user, provisioned, "add a fax number to agents")

    assert response["intent"] == "MODIFY"
    assert "fax_number" in response["changes"][0]
    assert traces_of(user)[0].response["operations"][0]["op"] == "add_column"


def test_a_question_is_stored_without_a_document(user: User, project: Project) -> None:
    response = ask(user, project, "hello")

    assert response["schema_json"] is None
    assert traces_of(user)[0].document is None


def test_asking_twice_for_one_decision_answers_the_first(user: User, project: Project) -> None:
    trace_id = uuid4()

    first = decide(user, project, PROMPT, trace_id=trace_id)
    second = decide(user, project, PROMPT, trace_id=trace_id)

    assert {**first, "quota": None} == {**second, "quota": None}
    assert len(traces_of(user)) == 1


def test_claude_decides_where_a_key_is_set(user: User, project: Project, claude: AnthropicServer) -> None:
    response = ask(user, project, "A clinic")

    trace = traces_of(user)[0]
    assert (response["engine"], response["model"]) == ("claude", "claude-opus-5-5")
    assert response["quota"]["used"] == 1
    assert response["quota"]["remaining"] == 9
    assert (trace.input_tokens, trace.output_tokens) == (1000, 120)
    assert trace.cost_usd > 0


def test_a_failure_is_stored_and_costs_no_request(user: User, project: Project, claude: AnthropicServer) -> None:
    claude.script(fake.error(401, "authentication_error"))

    with pytest.raises(GenerationError):
        ask(user, project)

    trace = traces_of(user)[0]
    assert (trace.outcome, trace.error) == ("error", "model_unauthorized")
    assert API_KEY not in str(trace.__dict__)
    assert traces.quota_of(user).used == 0


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


def test_yesterday_does_not_count(user: User, project: Project, claude: AnthropicServer) -> None:
    user.ai_requests_per_day = 1
    ask(user, project, "A clinic")
    with as_platform():
        DecisionTrace.objects.update(created_at=datetime.now(UTC) - timedelta(days=1))

    assert ask(user, project, "A clinic")["outcome"] == "schema"


def test_a_user_may_have_a_limit_of_their_own(user: User, project: Project, claude: AnthropicServer) -> None:
    user.ai_requests_per_day = 0

    with pytest.raises(QuotaExceeded):
        ask(user, project, "A clinic")


def test_the_offline_engine_is_not_counted(user: User, project: Project, settings) -> None:
    settings.AI_REQUESTS_PER_DAY = 1

    responses = [ask(user, project) for _number in range(3)]

    assert [response["quota"]["used"] for response in responses] == [0, 0, 0]


def test_of_many_requests_at_once_with_one_left_exactly_one_passes(
    user: User, project: Project, claude: AnthropicServer, django_db_blocker
) -> None:
    user.ai_requests_per_day = 1
    barrier = threading.Barrier(12)
    outcomes: list[str] = []

    def request() -> None:
        barrier.wait()
        try:
            outcomes.append(str(ask(user, project, "A clinic")["outcome"]))
        except QuotaExceeded:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=request) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused"] * 11 + ["schema"]


@pytest.mark.parametrize("prompt", ["", "   ", "x" * 4001, "a\0b", None, 7, ["x"], "\ud800"])
def test_what_is_no_prompt_is_refused_before_anything_is_stored(user: User, project: Project, prompt: object) -> None:
    with pytest.raises(BadRequest) as caught:
        ask(user, project, prompt)

    assert caught.value.errors[0]["path"] == "$.prompt"
    assert traces_of(user) == []


def test_a_job_tells_its_steps_once_each(user: User, project: Project) -> None:
    job = jobs.submit(user, JOB_KIND, {"prompt": PROMPT}, project=project)

    jobs.run(job.pk)
    job = jobs.wait(user, job.pk, 20)

    assert job.status == Job.Status.SUCCEEDED
    assert [step["label"] for step in job.steps] == ["Reading your request", "Drafting tables", "Checking", "Done"]
    assert job.result is not None
    assert job.result["trace_id"] == str(job.pk)


def test_somebody_else_sees_neither_trace_nor_project(user: User, other_user: User, project: Project) -> None:
    ask(user, project)

    assert traces_of(other_user) == []
    with acting_as(other_user.pk):
        assert not DecisionTrace.objects.exists()


def test_the_engine_can_be_chosen(user: User, project: Project, claude: AnthropicServer) -> None:
    response = decide(user, project, PROMPT, trace_id=uuid4(), engine=OfflineEngine())

    assert response["engine"] == "offline"
    assert claude.requests == []
