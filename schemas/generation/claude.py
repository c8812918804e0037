"""Claude as the designer, over the Messages API.

The reply is streamed, held to a form by structured output, and read leniently all the same, because compatible
endpoints do not all hold a model to a form. The SDK's own retries are off: they obey any `retry-after`, be it a month.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from time import monotonic, sleep
from typing import Any, Final

import anthropic
import httpx2
from django.conf import settings

from schemas.generation.draft import Draft, Progress, Request, Round, Usage
from schemas.generation.errors import GenerationError
from schemas.generation.failures import Failure, Interrupted, failure_of
from schemas.generation.json_text import extract_object
from schemas.generation.prompts import repair_text, system_blocks, user_text
from schemas.generation.reply import reply_schema, to_draft
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
    ValueError, RuntimeError, LookupError, TypeError, AttributeError,
)  # fmt: skip
"""All that the SDK lets out for a reply that is late, broken, refused or of a strange form: beside its own classes,
those of its transport and whatever its parser trips over."""


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
        message = self._ask(_messages(request, rounds), progress)
        usage = self._usage(message.usage)
        if message.stop_reason == "refusal":
            return _refused(message, usage)
        text = "".join(block.text for block in message.content if block.type == "text")
        return replace(self._read(message.stop_reason, text, len(rounds)), reply=text, usage=usage)

    def _read(self, stop_reason: str, text: str, round_number: int) -> Draft:
        is_cut_off = stop_reason in _CUT_OFF
        data = extract_object(text)
        if data is None or (is_cut_off and round_number < self.repairs):
            problem = _cut_off(self.max_tokens) if is_cut_off else _no_json()
            return Draft(outcome="schema", intent="CREATE", faults=(problem,))
        draft = to_draft(data)
        if is_cut_off:
            warning = "The model's answer was cut short: look whether the last table is complete."
            return replace(draft, warnings=(*draft.warnings, warning))
        return draft

    def _ask(self, messages: list[dict[str, Any]], progress: Progress) -> Any:
        """The model's message; raises `GenerationError` when there is none after all attempts."""
        started = monotonic()
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                return self._stream(messages, progress)
            except _FAILURES as error:
                failure = failure_of(error, self.model)
            logger.warning("Claude, attempt %d: %s", attempt, failure.code)
            pause = _pause(failure, attempt)
            is_late = monotonic() - started + pause > self.timeout
            if not failure.is_passing or attempt == MAX_ATTEMPTS or pause > MAX_WAIT_SECONDS or is_late:
                break
            sleep(pause)
        raise GenerationError(failure.code, failure.detail, retry_after=failure.advised_pause)

    def _stream(self, messages: list[dict[str, Any]], progress: Progress) -> Any:
        deadline = monotonic() + LONGEST_STREAM_SECONDS
        parameters: dict[str, Any] = {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "system": system_blocks(),
            "messages": messages,
            "output_config": {"effort": self.effort, "format": {"type": "json_schema", "schema": reply_schema()}},
        }
        stopped, tables = False, 0
        with self._client() as client, client.messages.stream(**parameters) as stream:
            for event in stream:
                if event.type == "text" and event.snapshot.count('"columns"') > tables:
                    tables = event.snapshot.count('"columns"')
                    progress(min(20 + 4 * tables, 80), "Drafting tables")
                stopped = stopped or event.type == "message_stop"
                if monotonic() > deadline:
                    raise Interrupted("too long")
            message = stream.get_final_message() if stopped else None
        if message is None or message.stop_reason is None:
            raise Interrupted("no end")
        return message

    def _client(self) -> anthropic.Anthropic:
        base_url = self.base_url.rstrip("/").removesuffix("/v1")
        return anthropic.Anthropic(api_key=self.api_key, base_url=base_url, timeout=self.timeout, max_retries=0)

    def _usage(self, usage: Any) -> Usage:
        fresh, written = usage.input_tokens or 0, usage.output_tokens or 0
        stored, cached = usage.cache_creation_input_tokens or 0, usage.cache_read_input_tokens or 0
        price_in, price_out = (Decimal(str(price)) for price in self.prices.get(self.model, (0, 0)))
        read = fresh + stored * _CACHE_WRITE_FACTOR + cached * _CACHE_READ_FACTOR
        return Usage(
            input_tokens=fresh + stored + cached,
            cached_tokens=cached,
            output_tokens=written,
            cost_usd=((read * price_in + written * price_out) / _MILLION).quantize(Decimal("0.000001")),
        )


def _messages(request: Request, rounds: tuple[Round, ...]) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": "user", "content": user_text(request)}]
    for item in rounds:
        messages.append({"role": "assistant", "content": item.draft.reply.strip() or "{}"})
        messages.append({"role": "user", "content": repair_text(item.problems)})
    return messages


def _refused(message: Any, usage: Usage) -> Draft:
    explanation = getattr(message.stop_details, "explanation", None) or "It gave no reason."
    return Draft(
        outcome="reject",
        intent="NONE",
        message=f"The model declined this request. {explanation} Describe your application in other words.",
        usage=usage,
    )


def _pause(failure: Failure, attempt: int) -> float:
    """Seconds before the next attempt: what the service asks for, else half a second, doubled and jittered."""
    if failure.retry_after is not None:
        return float(failure.retry_after)
    return 0.5 * 2.0 ** (attempt - 1) * (0.75 + random.random() / 2)  # noqa: S311 (jitter, no secret)


def _cut_off(max_tokens: int) -> Problem:
    detail = f"The answer was cut off: it may have at most {max_tokens} tokens."
    return Problem("error", "truncated", "$", detail, "Answer more briefly: shorter texts, no optional extras.")


def _no_json() -> Problem:
    return Problem("error", "not_json", "$", "The answer holds no JSON object.", "Answer with the JSON object alone.")
