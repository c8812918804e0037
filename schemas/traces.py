"""Decision traces, and the daily quota of AI requests that is counted in them.

A trace is written before the model is asked, so that requests which are still running count too: of many at once, with
one left, exactly one goes on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from core import turns
from core.errors import InternalError, Problem, QuotaExceeded
from core.models import DecisionTrace, Project, User
from core.tenancy import acting_as, as_platform
from schemas.document import Json
from schemas.drafts import NO_BASE, Base
from schemas.generation import Generation, GenerationError, Usage
from schemas.generation.draft import Engine

UNMETERED_ENGINES: Final = ("offline",)
COUNTED: Final = ~Q(engine__in=UNMETERED_ENGINES) & ~Q(outcome=DecisionTrace.Outcome.ERROR, output_tokens=0)
"""The traces that take a request of the quota: not those that failed before the model wrote anything."""

_DAY: Final = timedelta(days=1)
_MAX_REQUEST_ID: Final = 80
_MAX_DEPTH: Final = 40
"""Deeper than any document may be, and than any part of a reply that means something."""
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Quota:
    """A user's AI requests of the current UTC day.

    Args:
        limit: how many the user has.
        used: how many were made, those still running included.
        resets_at: when the next day begins.
    """

    limit: int
    used: int
    resets_at: datetime

    @property
    def remaining(self) -> int:
        """How many are left."""
        return max(self.limit - self.used, 0)

    @property
    def seconds_to_reset(self) -> int:
        """Whole seconds until `resets_at`, upwards."""
        return _seconds_until(self.resets_at)

    def to_json(self) -> dict[str, Json]:
        """The quota as `POST /generate` tells it."""
        return {
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining,
            "resets_at": self.resets_at.isoformat().replace("+00:00", "Z"),
        }


def quota_of(user: User) -> Quota:
    """The user's quota now. Call it outside of doors."""
    with acting_as(user.pk):
        return _quota(user)


def begin(
    user: User, project: Project | None, prompt: str, engine: Engine, trace_id: UUID, base: Base = NO_BASE
) -> DecisionTrace:
    """Stores the decision that is about to be made; one that has this id already is returned as it is.

    Args:
        user: who asks.
        project: what it is about, if anything yet.
        prompt: the user's words.
        engine: what will decide.
        trace_id: the id to give it, the same for every delivery of the same job.
        base: what it starts from.

    Raises:
        QuotaExceeded: when the user has no AI request left today. That is traced too, and costs nothing.
    """
    with acting_as(user.pk):
        _one_at_a_time(user.pk)
        known = DecisionTrace.objects.select_related("base", "parent").filter(pk=trace_id).first()
        if known is not None:
            return known
        quota = _quota(user)
        is_refused = engine.key not in UNMETERED_ENGINES and quota.remaining == 0
        refusal = _refusal(quota) if is_refused else None
        trace = DecisionTrace.objects.create(
            id=trace_id,
            user=user,
            project=project,
            prompt=prompt,
            engine=engine.key,
            model=engine.model,
            prompt_version=engine.prompt_version,
            base=base.draft,
            parent=base.config,
            outcome=DecisionTrace.Outcome.ERROR if refusal else DecisionTrace.Outcome.PENDING,
            error=refusal.code if refusal else "",
            message=refusal.detail if refusal else "",
        )
    if refusal:
        raise refusal
    return trace


def finish(trace: DecisionTrace, generation: Generation, duration_ms: int) -> dict[str, Json]:
    """Stores the decision, whatever its user may do by now; returns the response to them, which is part of it."""
    with as_platform():
        quota = _quota(trace.user)
        told: dict[str, Json] = _storable(generation.to_json())
        response = told | {"trace_id": str(trace.pk), "quota": quota.to_json()}
        _update(
            trace,
            generation.usage,
            outcome=generation.outcome,
            intent=generation.intent,
            message=response["message"],
            reasoning=response["reasoning"],
            response=response,
            draft=_storable(generation.draft.answered) if generation.schema else {},
            rounds=_storable([item.to_json() for item in generation.rounds]),
            request_id=_storable(generation.draft.request_id)[:_MAX_REQUEST_ID],
            document=response["schema_json"],
            duration_ms=duration_ms,
        )
    return response


def fail(trace: DecisionTrace, error: Exception, duration_ms: int) -> None:
    """Stores that there was no decision, and why."""
    problem = error if isinstance(error, Problem) else InternalError("The request could not be carried out.")
    model_error = error if isinstance(error, GenerationError) else GenerationError(problem.code, problem.detail)
    with as_platform():
        _update(
            trace,
            model_error.usage,
            outcome=DecisionTrace.Outcome.ERROR,
            error=problem.code,
            message=_storable(problem.detail),
            rounds=_storable([item.to_json() for item in model_error.rounds]),
            request_id=_storable(model_error.request_id)[:_MAX_REQUEST_ID],
            duration_ms=duration_ms,
        )


def response_of(trace: DecisionTrace) -> dict[str, Json] | None:
    """The response that a finished decision ended with; None while it is being made.

    Raises:
        QuotaExceeded: when it was refused.
        GenerationError: when it failed.
    """
    if trace.outcome == DecisionTrace.Outcome.ERROR:
        if trace.error == QuotaExceeded.code:
            raise QuotaExceeded(trace.message, retry_after=_seconds_until(_day_of(trace.created_at) + _DAY))
        raise GenerationError(trace.error, trace.message)
    return None if trace.outcome == DecisionTrace.Outcome.PENDING else dict(trace.response)


def _update(trace: DecisionTrace, usage: Usage, **values: object) -> None:
    DecisionTrace.objects.filter(pk=trace.pk).update(
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=usage.cost_usd,
        **values,
    )


def _one_at_a_time(user_id: UUID) -> None:
    """Lets the user's other requests wait until this transaction ends."""
    turns.take(connection, f"ai-quota:{user_id}")


def _quota(user: User) -> Quota:
    """Inside a door."""
    today = _day_of(timezone.now())
    used = DecisionTrace.objects.filter(COUNTED, user=user, created_at__gte=today).count()
    own = user.ai_requests_per_day
    limit = settings.AI_REQUESTS_PER_DAY if own is None else own
    return Quota(limit=limit, used=used, resets_at=today + _DAY)


def _refusal(quota: Quota) -> QuotaExceeded:
    detail = (
        f"You have used your {quota.limit} AI requests of today. "
        f"The next day begins at {quota.resets_at:%Y-%m-%d %H:%M} UTC."
    )
    return QuotaExceeded(detail, retry_after=quota.seconds_to_reset)


def _day_of(moment: datetime) -> datetime:
    """When the UTC day of a moment began."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _seconds_until(moment: datetime) -> int:
    return max(math.ceil((moment - timezone.now()).total_seconds()), 1)


def _storable(value: Json, depth: int = 0) -> Any:
    """A model's words as PostgreSQL can keep them, without our own key, whoever sent it back.

    What a valid schema follows from stays as it is: validation lets none of this into a document.
    """
    if depth > _MAX_DEPTH or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, str):
        key = settings.ANTHROPIC_API_KEY
        return _NO_TEXT.sub("\ufffd", value.replace(key, "***") if key else value)
    if isinstance(value, Mapping):
        return {_storable(name): _storable(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item, depth + 1) for item in value]
    return value
