"""The API of schemas."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Project, User, VibeConfig
from core.tenancy import as_platform
from schemas.blueprints import blueprint
from schemas.document import Schema
from tests.conftest import client_of
from tests.schemas.generation.asking import PROMPT

REAL_ESTATE = blueprint("real_estate").document


def add_version(user: User, project: Project, number: int, schema: Schema) -> VibeConfig:
    with as_platform():
        return VibeConfig.objects.create(
            project=project, number=number, version=f"1.{number - 1}.0", document=schema.to_json(),
            content_hash=schema.content_hash, created_by=user,
        )  # fmt: skip


def test_a_prompt_is_answered_with_a_schema(api: APIClient, project: Project, worker: object) -> None:
    response = api.post("/api/v1/generate", {"prompt": PROMPT, "project_id": str(project.pk)}, format="json")

    assert response.status_code == 200, response.content
    data = response.json()
    assert set(data) == {
        "outcome", "message", "schema_json", "intent", "reasoning", "changes", "warnings", "suggestions", "trace_id",
        "engine", "model", "usage", "quota",
    }  # fmt: skip
    assert [table["name"] for table in data["schema_json"]["tables"]] == ["properties", "agents", "showings"]
    assert data["quota"]["limit"] == 10


def test_a_repeated_request_with_its_key_gets_the_first_answer(
    api: APIClient, project: Project, worker: object
) -> None:
    body = {"prompt": PROMPT, "project_id": str(project.pk)}

    answers = [
        api.post("/api/v1/generate", body, format="json", headers={"Idempotency-Key": "k1"}).json() for _ in "ab"
    ]

    assert answers[0] == answers[1]


def test_who_does_not_wait_gets_the_job(api: APIClient, project: Project) -> None:
    body = {"prompt": PROMPT, "project_id": str(project.pk)}

    response = api.post("/api/v1/generate", body, format="json", headers={"Prefer": "respond-async"})

    assert response.status_code == 202
    assert "/api/v1/jobs/" in response["Location"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"prompt": "x" * 4001}, "$.prompt"),
        ({"prompt": ""}, "$.prompt"),
        ({"prompt": "a\0b"}, "$.prompt"),
        ({"prompt": {"a": 1}}, "$.prompt"),
        ({}, "$.prompt"),
        ({"prompt": "x", "project_id": "7"}, "$.project_id"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(
    api: APIClient, project: Project, body: dict[str, object], path: str
) -> None:
    response = api.post("/api/v1/generate", {"project_id": str(project.pk)} | body, format="json")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert path in [error["path"] for error in response.json()["errors"]]


def test_another_users_project_does_not_exist(other_user: User, project: Project) -> None:
    stranger = client_of(other_user)

    body = {"prompt": PROMPT, "project_id": str(project.pk)}
    assert stranger.post("/api/v1/generate", body, format="json").status_code == 404
    assert stranger.get(f"/api/v1/projects/{project.pk}/versions").status_code == 404
    assert stranger.get(f"/api/v1/projects/{project.pk}/versions/1/diff/2").status_code == 404


def test_nobody_generates_without_signing_in(project: Project) -> None:
    response = APIClient().post("/api/v1/generate", {"prompt": PROMPT, "project_id": str(project.pk)}, format="json")

    assert response.status_code == 401


def test_a_valid_document_is_valid(api: APIClient) -> None:
    response = api.post("/api/v1/validate", {"schema_json": REAL_ESTATE.to_json()}, format="json")

    assert response.json() == {"valid": True, "problems": []}


@pytest.mark.parametrize(
    "document", [None, 7, "x", [], {}, {"tables": 3}, {"name": "x", "tables": [{"name": "Bad Name"}]}]
)
def test_an_invalid_document_is_answered_with_its_problems(api: APIClient, document: object) -> None:
    response = api.post("/api/v1/validate", {"schema_json": document}, format="json")

    assert response.status_code == 200
    assert response.json()["valid"] is False
    assert all(problem["path"].startswith("$") and problem["fix"] for problem in response.json()["problems"])


@pytest.mark.parametrize("body", [{}, [], {"schema": {}}])
def test_a_missing_document_is_a_bad_request(api: APIClient, body: object) -> None:
    assert api.post("/api/v1/validate", body, format="json").status_code == 400


def test_versions_are_listed_newest_first(api: APIClient, user: User, project: Project) -> None:
    add_version(user, project, 1, REAL_ESTATE)
    add_version(user, project, 2, blueprint("clinic").document)

    data = api.get(f"/api/v1/projects/{project.pk}/versions").json()

    assert data["count"] == 2
    assert [version["number"] for version in data["results"]] == [2, 1]
    assert data["results"][0]["tables"] == [table.name for table in blueprint("clinic").document]
    assert data["results"][0]["active"] is False


@pytest.mark.parametrize(("before", "after"), [("1", "2"), ("1.0.0", "1.1.0")])
def test_two_versions_are_compared(api: APIClient, user: User, project: Project, before: str, after: str) -> None:
    add_version(user, project, 1, Schema(name=REAL_ESTATE.name, tables=REAL_ESTATE.tables[:1]))
    add_version(user, project, 2, Schema(name=REAL_ESTATE.name, tables=REAL_ESTATE.tables[:2]))

    data = api.get(f"/api/v1/projects/{project.pk}/versions/{before}/diff/{after}").json()

    assert (data["before"], data["after"]) == ("1.0.0", "1.1.0")
    assert any("agents" in change for change in data["changes"])


def test_an_unknown_version_is_not_found(api: APIClient, user: User, project: Project) -> None:
    add_version(user, project, 1, REAL_ESTATE)

    assert api.get(f"/api/v1/projects/{project.pk}/versions/1/diff/9").status_code == 404


def test_a_second_message_waits_until_the_first_is_done(api: APIClient, project: Project) -> None:
    def ask(prompt: str, **headers: str) -> Any:
        body = {"prompt": prompt, "project_id": str(project.pk)}
        return api.post("/api/v1/generate", body, format="json", headers={"Prefer": "respond-async", **headers})

    first = ask("A gym", **{"Idempotency-Key": "a"})
    second = ask("A school")
    again = ask("A gym", **{"Idempotency-Key": "a"})

    assert (first.status_code, second.status_code, again.status_code) == (202, 409, 202)
    assert second.json()["code"] == "generation_running"
    assert second["Retry-After"]
    assert again.json()["id"] == first.json()["id"]
