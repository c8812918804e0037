"""A user asks, Claude does what services do, and the user gets what helps them; the trace tells all of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from core.errors import Problem
from core.models import DecisionTrace, Project, User
from core.tenancy import acting_as
from schemas import traces
from schemas.generation import GenerationError
from schemas.generation.prompts import prompt_version
from schemas.jobs import decide
from tests.fakes import anthropic as fake
from tests.fakes.anthropic import API_KEY, AnthropicServer
from tests.schemas.generation.replies import BAD, GOOD

TEXT = json.dumps(GOOD)
ONE_TABLE = json.dumps(GOOD | {"tables": GOOD["tables"][:1], "relationships": []})


@dataclass(frozen=True)
class Scenario:
    """What the service does, and how that ends for the user."""

    answers: list[fake.Answer]
    outcome: str
    error: str = ""
    says: str = ""
    rounds: int = 0
    requests: int = 1
    retry_after: int | None = None
    counts: bool = True
    pauses: list[float] = field(default_factory=list)


SCENARIOS = {
    "good": Scenario([fake.reply(GOOD)], "schema", says="A clinic."),
    "streamed in small pieces": Scenario([fake.reply(GOOD, chunk=7)], "schema", says="A clinic."),
    "slow": Scenario([fake.reply(GOOD, chunk=500, pause=0.02)], "schema", says="A clinic."),
    "fenced": Scenario([fake.reply(f"```json\n{TEXT}\n```")], "schema"),
    "prose around it": Scenario([fake.reply(f"Of course!\n{TEXT}\nAnything else?")], "schema"),
    "truncated, then brief": Scenario(
        [fake.reply(TEXT[:3000], stop_reason="max_tokens"), fake.reply(GOOD)], "schema", rounds=1, requests=2
    ),
    "truncated three times": Scenario(
        [fake.reply(ONE_TABLE[:-30], stop_reason="max_tokens")], "schema", rounds=2, requests=3
    ),
    "invalid, then repaired": Scenario([fake.reply(BAD), fake.reply(GOOD)], "schema", rounds=1, requests=2),
    "invalid three times": Scenario([fake.reply(BAD)], "reject", says="could not be used", rounds=2, requests=3),
    "no JSON three times": Scenario([fake.reply("Well.")], "reject", says="no JSON", rounds=2, requests=3),
    "nothing said three times": Scenario([fake.reply("")], "reject", says="no JSON", rounds=2, requests=3),
    "refused": Scenario([fake.refusal("This could hurt people.")], "reject", says="This could hurt people."),
    "rate limit, a moment": Scenario(
        [fake.error(429, "rate_limit_error", retry_after="1"), fake.reply(GOOD)], "schema", requests=2, pauses=[1.0]
    ),
    "rate limit of a day": Scenario(
        [fake.error(429, "rate_limit_error", retry_after="86400")],
        "error", "model_rate_limited", "asked too often", retry_after=86_400, counts=False,
    ),
    "overloaded": Scenario(
        [fake.error(529, "overloaded_error", retry_after="1")],
        "error", "model_overloaded", "overloaded", requests=3, retry_after=1, counts=False, pauses=[1.0, 1.0],
    ),
    "overloaded for a moment": Scenario(
        [fake.error(529, "overloaded_error", retry_after="1"), fake.reply(GOOD)], "schema", requests=2, pauses=[1.0]
    ),
    "500 in HTML": Scenario(
        [fake.html(500)], "error", "model_failed", "an error of its own", requests=3, retry_after=30, counts=False
    ),
    "broken body": Scenario(
        [fake.broken_body()], "error", "model_broken_reply", "broke off", requests=3, retry_after=30, counts=False
    ),
    "error in the stream": Scenario(
        [fake.cut_stream(GOOD, "error")],
        "error", "model_overloaded", "overloaded", requests=3, retry_after=30, counts=False,
    ),
    "error in the stream, then good": Scenario(
        [fake.cut_stream(GOOD, "error"), fake.reply(GOOD)], "schema", requests=2
    ),
    "dropped": Scenario(
        [fake.cut_stream(GOOD, "reset")],
        "error", "model_broken_reply", "broke off", requests=3, retry_after=30, counts=False,
    ),
    "dropped, then good": Scenario([fake.cut_stream(GOOD, "reset"), fake.reply(GOOD)], "schema", requests=2),
    "stalled": Scenario(
        [fake.cut_stream(GOOD, "stall")], "error", "model_timeout", "in time", retry_after=30, counts=False
    ),
    "ended without its end": Scenario(
        [fake.cut_stream(GOOD, "eof")],
        "error", "model_broken_reply", "broke off", requests=3, retry_after=30, counts=False,
    ),
    "refused key": Scenario(
        [fake.error(401, "authentication_error")], "error", "model_unauthorized", "ANTHROPIC_API_KEY", counts=False
    ),
    "repair that fails": Scenario(
        [fake.reply(BAD), fake.error(401, "authentication_error")],
        "error", "model_unauthorized", "ANTHROPIC_API_KEY", rounds=1, requests=2,
    ),
}  # fmt: skip


@pytest.fixture
def claude(claude: AnthropicServer, pauses: list[float], settings) -> AnthropicServer:
    """The service, whose silence nobody bears for long."""
    settings.ANTHROPIC_TIMEOUT = 2.0
    return claude


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_it_ends_as_the_user_would_want(
    user: User, project: Project, claude: AnthropicServer, pauses: list[float], scenario: Scenario
) -> None:
    claude.script(*scenario.answers)

    try:
        response = decide(user, project, "A clinic", trace_id=uuid4())
    except Problem as problem:
        assert_failed(problem, scenario)
    else:
        assert response["outcome"] == scenario.outcome
        assert bool(response["schema_json"]) == (scenario.outcome == "schema")
        assert scenario.says in response["message"]

    assert len(claude.requests) == scenario.requests
    assert not scenario.pauses or pauses == scenario.pauses
    assert_traced(user, scenario)


def assert_failed(problem: Problem, scenario: Scenario) -> None:
    assert isinstance(problem, GenerationError)
    assert (problem.status, problem.code, problem.retry_after) == (503, scenario.error, scenario.retry_after)
    assert scenario.says in problem.detail


def assert_traced(user: User, scenario: Scenario) -> None:
    with acting_as(user.pk):
        trace = DecisionTrace.objects.get(user=user)
    assert (trace.outcome, trace.error) == (scenario.outcome, scenario.error)
    assert scenario.says in trace.message
    assert (trace.engine, trace.model, trace.prompt_version) == ("claude", "claude-opus-5-5", prompt_version())
    assert trace.request_id == "req_fake"
    assert len(trace.rounds) == scenario.rounds
    assert all(item["problems"] for item in trace.rounds)
    assert bool(trace.output_tokens) == scenario.counts
    assert traces.quota_of(user).used == int(scenario.counts)
    assert API_KEY not in str(trace.__dict__)


def test_cached_tokens_are_traced(user: User, project: Project, claude: AnthropicServer) -> None:
    claude.script(fake.reply(GOOD, usage={"input_tokens": 10, "cache_read_input_tokens": 3000, "output_tokens": 500}))

    decide(user, project, "A clinic", trace_id=uuid4())

    with acting_as(user.pk):
        trace = DecisionTrace.objects.get(user=user)
    assert (trace.input_tokens, trace.cached_tokens, trace.output_tokens) == (3010, 3000, 500)


def test_rounds_are_traced_in_the_models_words(user: User, project: Project, claude: AnthropicServer) -> None:
    claude.script(fake.reply("I would rather talk\0 about it. " + "x" * 30_000), fake.reply(GOOD))

    decide(user, project, "A clinic", trace_id=uuid4())

    with acting_as(user.pk):
        trace = DecisionTrace.objects.get(user=user)
    assert trace.rounds[0]["reply"].startswith("I would rather talk about it.")
    assert len(trace.rounds[0]["reply"]) == 20_000
    assert trace.rounds[0]["problems"][0]["code"] == "not_json"
