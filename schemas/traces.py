"""Decision traces, and the daily quota of AI requests that is counted in them.

A trace is written before the model is asked, so that requests which are still running count too: of many at once, with
one left, exactly one goes on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from core.errors import QuotaExceeded
from core.models import DecisionTrace, Project, User
from core.tenancy import acting_as
from schemas.document import Json
from schemas.generation import Generation, Usage
from schemas.generation.draft import Engine

UNMETERED_ENGINES: Final = ("offline",)


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
        return max(math.ceil((self.resets_at - timezone.now()).total_seconds()), 1)

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


def begin(user: User, project: Project | None, prompt: str, engine: Engine, trace_id: UUID) -> DecisionTrace:
    """Stores the decision that is about to be made; one that has this id already is returned as it is.

    Args:
        user: who asks.
        project: what it is about, if anything yet.
        prompt: the user's words.
        engine: what will decide.
        trace_id: the id to give it, the same for every delivery of the same job.

    Raises:
        QuotaExceeded: when the user has no AI request left today. That is traced too, and costs nothing.
    """
    with acting_as(user.pk):
        _one_at_a_time(user.pk)
        known = DecisionTrace.objects.filter(pk=trace_id).first()
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
            outcome=DecisionTrace.Outcome.ERROR if refusal else DecisionTrace.Outcome.PENDING,
            error=refusal.code if refusal else "",
            message=refusal.detail if refusal else "",
        )
    if refusal:
        raise refusal
    return trace


def finish(trace: DecisionTrace, generation: Generation, duration_ms: int) -> dict[str, Json]:
    """Stores the decision; returns the response to the user, which is part of it."""
    with acting_as(trace.user_id):
        quota = _quota(trace.user)
        response = generation.to_json() | {"trace_id": str(trace.pk), "quota": quota.to_json()}
        _update(
            trace,
            generation.usage,
            outcome=generation.outcome,
            intent=generation.intent,
            message=generation.message,
            reasoning=generation.reasoning,
            response=response | {"operations": list(generation.operations)},
            document=response["schema_json"],
            duration_ms=duration_ms,
        )
    return response


def fail(trace: DecisionTrace, code: str, detail: str, usage: Usage, duration_ms: int) -> None:
    """Stores that there was no decision, and why."""
    with acting_as(trace.user_id):
        _update(trace, usage, outcome=DecisionTrace.Outcome.ERROR, error=code, message=detail, duration_ms=duration_ms)


def response_of(trace: DecisionTrace) -> dict[str, Json] | None:
    """The response that a finished decision ended with; None while it is being made, or when it failed."""
    if trace.outcome in (DecisionTrace.Outcome.PENDING, DecisionTrace.Outcome.ERROR):
        return None
    return {key: value for key, value in trace.response.items() if key != "operations"}


def _update(trace: DecisionTrace, usage: Usage, **values: object) -> None:
    DecisionTrace.objects.filter(pk=trace.pk).update(
        input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, cost_usd=usage.cost_usd, **values
    )


def _one_at_a_time(user_id: UUID) -> None:
    """Lets the user's other requests wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ai-quota:{user_id}"])


def _quota(user: User) -> Quota:
    """Inside a door. What failed before the model wrote anything is not counted."""
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    asked: QuerySet[DecisionTrace] = DecisionTrace.objects.filter(user=user, created_at__gte=today)
    counted = asked.exclude(engine__in=UNMETERED_ENGINES).exclude(outcome=DecisionTrace.Outcome.ERROR, output_tokens=0)
    own = user.ai_requests_per_day
    limit = settings.AI_REQUESTS_PER_DAY if own is None else own
    return Quota(limit=limit, used=counted.count(), resets_at=today + timedelta(days=1))


def _refusal(quota: Quota) -> QuotaExceeded:
    detail = (
        f"You have used your {quota.limit} AI requests of today. "
        f"The next day begins at {quota.resets_at:%Y-%m-%d %H:%M} UTC."
    )
    return QuotaExceeded(detail, retry_after=quota.seconds_to_reset)
