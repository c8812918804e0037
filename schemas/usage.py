"""What a user's AI requests consumed, a day and a project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from core.errors import QuotaExceeded
from core.models import DecisionTrace, User
from core.tenancy import acting_as
from schemas.traces import COUNTED, UNMETERED_ENGINES

DEFAULT_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class DayUsage:
    """What one project took of the model on one UTC day.

    Args:
        day: the day, in UTC.
        project: the project's name; empty for requests that were about none.
        project_id: the project's id, if there is one.
        requests: how many requests the day's quota counted.
        input_tokens: all tokens read, cached ones included.
        cached_tokens: those of them that came from the prompt cache.
        output_tokens: tokens written, thinking included.
        cost_usd: the price in US dollars.
    """

    day: date
    project: str
    project_id: UUID | None
    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_usd: Decimal


def usage_of(user: User, days: int = DEFAULT_DAYS) -> list[DayUsage]:
    """The user's usage, the newest day first and by project's name within it. Call it outside of doors.

    What never reached a model has no part in it: the offline engine, and requests that the quota refused.

    Args:
        user: whose requests are summed up; those about deleted projects included.
        days: how many UTC days, today included.
    """
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with acting_as(user.pk):
        asked = DecisionTrace.objects.filter(user=user, created_at__gte=today - timedelta(days=days - 1))
        metered = asked.exclude(engine__in=UNMETERED_ENGINES).exclude(error=QuotaExceeded.code)
        rows = (
            metered.annotate(day=TruncDate("created_at", tzinfo=UTC))
            .values("day", "project_id", "project__name")
            .annotate(
                requests=Count("pk", filter=COUNTED),
                read=Sum("input_tokens"),
                cached=Sum("cached_tokens"),
                written=Sum("output_tokens"),
                cost=Sum("cost_usd"),
            )
            .order_by("-day", "project__name", "project_id")
        )
        return [
            DayUsage(
                day=row["day"],
                project=row["project__name"] or "",
                project_id=row["project_id"],
                requests=row["requests"],
                input_tokens=row["read"],
                cached_tokens=row["cached"],
                output_tokens=row["written"],
                cost_usd=row["cost"],
            )
            for row in rows
        ]
