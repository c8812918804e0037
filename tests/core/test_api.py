"""Accounts, projects and jobs through the API."""

from __future__ import annotations

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from core import jobs
from core.models import User
from tests.conftest import client_of
from tests.factories import PASSWORD, ProjectFactory


def test_signing_up_then_in_gives_a_token_that_works(database: None) -> None:
    client = APIClient()
    account = {"email": "Ada@Example.com", "password": "a fairly long one 1"}
    response = client.post("/api/v1/auth/signup", account, format="json")
    assert (response.status_code, response.json()["email"]) == (201, "ada@example.com")
    tokens = client.post("/api/v1/auth/token", account, format="json").json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
    assert client.get("/api/v1/auth/user").json()["email"] == "ada@example.com"
    assert "access" in client.post("/api/v1/auth/token/refresh", {"refresh": tokens["refresh"]}, format="json").json()


@pytest.mark.parametrize(
    ("account", "status", "code"),
    [
        ({"email": "ada@example.com", "password": "short"}, 400, "weak_password"),
        ({"email": "not an address", "password": "a fairly long one 1"}, 400, "invalid_values"),
        ({}, 400, "invalid_values"),
    ],
)
def test_a_bad_sign_up_says_what_is_wrong(database: None, account: dict, status: int, code: str) -> None:
    response = APIClient().post("/api/v1/auth/signup", account, format="json")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert all(error["path"].startswith("$.") for error in response.json()["errors"])


def test_an_address_has_one_account(user: User) -> None:
    response = APIClient().post(
        "/api/v1/auth/signup", {"email": user.email.upper(), "password": PASSWORD}, format="json"
    )
    assert (response.status_code, response.json()["code"]) == (409, "email_taken")


def test_nobody_is_let_in_without_a_token(database: None) -> None:
    response = APIClient().get("/api/v1/projects")
    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_project_is_made_listed_changed_and_deleted(api: APIClient) -> None:
    created = api.post("/api/v1/projects", {"name": "  Estate   CRM "}, format="json").json()
    assert created["name"] == "Estate CRM"
    address = f"/api/v1/projects/{created['id']}"
    assert api.patch(address, {"description": "Homes"}, format="json").json()["description"] == "Homes"
    assert [item["id"] for item in api.get("/api/v1/projects").json()["results"]] == [created["id"]]
    assert api.delete(address, {"confirm": "something else"}, format="json").status_code == 400
    assert api.delete(address, {"confirm": "Estate CRM"}, format="json").status_code == 204
    assert api.get(address).status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_someone_elses_project_is_as_absent_as_one_that_never_was(
    api: APIClient, other_user: User, method: str
) -> None:
    project = ProjectFactory(owner=other_user)
    body = {"name": "Mine", "confirm": project.name}
    theirs = getattr(api, method)(f"/api/v1/projects/{project.pk}", body, format="json")
    nobodys = getattr(api, method)(f"/api/v1/projects/{uuid4()}", body, format="json")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()


def test_someone_elses_job_is_not_found(user: User, other_user: User) -> None:
    job = jobs.submit(user, "generate", {"prompt": "x"})
    assert client_of(user).get(f"/api/v1/jobs/{job.pk}").json()["status"] == "queued"
    assert client_of(other_user).get(f"/api/v1/jobs/{job.pk}").status_code == 404


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1, 2]", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b'{"name": "a\\u0000b"}', "application/json", 400),
        (b'{"name": {"$ne": 1}}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
    ],
)
def test_garbage_is_a_problem_not_a_crash(api: APIClient, body: bytes, content_type: str, status: int) -> None:
    response = api.generic("POST", "/api/v1/projects", body, content_type=content_type)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_an_unknown_address_of_the_api_is_a_problem(api: APIClient) -> None:
    response = api.get("/api/v1/nothing/here")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_an_unsafe_call_by_session_needs_the_csrf_token(user: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.login(email=user.email, password=PASSWORD)
    assert client.get("/api/v1/projects").status_code == 200
    assert client.post("/api/v1/projects", {"name": "x"}, format="json").status_code == 403


def test_the_health_check_answers(database: None) -> None:
    response = APIClient().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "database": True, "redis": True})
