"""What Claude, or an endpoint that takes its place, may answer, and what becomes of it."""

import json

import pytest

from schemas.generation.claude import ClaudeEngine
from tests.fakes import anthropic as fake
from tests.fakes.anthropic import AnthropicServer
from tests.schemas.generation.replies import BAD, CLINIC, GOOD, REAL_ESTATE, ask, modifying


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{json.dumps(GOOD)}\n```",
        f"Here is your schema:\n\n{json.dumps(GOOD)}\n\nTell me if you need more.",
        json.dumps(GOOD)[:-1] + ",}",
        json.dumps({"intent": "CREATE", "outcome": "schema", "schema_json": CLINIC.to_json()}),
    ],
    ids=["fenced", "prose", "trailing comma", "a document of its own"],
)
def test_replies_of_looser_endpoints_are_read_too(engine: ClaudeEngine, service: AnthropicServer, text: str) -> None:
    service.script(fake.reply(text))

    generation = ask(engine)

    assert generation.outcome == "schema"
    assert generation.schema is not None
    assert generation.schema.has_table("patients")


def test_an_invalid_draft_is_sent_back_with_its_problems(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.reply(BAD), fake.reply(GOOD))

    generation = ask(engine)

    assert generation.outcome == "schema"
    messages = service.requests[1]["body"]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert "nowhere" in messages[2]["content"]
    assert generation.usage.input_tokens == 2000


def test_three_invalid_drafts_end_in_a_refusal_that_says_why(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.reply(BAD))

    generation = ask(engine)

    assert generation.outcome == "reject"
    assert generation.schema is None
    assert any("nowhere" in warning for warning in generation.warnings)
    assert len(service.requests) == 3
    assert generation.usage.input_tokens == 3000


def test_operations_outside_of_the_vocabulary_are_refused(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.reply(modifying({"op": "run_sql", "table": "drop schema public cascade"})))

    assert ask(engine, "Do it", REAL_ESTATE).outcome == "reject"


def test_a_reply_without_json_is_asked_for_again(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.reply("I would rather talk about it."), fake.reply(GOOD))

    assert ask(engine).outcome == "schema"


def test_a_truncated_reply_is_asked_for_again_more_briefly(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.reply(json.dumps(GOOD)[:3000], stop_reason="max_tokens"), fake.reply(GOOD))

    assert ask(engine).outcome == "schema"
    assert "more briefly" in service.requests[1]["body"]["messages"][2]["content"]


def test_what_stays_truncated_is_mended_with_a_warning_or_refused(
    engine: ClaudeEngine, service: AnthropicServer
) -> None:
    one_table = GOOD | {"tables": GOOD["tables"][:1], "relationships": []}
    service.script(fake.reply(json.dumps(one_table)[:-20], stop_reason="max_tokens"))

    generation = ask(engine)

    assert generation.outcome == "schema"
    assert any("cut short" in warning for warning in generation.warnings)


def test_a_refusal_is_told_politely(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.refusal("This could hurt people."))

    generation = ask(engine)

    assert generation.outcome == "reject"
    assert "This could hurt people." in generation.message
    assert generation.usage.input_tokens == 1000


def test_a_question_is_passed_on_with_its_suggestions(engine: ClaudeEngine, service: AnthropicServer) -> None:
    question = {"intent": "NONE", "outcome": "clarify", "message": "What do you sell?", "suggestions": ["A shop", ""]}
    service.script(fake.reply(GOOD | question))

    generation = ask(engine, "help")

    assert (generation.outcome, generation.message) == ("clarify", "What do you sell?")
    assert generation.suggestions == ("A shop",)
