"""Drafts over the API: looking at one, taking it back, restoring it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from core.models import Project, User
from core.permissions import access_project
from schemas import drafts
from tests.conftest import client_of
from tests.provisioning.acts import provision
from tests.schemas.generation.asking import ask

ADD_FAX = "add a fax number to agents"
ADD_TAGLINE = "add a tagline to properties"


def state(client: APIClient, project: Project) -> dict[str, Any]:
    response = client.get(f"/api/v1/projects/{project.pk}/draft")
    assert response.status_code == 200, response.content
    return dict(response.json())


def press(client: APIClient, project: Project, what: str, trace_id: object = None) -> Any:
    body = {"trace_id": str(trace_id)} if trace_id else {}
    return client.post(f"/api/v1/projects/{project.pk}/draft/{what}", body, format="json")


def test_a_project_without_a_draft_says_so(api: APIClient, project: Project) -> None:
    assert state(api, project) == {
        "trace_id": None, "schema_json": None, "changes": [], "version": None,
        "can_undo": False, "can_redo": False, "redo_trace_id": None,
    }  # fmt: skip


def test_the_draft_comes_with_what_it_changes_in_the_active_version(
    api: APIClient, user: User, project: Project
) -> None:
    drafted = ask(user, project)
    provision(user, project, drafted["schema_json"], trace=drafts.current_draft(user, project))
    ask(user, project, ADD_FAX)
    refined = ask(user, project, ADD_TAGLINE)

    found = state(api, project)

    assert found["trace_id"] == refined["trace_id"]
    assert found["schema_json"] == refined["schema_json"]
    assert len(found["changes"]) == 2
    assert (found["version"], found["can_undo"], found["can_redo"]) == ("1.0.0", True, False)


def test_the_api_undoes_and_redoes(api: APIClient, user: User, project: Project) -> None:
    first, second = ask(user, project), ask(user, project, ADD_FAX)

    undone = press(api, project, "undo", second["trace_id"]).json()
    assert (undone["trace_id"], undone["schema_json"]) == (first["trace_id"], first["schema_json"])
    assert (undone["can_redo"], undone["redo_trace_id"]) == (True, second["trace_id"])
    assert press(api, project, "redo").json()["trace_id"] == second["trace_id"]


@pytest.mark.parametrize(
    ("what", "trace_id", "code"),
    [
        ("undo", None, "nothing_to_undo"),
        ("redo", None, "nothing_to_redo"),
        ("undo", UUID(int=1), "stale_draft"),
        ("redo", UUID(int=1), "stale_draft"),
    ],
)
def test_what_cannot_be_undone_is_a_conflict(
    api: APIClient, project: Project, what: str, trace_id: UUID | None, code: str
) -> None:
    response = press(api, project, what, trace_id)

    assert (response.status_code, response.json()["code"]) == (409, code)
    assert response["Content-Type"] == "application/problem+json"


def test_what_is_no_id_is_a_bad_request(api: APIClient, project: Project) -> None:
    response = press(api, project, "undo", "seven")

    assert response.status_code == 400
    assert response.json()["errors"][0]["path"] == "$.trace_id"


def test_another_users_draft_does_not_exist(other_user: User, user: User, project: Project) -> None:
    drafted = ask(user, project)
    stranger = client_of(other_user)

    answers = [
        stranger.get(f"/api/v1/projects/{project.pk}/draft"),
        press(stranger, project, "undo"),
        press(stranger, project, "undo", drafted["trace_id"]),
        press(stranger, project, "redo"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert drafts.undo(other_user, project) is None
    assert drafts.current_draft(user, access_project(user, project.pk)) is not None
