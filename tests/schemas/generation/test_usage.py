"""What a user's AI requests consumed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import DecisionTrace, Project, User
from core.projects import create_project, delete_project
from core.tenancy import as_platform
from schemas.traces import quota_of
from schemas.usage import DayUsage, usage_of
from tests.fakes.anthropic import AnthropicServer
from tests.schemas.generation.asking import ask

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def used(user: User, project: Project | None, at: datetime = TODAY, **values: Any) -> None:
    """One request that took 100 tokens, 40 of them from the cache, and gave 10."""
    taken = {"input_tokens": 100, "cached_tokens": 40, "output_tokens": 10, "cost_usd": Decimal("0.0006")}
    with as_platform():
        trace = DecisionTrace.objects.create(
            user=user, project=project, prompt="x", **{"engine": "claude", "outcome": "schema", **taken, **values}
        )
        DecisionTrace.objects.filter(pk=trace.pk).update(created_at=at)


def test_usage_is_summed_up_a_day_and_project(user: User, project: Project) -> None:
    other = create_project(user, "Boats")
    for where, at in [(project, TODAY), (project, TODAY), (other, TODAY), (None, TODAY - timedelta(days=2))]:
        used(user, where, at)

    assert usage_of(user) == [
        DayUsage(TODAY.date(), "Boats", other.pk, 1, 100, 40, 10, Decimal("0.000600")),
        DayUsage(TODAY.date(), "Homes", project.pk, 2, 200, 80, 20, Decimal("0.001200")),
        DayUsage(TODAY.date() - timedelta(days=2), "", None, 1, 100, 40, 10, Decimal("0.000600")),
    ]


def test_days_are_days_of_utc(user: User, project: Project) -> None:
    midnight = TODAY.replace(hour=0)
    for at in (midnight - timedelta(microseconds=1), midnight, midnight + timedelta(hours=23, minutes=59)):
        used(user, project, at)

    assert [(row.day, row.requests) for row in usage_of(user)] == [
        (TODAY.date(), 2),
        (TODAY.date() - timedelta(days=1), 1),
    ]


def test_only_so_many_days_are_looked_at(user: User, project: Project) -> None:
    for age in (0, 29, 30):
        used(user, project, TODAY - timedelta(days=age))

    assert [(TODAY.date() - row.day).days for row in usage_of(user)] == [0, 29]
    assert [(TODAY.date() - row.day).days for row in usage_of(user, days=1)] == [0]


@pytest.mark.parametrize(
    ("values", "requests", "tokens"),
    [
        ({"outcome": "clarify"}, 1, 100),
        ({"outcome": "error"}, 1, 100),
        ({"outcome": "error", "output_tokens": 0}, 0, 100),
    ],
)
def test_what_failed_is_paid_for_all_the_same(
    user: User, project: Project, values: dict[str, object], requests: int, tokens: int
) -> None:
    used(user, project, **values)

    assert [(row.requests, row.input_tokens) for row in usage_of(user)] == [(requests, tokens)]


@pytest.mark.parametrize("values", [{"engine": "offline"}, {"outcome": "error", "error": "quota_exceeded"}])
def test_what_reached_no_model_has_no_part(user: User, project: Project, values: dict[str, object]) -> None:
    used(user, project, **values)

    assert usage_of(user) == []


def test_a_deleted_project_stays_on_the_bill(user: User, project: Project) -> None:
    used(user, project)
    delete_project(user, project, project.name)

    assert [row.project for row in usage_of(user)] == ["Homes"]


def test_everybody_sees_their_own(user: User, other_user: User, project: Project) -> None:
    used(user, project)

    assert usage_of(other_user) == []


def test_the_api_tells_usage_and_quota(api: APIClient, user: User, project: Project, claude: AnthropicServer) -> None:
    response = ask(user, project, "A clinic")

    data = api.get("/api/v1/usage").json()

    assert data["quota"] == quota_of(user).to_json() == response["quota"]
    assert data["days"] == [
        {"day": str(date.fromisoformat(data["days"][0]["day"])), "project": "Homes", "project_id": str(project.pk),
         "requests": 1, **response["usage"]}
    ]  # fmt: skip


@pytest.mark.parametrize("days", ["0", "367", "x"])
def test_a_wrong_number_of_days_is_a_bad_request(api: APIClient, days: str) -> None:
    response = api.get(f"/api/v1/usage?days={days}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["path"] == "$.days"


def test_nobody_sees_usage_without_signing_in(database: None) -> None:
    assert APIClient().get("/api/v1/usage").status_code == 401
