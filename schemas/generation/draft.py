"""The values that the pipeline and its engines exchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from schemas.document import Json, Schema
from schemas.problems import Problem

Outcome = Literal["schema", "clarify", "reject"]
Intent = Literal["CREATE", "MODIFY", "RELATE", "NONE"]
MAX_PROMPT_LENGTH = 4_000
"""Characters of a prompt."""
MAX_STORED_REPLY = 20_000
"""Characters that a trace keeps of a reply that had to be corrected."""

OUTCOMES: tuple[Outcome, ...] = ("schema", "clarify", "reject")
INTENTS: tuple[Intent, ...] = ("CREATE", "MODIFY", "RELATE", "NONE")


class Progress(Protocol):
    """Whoever follows the work, such as `core.jobs.JobContext.progress`."""

    def __call__(self, percent: int, label: str, detail: Mapping[str, Json] | None = None) -> None:
        """Is told how much is done, 0 to 100, and by which step.

        Args:
            percent: how much of the whole is done.
            label: the step that begins now or goes on.
            detail: `tables`: the names of the tables drafted so far, for people; None leaves what was told before.
        """


@dataclass(frozen=True, slots=True)
class Usage:
    """What the model consumed.

    Args:
        input_tokens: all tokens read, cached ones included.
        cached_tokens: those of them that came from the prompt cache.
        output_tokens: tokens written, thinking included.
        cost_usd: the price in US dollars.
    """

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_usd + other.cost_usd,
        )

    def to_json(self) -> dict[str, Json]:
        """The usage for the API; the amount is a string, as all amounts are."""
        return {
            "input_tokens": self.input_tokens,
            "cached_tokens": self.cached_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": f"{self.cost_usd:f}",
        }


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks: their words, and the schema that they are looking at, if any."""

    prompt: str
    active: Schema | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An engine's answer before anybody has checked it.

    Args:
        outcome: whether there is a schema, a question or a refusal.
        intent: what the user asked for.
        message: one or two sentences for the user.
        reasoning: why the schema is as it is.
        document: the drafted document, for CREATE.
        operations: what to do to the active schema, for MODIFY and RELATE; see `schemas.generation.operations`.
        warnings: assumptions that the user should know of.
        suggestions: prompts that the user could send instead.
        faults: what is wrong with the answer itself, such as that it is not JSON.
        reply: the model's own words, which a repair round shows it again.
        request_id: what the service calls the request, for its support.
        usage: what the answer cost.
    """

    outcome: Outcome
    intent: Intent
    message: str = ""
    reasoning: str = ""
    document: Json = None
    operations: tuple[Json, ...] = ()
    warnings: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    faults: tuple[Problem, ...] = ()
    reply: str = ""
    request_id: str = ""
    usage: Usage = Usage()

    @property
    def answered(self) -> dict[str, Json]:
        """What the schema follows from, for `schemas.generation.pipeline.settle`; empty when there is none."""
        if self.outcome != "schema" or self.faults:
            return {}
        return {"document": self.document} if self.intent == "CREATE" else {"operations": list(self.operations)}


@dataclass(frozen=True, slots=True)
class Round:
    """A draft and what was wrong with it."""

    draft: Draft
    problems: tuple[Problem, ...]

    def to_json(self) -> dict[str, Json]:
        """The round for the trace, however long the reply was."""
        problems = [problem.to_json() for problem in self.problems]
        return {"reply": self.draft.reply[:MAX_STORED_REPLY], "problems": problems}


class Engine(Protocol):
    """What drafts schemas."""

    @property
    def key(self) -> str:
        """Its name in traces and responses."""

    @property
    def model(self) -> str:
        """The model that it asks; empty for none."""

    @property
    def repairs(self) -> int:
        """How many times it can be asked to correct a draft."""

    @property
    def prompt_version(self) -> str:
        """Which rules it was told, as a short hash; empty for none."""

    def draft(self, request: Request, rounds: tuple[Round, ...], progress: Progress) -> Draft:
        """Answers the request, given what was wrong with earlier drafts; raises `GenerationError`."""


@dataclass(frozen=True, slots=True)
class Generation:
    """The pipeline's answer: checked, and ready to be shown and provisioned. `draft` is what it was made of."""

    outcome: Outcome
    intent: Intent
    message: str
    reasoning: str
    schema: Schema | None
    changes: tuple[str, ...]
    warnings: tuple[str, ...]
    suggestions: tuple[str, ...]
    engine: str
    model: str
    usage: Usage
    draft: Draft
    rounds: tuple[Round, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """The answer as `POST /generate` gives it, without what only a stored trace knows."""
        return {
            "outcome": self.outcome,
            "message": self.message,
            "schema_json": self.schema.to_json() if self.schema else None,
            "intent": self.intent,
            "reasoning": self.reasoning,
            "changes": list(self.changes),
            "warnings": list(self.warnings),
            "suggestions": list(self.suggestions),
            "engine": self.engine,
            "model": self.model,
            "usage": self.usage.to_json(),
        }
