"""What the API answers is what its OpenAPI documents say, whatever comes in.

schemathesis makes requests from both documents, the platform's and that of a project with a column of every type, some
of them right and some of them wrong, and sends them to a real server. API_REQUESTS says how many in all: `make
test-api` sends thousands. Choices are drawn from a fixed seed: a failure comes back when the test is run again.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from rest_framework_simplejwt.tokens import AccessToken
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.models import User
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.schemas.every_type import TABLE, every_type_document

REQUESTS = int(os.environ.get("API_REQUESTS", "300"))
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
SHOWN = 12
"""Failures that are told; there may be thousands of one kind."""


@pytest.fixture
def everything(user: User) -> RecordsClient:
    """A project with a column of every type, and a few records."""
    records = RecordsClient(client_of(user), provisioned(user, every_type_document()))
    records.create(TABLE, [{"text_value": f"Row {number}"} for number in range(5)])
    return records


@pytest.fixture
def places(everything: RecordsClient) -> dict[str, str]:
    """What addresses may name that is there."""
    record = everything.list(TABLE).json()["results"][0]["id"]
    return {"project_id": str(everything.project.pk), "table": TABLE, "record_id": record, "version": "1.0.0"}


@pytest.fixture
def attack(server: str, user: User, places: dict[str, str]) -> Callable[[dict[str, Any], str, int], Counter[int]]:
    """Sends requests that a document makes possible, and returns how often each status was answered."""
    headers = {"Authorization": f"Bearer {AccessToken.for_user(user)}", "Prefer": "respond-async"}

    def send(document: dict[str, Any], base: str, requests: int) -> Counter[int]:
        calls = [call.ok() for call in schemathesis.openapi.from_dict(document).get_all_operations()]
        seen: Counter[int] = Counter()
        broken: dict[str, str] = {}
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            each = -(-requests // (2 * len(calls)))
            for call in calls:
                named = {item.name: places[item.name] for item in call.path_parameters if item.name in places}
                cases = call.as_strategy(generation_mode=mode, path_parameters=named or None)
                try_all(cases, each, lambda case: check(case, f"{server}{base}", headers, seen, broken))
        assert not broken, "\n\n".join(list(broken.values())[:SHOWN])
        return seen

    return send


def try_all(cases: Any, count: int, judge: Callable[[Any], None]) -> None:
    """Judges so many cases, the same in every run."""

    @hypothesis.settings(
        max_examples=count, phases=[Phase.generate], database=None, deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @hypothesis.given(case=cases)
    def run(case: Any) -> None:
        judge(case)

    try:
        run()
    except hypothesis.errors.Unsatisfiable:
        return  # nothing about this call can be wrong


def check(case: Any, base: str, headers: dict[str, str], seen: Counter[int], broken: dict[str, str]) -> None:
    response = case.call(base_url=base, headers=headers)
    seen[response.status_code] += 1
    try:
        case.validate_response(response, checks=CHECKS)
    except (FailureGroup, Failure) as failure:
        found = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
        key = f"{case.method} {case.path} {response.status_code} {[type(each).__name__ for each in found]}"
        broken.setdefault(key, f"{key}\n{str(found)[:1500]}\n{case.as_curl_command()[:800]}\n{response.text[:400]}")


def test_the_records_of_a_project_are_as_documented(attack, everything: RecordsClient) -> None:
    base = f"/api/v1/projects/{everything.project.pk}"
    document = json.loads(everything.client.get(f"{base}/schema").content)
    document["servers"] = []
    seen = attack(document, base, REQUESTS // 2)
    assert sum(seen.values()) >= 0.8 * REQUESTS / 2
    assert seen[200] + seen[201] > 0.1 * seen.total(), "Hardly a request was right, so little of the API was reached."
    assert seen[400] > 0.1 * seen.total(), "Hardly a request was wrong."


def test_the_platform_is_as_documented(attack, everything: RecordsClient) -> None:
    document = everything.client.get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    seen = attack(document, "", REQUESTS // 2)
    assert sum(seen.values()) >= 0.8 * REQUESTS / 2
    assert seen[200] + seen[201] + seen[202] + seen[204] > 0.05 * seen.total()
