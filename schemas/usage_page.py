"""The page that shows a user what their AI requests consumed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.permissions import list_projects
from core.workspace import WorkspaceView, page_context
from schemas.generation.engines import choose_engine
from schemas.traces import UNMETERED_ENGINES, quota_of
from schemas.usage import DEFAULT_DAYS, DayUsage, usage_of


@dataclass(frozen=True, slots=True)
class Total:
    """The sums of several days and projects; the amount in US dollars."""

    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_usd: Decimal


class UsageView(WorkspaceView):
    """Tokens and costs of the user's own requests, a day and a project."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The last days, their total, and what is left of today's quota."""
        rows = usage_of(self.user)
        reachable = {project.pk for project in list_projects(self.user)}
        context = page_context(
            request,
            title="AI usage",
            subtitle=f"What your requests took of the AI model in the last {DEFAULT_DAYS} days. Days are UTC.",
            rows=[(row, row.project_id in reachable) for row in rows],
            total=total_of(rows),
            quota=quota_of(self.user),
            is_offline=choose_engine().key in UNMETERED_ENGINES,
        )
        return render(request, "schemas/usage.html", context)


def total_of(rows: Iterable[DayUsage]) -> Total:
    """All rows together."""
    listed = list(rows)
    return Total(
        requests=sum(row.requests for row in listed),
        input_tokens=sum(row.input_tokens for row in listed),
        cached_tokens=sum(row.cached_tokens for row in listed),
        output_tokens=sum(row.output_tokens for row in listed),
        cost_usd=sum((row.cost_usd for row in listed), Decimal(0)),
    )
