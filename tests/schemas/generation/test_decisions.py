"""Traced decisions: what is stored, and what is answered."""

import logging
from uuid import UUID, uuid4

import psycopg
import pytest

from core import jobs
from core.errors import BadRequest, Problem, QuotaExceeded
from core.models import DecisionTrace, Job, Project, User, VibeConfig
from core.permissions import access_project
from core.tenancy import acting_as, as_platform
from schemas import traces
from schemas.blueprints import blueprint
from schemas.generation import GenerationError
from schemas.generation.claude import ClaudeEngine
from schemas.generation.offline import OfflineEngine
from schemas.generation.reply import from_document
from schemas.jobs import JOB_KIND
from tests.fakes import anthropic as fake
from tests.fakes.anthropic import API_KEY, AnthropicServer
from tests.schemas.generation.asking import PROMPT, ask, traces_of

REAL_ESTATE = blueprint("real_estate").document
GOOD = from_document(blueprint("clinic").document.to_json())
BAD = GOOD | {"tables": [], "relationships": []}


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


def test_a_decision_is_answered_and_stored(user: User, project: Project) -> None:
    response = ask(user, project)

    trace = traces_of(user)[0]
    assert response["outcome"] == "schema"
    assert response["trace_id"] == str(trace.pk)
    assert [table["name"] for table in response["schema_json"]["tables"]] == ["properties", "agents", "showings"]
    assert trace.document == response["schema_json"]
    assert trace.response == response
    assert (trace.prompt, trace.intent, trace.outcome, trace.engine) == (PROMPT, "CREATE", "schema", "offline")
    assert (trace.model, trace.prompt_version, trace.request_id, trace.rounds) == ("", "", "", [])
    assert trace.project_id == project.pk


def test_the_active_schema_is_what_changes(user: User, provisioned: Project) -> None:
    response = ask(user, provisioned, "add a fax number to agents")

    trace = traces_of(user)[0]
    assert response["intent"] == "MODIFY"
    assert "fax_number" in response["changes"][0]
    assert trace.draft["operations"][0]["op"] == "add_column"
    assert trace.parent_id == provisioned.active_config_id
    assert trace.base_id is None


def test_a_question_is_stored_without_a_document(user: User, project: Project) -> None:
    response = ask(user, project, "hello")

    assert response["schema_json"] is None
    assert traces_of(user)[0].document is None


def test_a_trace_says_all_that_a_model_did(user: User, project: Project, claude: AnthropicServer) -> None:
    counted = {"input_tokens": 100, "cache_read_input_tokens": 900, "output_tokens": 120}
    claude.script(fake.reply(BAD, usage=counted), fake.reply(GOOD, usage=counted))

    response = ask(user, project, "A clinic")

    trace = traces_of(user)[0]
    assert (response["engine"], response["model"]) == ("claude", "claude-opus-5-5")
    assert (response["quota"]["used"], response["quota"]["remaining"]) == (1, 9)
    assert (trace.engine, trace.model, trace.request_id) == ("claude", "claude-opus-5-5", "req_fake")
    assert trace.prompt_version == ClaudeEngine.from_settings().prompt_version
    assert (trace.input_tokens, trace.cached_tokens, trace.output_tokens) == (2000, 1800, 240)
    assert str(trace.cost_usd) == response["usage"]["cost_usd"] == "0.006320"
    assert trace.draft["document"]["name"] == GOOD["name"]
    assert [each["problems"][0]["path"] for each in trace.rounds] == ["$.tables"]
    assert '"tables": []' in trace.rounds[0]["reply"]
    assert trace.duration_ms > 0


def test_a_failure_is_stored_and_costs_no_request(user: User, project: Project, claude: AnthropicServer) -> None:
    claude.script(fake.error(401, "authentication_error"))

    with pytest.raises(GenerationError):
        ask(user, project)

    trace = traces_of(user)[0]
    assert (trace.outcome, trace.error, trace.document) == ("error", "model_unauthorized", None)
    assert trace.request_id == "req_fake"
    assert "ANTHROPIC_API_KEY" in trace.message
    assert traces.quota_of(user).used == 0


def test_what_a_failure_cost_is_stored(user: User, project: Project, claude: AnthropicServer) -> None:
    claude.script(fake.reply(BAD), fake.error(401, "authentication_error"))

    with pytest.raises(GenerationError):
        ask(user, project)

    trace = traces_of(user)[0]
    assert trace.output_tokens == 120
    assert trace.cost_usd > 0
    assert len(trace.rounds) == 1
    assert traces.quota_of(user).used == 1


def test_a_refusal_is_stored(user: User, project: Project, claude: AnthropicServer) -> None:
    user.ai_requests_per_day = 0

    with pytest.raises(QuotaExceeded) as caught:
        ask(user, project, "A clinic")

    trace = traces_of(user)[0]
    assert (trace.prompt, trace.engine, trace.outcome) == ("A clinic", "claude", "error")
    assert (trace.error, trace.message) == ("quota_exceeded", caught.value.detail)
    assert (trace.output_tokens, trace.cost_usd, claude.requests) == (0, 0, [])


@pytest.mark.parametrize(
    "answer",
    [
        fake.error(400, "invalid_request_error", f"Authorization: Bearer {API_KEY} is no header"),
        fake.error(401, "authentication_error", f"{API_KEY} is not valid"),
        fake.reply(f"I was called with {API_KEY}, and this is no JSON."),
        fake.reply(GOOD | {"message": API_KEY, "reasoning": f"x{API_KEY}x", "warnings": [API_KEY], "name": API_KEY}),
    ],
    ids=["refused", "unauthorized", "no_json", "talkative"],
)
def test_our_key_is_nowhere_to_be_read(
    user: User,
    project: Project,
    claude: AnthropicServer,
    superuser: psycopg.Connection,
    caplog: pytest.LogCaptureFixture,
    answer: fake.Answer,
) -> None:
    claude.script(answer)
    job = jobs.submit(user, JOB_KIND, {"prompt": "A clinic"}, project=project)

    with caplog.at_level(logging.INFO):
        jobs.run(job.pk)

    rows = superuser.execute("select t::text, j::text from core_decisiontrace t join core_job j on j.id = t.id")
    (row,) = rows.fetchall()
    assert "A clinic" in row[0]
    assert API_KEY not in "".join(row)
    assert API_KEY not in caplog.text


@pytest.mark.parametrize("word", ["a\0b", "\ud800", "\udfff\ud800 x"], ids=["nul", "half", "halves"])
def test_what_postgresql_cannot_keep_is_stored_all_the_same(
    user: User, project: Project, claude: AnthropicServer, word: str
) -> None:
    strange = {"message": word, "reasoning": word, "warnings": [word], word: word, "deep": {"number": float("nan")}}
    claude.script(fake.reply(f"no JSON {word}"), fake.reply(GOOD | strange))

    response = ask(user, project, "A clinic")

    trace = traces_of(user)[0]
    assert trace.outcome == "schema"
    assert trace.rounds[0]["reply"].startswith("no JSON ")
    assert (response["message"], response["reasoning"]) == (trace.message, trace.reasoning)


def test_asking_twice_for_one_decision_answers_the_first(user: User, project: Project) -> None:
    trace_id = uuid4()

    first = ask(user, project, trace_id=trace_id)
    second = ask(user, project, trace_id=trace_id)

    assert first == second
    assert len(traces_of(user)) == 1


def test_a_decision_that_failed_is_not_asked_for_again(user: User, project: Project, claude: AnthropicServer) -> None:
    claude.script(fake.error(401, "authentication_error"), fake.reply(GOOD))

    told = [told_when_asked(user, project, UUID(int=7)) for _time in "ab"]

    assert told[0] == told[1]
    assert len(claude.requests) == 1


def test_a_decision_that_was_refused_stays_refused(user: User, project: Project, claude: AnthropicServer) -> None:
    user.ai_requests_per_day = 0
    first = told_when_asked(user, project, UUID(int=7))
    user.ai_requests_per_day = 5

    assert told_when_asked(user, project, UUID(int=7)) == first
    assert first[0] == "quota_exceeded"


def told_when_asked(user: User, project: Project, trace_id: UUID) -> tuple[str, str]:
    with pytest.raises(Problem) as caught:
        ask(user, project, "A clinic", trace_id=trace_id)
    return caught.value.code, caught.value.detail


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
    response = ask(user, project, engine=OfflineEngine())

    assert response["engine"] == "offline"
    assert claude.requests == []
