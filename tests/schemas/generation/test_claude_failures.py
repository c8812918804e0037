"""What can go wrong between us and the service. Whatever it is, a `GenerationError` says so, and nothing else does."""

import time
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.document import Json
from schemas.generation import GenerationError, generate
from schemas.generation.claude import ClaudeEngine
from schemas.generation.draft import Draft
from schemas.generation.json_text import extract_object
from schemas.generation.reply import to_draft
from tests.fakes import anthropic as fake
from tests.fakes.anthropic import AnthropicServer
from tests.schemas.generation.replies import GOOD, ask

PASSING = {
    "overloaded": fake.error(529, "overloaded_error"),
    "rate limit": fake.error(429, "rate_limit_error", retry_after="1"),
    "500 with HTML": fake.html(500),
    "502 with HTML": fake.html(502),
    "broken body": fake.broken_body(),
    "no event lines": fake.no_events(),
    "error in the stream": fake.cut_stream(GOOD, "error"),
    "dropped": fake.cut_stream(GOOD, "reset"),
    "end without message_stop": fake.cut_stream(GOOD, "eof"),
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING.keys())
def test_a_stumble_is_tried_again(engine: ClaudeEngine, service: AnthropicServer, answer: fake.Answer) -> None:
    service.script(answer, fake.reply(GOOD))

    assert ask(engine).outcome == "schema"
    assert len(service.requests) == 2


FAILURES = {
    "overloaded": (fake.error(529, "overloaded_error"), "model_overloaded", 3),
    "rate limit": (fake.error(429, "rate_limit_error", retry_after="2"), "model_rate_limited", 3),
    "rate limit of a day": (fake.error(429, "rate_limit_error", retry_after="86400"), "model_rate_limited", 1),
    "do not retry": (fake.error(429, "rate_limit_error", x_should_retry="false"), "model_rate_limited", 1),
    "500 with HTML": (fake.html(500), "model_failed", 3),
    "broken body": (fake.broken_body(), "model_broken_reply", 3),
    "no event lines": (fake.no_events(), "model_broken_reply", 3),
    "error in the stream": (fake.cut_stream(GOOD, "error"), "model_overloaded", 3),
    "dropped": (fake.cut_stream(GOOD, "reset"), "model_broken_reply", 3),
    "end without message_stop": (fake.cut_stream(GOOD, "eof"), "model_broken_reply", 3),
    "bad key": (fake.error(401, "authentication_error"), "model_unauthorized", 1),
    "no credit": (fake.error(402, "billing_error"), "model_billing", 1),
    "not allowed": (fake.error(403, "permission_error"), "model_forbidden", 1),
    "no such model": (fake.error(404, "not_found_error"), "model_not_found", 1),
    "too large": (fake.error(413, "request_too_large"), "model_request_too_large", 1),
    "bad request": (fake.error(400, "invalid_request_error", "grammar too complex"), "model_refused_request", 1),
}


@pytest.mark.parametrize(("answer", "code", "requests"), FAILURES.values(), ids=FAILURES.keys())
def test_every_failure_has_a_name_and_a_sentence(
    engine: ClaudeEngine, service: AnthropicServer, answer: fake.Answer, code: str, requests: int
) -> None:
    service.script(answer)

    with pytest.raises(GenerationError) as caught:
        ask(engine)

    assert caught.value.code == code
    assert caught.value.status == 503
    assert caught.value.detail.endswith(".")
    assert len(service.requests) == requests


def test_a_long_retry_after_is_told_instead_of_slept(
    engine: ClaudeEngine, service: AnthropicServer, pauses: list[float]
) -> None:
    service.script(fake.error(429, "rate_limit_error", retry_after="86400"))

    with pytest.raises(GenerationError) as caught:
        ask(engine)

    assert caught.value.retry_after == 86400
    assert pauses == []


def test_a_short_retry_after_is_obeyed(engine: ClaudeEngine, service: AnthropicServer, pauses: list[float]) -> None:
    service.script(fake.error(429, "rate_limit_error", retry_after="7"), fake.reply(GOOD))

    ask(engine)

    assert pauses == [7.0]


def test_a_stalled_stream_is_given_up(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.cut_stream(GOOD, "stall"))
    started = time.monotonic()

    with pytest.raises(GenerationError) as caught:
        ask(replace(engine, timeout=0.3))

    assert caught.value.code == "model_timeout"
    assert caught.value.retry_after
    assert time.monotonic() - started < 3


def test_a_service_that_is_not_there_is_unreachable(engine: ClaudeEngine) -> None:
    with pytest.raises(GenerationError) as caught:
        ask(replace(engine, base_url="http://127.0.0.1:9"))

    assert caught.value.code == "model_unreachable"


@pytest.mark.parametrize("base_url", ["not a url", "http://[", "ftp://127.0.0.1"])
def test_a_base_url_that_is_none_is_unreachable_too(engine: ClaudeEngine, base_url: str) -> None:
    with pytest.raises(GenerationError):
        ask(replace(engine, base_url=base_url))


def test_what_was_spent_before_a_failure_is_not_forgotten(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.reply("no json"), fake.error(529, "overloaded_error"))

    with pytest.raises(GenerationError) as caught:
        ask(engine)

    assert caught.value.usage.input_tokens == 1000


def test_a_wrong_key_is_refused_by_the_service(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.reply(GOOD))

    with pytest.raises(GenerationError) as caught:
        ask(replace(engine, api_key="sk-wrong"))

    assert caught.value.code == "model_unauthorized"


@pytest.mark.parametrize("seconds", ["21", "86400"])
def test_no_pause_is_longer_than_twenty_seconds(
    engine: ClaudeEngine, service: AnthropicServer, pauses: list[float], seconds: str
) -> None:
    service.script(fake.error(529, "overloaded_error", retry_after=seconds))

    with pytest.raises(GenerationError) as caught:
        ask(engine)

    assert caught.value.retry_after == int(seconds)
    assert pauses == []


def test_a_failure_has_the_services_name_of_the_request(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.error(401, "authentication_error", request_id="req_refused"))

    with pytest.raises(GenerationError) as caught:
        ask(engine)

    assert caught.value.request_id == "req_refused"


def test_what_a_broken_stream_cost_is_counted(engine: ClaudeEngine, service: AnthropicServer) -> None:
    service.script(fake.cut_stream(GOOD, "error"), fake.reply(GOOD))

    assert ask(engine).usage.input_tokens == 2000


START = {"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "content": []}}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
STOP = {"type": "message_stop"}


def said(**delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", **delta}}


def ended(reason: Any, **usage: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


STRANGE = {
    "nothing at all": [],
    "an end without a beginning": [STOP],
    "no usage": [START, BLOCK, said(text="{}"), ended("end_turn"), STOP],
    "no message": [{"type": "message_start"}, STOP],
    "message is null": [{"type": "message_start", "message": None}, STOP],
    "text is null": [START, BLOCK, said(text=None), ended("end_turn"), STOP],
    "text is a number": [START, BLOCK, said(text=7), ended("end_turn"), STOP],
    "no delta": [START, BLOCK, {"type": "content_block_delta", "index": 0}, STOP],
    "delta without a block": [START, said(text="{}"), ended("end_turn"), STOP],
    "no stop reason": [START, BLOCK, said(text="{}"), ended(None), STOP],
    "stop reason is a list": [START, BLOCK, said(text="{}"), ended(["end_turn"]), STOP],
    "absurd counts": [START, BLOCK, said(text="{}"), ended("end_turn", output_tokens=-1, input_tokens=10**30), STOP],
    "counts are texts": [START, BLOCK, said(text="{}"), ended("end_turn", output_tokens="many"), STOP],
    "unknown events": [{"type": "news"}, START, BLOCK, said(text="{}"), ended("end_turn"), STOP],
    "an error of no kind": [START, {"type": "error", "error": None}],
    "an error that is a text": [START, {"type": "error", "error": "oops"}],
}


@pytest.mark.parametrize("events", STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_stream_ends_in_an_answer_or_a_failure_with_a_name(
    engine: ClaudeEngine, service: AnthropicServer, events: list[dict[str, Any]]
) -> None:
    service.script(fake.events(*events))

    assert end_of(engine) in ("reject", "model_broken_reply", "model_failed")


def end_of(engine: ClaudeEngine) -> str:
    """The outcome, or the name of the failure; the counts are such as can be stored."""
    try:
        generation = ask(engine)
    except GenerationError as error:
        spent, end = error.usage, error.code
    else:
        spent, end = generation.usage, generation.outcome
    assert all(0 <= count < 2**31 for count in (spent.input_tokens, spent.output_tokens, spent.cached_tokens))
    return end


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["id", "agents"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


class Says:
    """An engine whose model says one thing, whatever is asked."""

    key, model, repairs, prompt_version = "claude", "", 2, ""

    def __init__(self, reply: Json) -> None:
        self.reply = reply

    def draft(self, *args: object) -> Draft:
        return to_draft(self.reply)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_junk_anywhere_in_a_reply_breaks_nothing(data: st.DataObject) -> None:
    reply = deepcopy(GOOD) | {"intent": data.draw(st.sampled_from(["CREATE", "MODIFY", "X"]))}
    reply["operations"] = [{"op": "add_table", "tables": deepcopy(GOOD["tables"][:1])}]
    for _place in range(data.draw(st.integers(1, 3))):
        _spoil(reply, data)

    assert generate("A clinic", engine=Says(reply)).outcome in ("schema", "reject", "clarify")


def _spoil(node: Any, data: st.DataObject) -> None:
    """Puts junk somewhere into the value."""
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.integers(0, 3)) == 0:
            node[key] = data.draw(JUNK)
            return
        node = node[key]


@pytest.mark.parametrize("depth", [10, 33, 900, 1000, 5000, 100_000])
def test_a_deep_reply_is_no_reply(depth: int) -> None:
    text = '{"tables": ' + "[" * depth + "]" * depth + "}"

    assert (extract_object(text) is None) == (depth > 31)
