"""Claude as the designer, over the Messages API.

The reply is streamed, held to a form by structured output, and read leniently all the same, because compatible
endpoints do not all hold a model to a form. The SDK's own retries are off: they obey any `retry-after`, be it a month.
"""

from __future__ import annotations

import logging
import random
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from time import monotonic, sleep
from typing import Any, Final

import anthropic
import httpx2
from django.conf import settings

from schemas.generation.draft import Draft, Progress, Request, Round, Usage
from schemas.generation.errors import GenerationError
from schemas.generation.failures import Failure, failure_of
from schemas.generation.json_text import extract_object
from schemas.generation.prompts import prompt_version, repair_text, repeats_rules, system_blocks, user_text
from schemas.generation.reply import reply_schema, to_draft
from schemas.generation.streamed_message import Interrupted, StreamedMessage
from schemas.problems import Problem

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 3
MAX_WAIT_SECONDS: Final = 20.0
"""A service that asks for a longer pause is not waited for: the user is told when to come back."""
LONGEST_STREAM_SECONDS: Final = 600.0

_CACHE_WRITE_FACTOR: Final = Decimal("1.25")
_CACHE_READ_FACTOR: Final = Decimal("0.1")
_MILLION: Final = Decimal(1_000_000)
_CUT_OFF: Final = frozenset({"max_tokens", "model_context_window_exceeded"})
_FAILURES: Final = (
    anthropic.AnthropicError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, Interrupted,
    ValueError, RuntimeError, LookupError, TypeError, AttributeError, AssertionError, OSError,
)  # fmt: skip
"""All that the SDK lets out for a reply that is late, broken, refused or of a strange form: beside its own classes,
those of its transport and whatever a parser trips over."""


@dataclass(frozen=True, slots=True)
class ClaudeEngine:
    """Asks a model, at most three times where the service stumbles.

    Args:
        api_key: sent as a bearer token.
        model: the model's id.
        base_url: root of the service, without `/v1`.
        effort: how hard the model thinks: low, medium, high, xhigh or max.
        max_tokens: longest reply, thinking included.
        timeout: seconds without a sign of life after which a call is given up.
        prices: US dollars a million tokens, (input, output) by model.
    """

    api_key: str = field(repr=False)
    model: str
    base_url: str
    effort: str = "medium"
    max_tokens: int = 32_000
    timeout: float = 120.0
    prices: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    key: str = "claude"
    repairs: int = 2

    @property
    def prompt_version(self) -> str:
        """Which rules the model is told."""
        return prompt_version()

    @classmethod
    def from_settings(cls) -> ClaudeEngine:
        """The engine that the operator configured."""
        return cls(
            api_key=settings.ANTHROPIC_API_KEY,
            model=settings.ANTHROPIC_MODEL,
            base_url=settings.ANTHROPIC_BASE_URL,
            effort=settings.ANTHROPIC_EFFORT,
            max_tokens=settings.ANTHROPIC_MAX_TOKENS,
            timeout=settings.ANTHROPIC_TIMEOUT,
            prices=settings.ANTHROPIC_PRICES,
        )

    def draft(self, request: Request, rounds: tuple[Round, ...], progress: Progress) -> Draft:
        """Asks for a draft, or for a better one after `rounds`; raises `GenerationError`."""
        follow = _Follower(progress, 20 + 20 * len(rounds))
        message, spent = self._ask(_messages(request, rounds), follow)
        if message.stop_reason == "refusal":
            draft = _refused(message.explanation)
        else:
            draft = self._read(message.stop_reason, message.text, len(rounds))
        return replace(draft, reply=message.text, request_id=message.request_id, usage=spent)

    def _read(self, stop_reason: str, text: str, round_number: int) -> Draft:
        is_cut_off = stop_reason in _CUT_OFF
        if repeats_rules(text):
            return Draft(outcome="schema", intent="CREATE", faults=(_rules_repeated(),))
        data = extract_object(text)
        if data is None or (is_cut_off and round_number < self.repairs):
            problem = _cut_off(self.max_tokens) if is_cut_off else _no_json()
            return Draft(outcome="schema", intent="CREATE", faults=(problem,))
        draft = to_draft(data)
        if is_cut_off:
            warning = "The model's answer was cut short: look whether the last table is complete."
            return replace(draft, warnings=(*draft.warnings, warning))
        return draft

    def _ask(self, messages: list[dict[str, Any]], follow: _Follower) -> tuple[StreamedMessage, Usage]:
        """The model's message and what all attempts cost; raises `GenerationError` when none gave a message."""
        started, spent = monotonic(), Usage()
        for attempt in range(1, MAX_ATTEMPTS + 1):
            message = StreamedMessage()
            try:
                self._stream(messages, message, follow)
            except _FAILURES as error:
                failure, cause = failure_of(error, self.model), type(error).__name__
            else:
                return message, spent + self._usage(message)
            spent += self._usage(message)
            request_id = failure.request_id or message.request_id
            logger.warning("Claude, attempt %d: %s (%s, request %s)", attempt, failure.code, cause, request_id or "-")
            pause = _pause(failure, attempt)
            is_late = monotonic() - started + pause > self.timeout
            if not failure.is_passing or attempt == MAX_ATTEMPTS or pause > MAX_WAIT_SECONDS or is_late:
                break
            sleep(pause)
        raise GenerationError(failure.code, failure.detail, failure.advised_pause, spent, request_id)

    def _stream(self, messages: list[dict[str, Any]], message: StreamedMessage, follow: _Follower) -> None:
        """One call: fills the message, event by event; raises one of `_FAILURES`."""
        deadline = monotonic() + LONGEST_STREAM_SECONDS
        parameters: dict[str, Any] = {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "system": system_blocks(),
            "messages": messages,
            "output_config": {"effort": self.effort, "format": {"type": "json_schema", "schema": reply_schema()}},
        }
        with self._client() as client, client.messages.create(**parameters, stream=True) as events:
            message.begin(events.response.headers)
            for event in events:
                if message.take(event):
                    follow(message.tables.names)
                if monotonic() > deadline:
                    raise Interrupted("too long")
        message.end()

    def _client(self) -> anthropic.Anthropic:
        base_url = self.base_url.rstrip("/").removesuffix("/v1")
        return anthropic.Anthropic(
            api_key=self.api_key,
            base_url=base_url,
            timeout=self.timeout,
            max_retries=0,
            http_client=anthropic.DefaultHttpxClient(verify=_certificates()),
        )

    def _usage(self, message: StreamedMessage) -> Usage:
        price_in, price_out = (Decimal(str(price)) for price in self.prices.get(self.model, (0, 0)))
        stored, cached = message.stored_tokens, message.cached_tokens
        read = message.fresh_tokens + stored * _CACHE_WRITE_FACTOR + cached * _CACHE_READ_FACTOR
        cost = (read * price_in + message.written_tokens * price_out) / _MILLION
        return Usage(
            input_tokens=message.fresh_tokens + stored + cached,
            cached_tokens=cached,
            output_tokens=message.written_tokens,
            cost_usd=cost.quantize(Decimal("0.000001")),
        )


@dataclass(frozen=True, slots=True)
class _Follower:
    """Tells of tables while they stream, from a percentage on that grows with them."""

    progress: Progress
    percent: int

    def __call__(self, tables: list[str]) -> None:
        self.progress(min(self.percent + 4 * len(tables), 80), "Drafting tables", {"tables": tables})


@cache
def _certificates() -> ssl.SSLContext:
    """Whose certificates are trusted: read once, for that takes 30 ms."""
    return httpx2.create_ssl_context()


def _messages(request: Request, rounds: tuple[Round, ...]) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": "user", "content": user_text(request)}]
    for item in rounds:
        messages.append({"role": "assistant", "content": item.draft.reply.strip() or "{}"})
        messages.append({"role": "user", "content": repair_text(item.problems)})
    return messages


def _refused(explanation: str) -> Draft:
    message = f"The model declined this request. {explanation or 'It gave no reason.'}"
    return Draft(outcome="reject", intent="NONE", message=f"{message} Describe your application in other words.")


def _pause(failure: Failure, attempt: int) -> float:
    """Seconds before the next attempt: what the service asks for, else half a second, doubled and jittered."""
    if failure.retry_after is not None:
        return float(failure.retry_after)
    return 0.5 * 2.0 ** (attempt - 1) * (0.75 + random.random() / 2)  # noqa: S311 (jitter, no secret)


def _cut_off(max_tokens: int) -> Problem:
    detail = f"The answer was cut off: it may have at most {max_tokens} tokens."
    return Problem("error", "truncated", "$", detail, "Answer more briefly: shorter texts, no optional extras.")


def _rules_repeated() -> Problem:
    detail = "The answer repeats what you were told instead of designing something."
    return Problem("error", "rules_repeated", "$", detail, "Design tables for the request, or reject it.")


def _no_json() -> Problem:
    return Problem("error", "not_json", "$", "The answer holds no JSON object.", "Answer with the JSON object alone.")
