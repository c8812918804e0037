"""The schema lock for programs and on the command line."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from core import locks
from core.models import Project, User
from tests.conftest import client_of


def path_of(project: Project, tail: str = "") -> str:
    return f"/api/v1/schema-lock/{project.pk}{tail}"


def run(project: Project, *arguments: str) -> str:
    output = StringIO()
    call_command("lock", str(project.pk), *arguments, stdout=output)
    return output.getvalue()


def test_a_lock_is_taken_extended_seen_and_given_back(api: APIClient, user: User, project: Project) -> None:
    free = api.get(path_of(project)).json()
    assert (free["locked"], free["holder"], free["frozen"]) == (False, None, False)

    taken = api.post(path_of(project), {"purpose": "moving the columns"}, format="json")
    assert taken.status_code == 200
    held = taken.json()
    assert (held["locked"], held["is_mine"], held["holder"]) == (True, True, user.get_full_name())
    assert (held["holder_id"], held["purpose"]) == (str(user.pk), "moving the columns")
    assert held["seconds_left"] > 0

    extended = api.post(path_of(project)).json()
    assert extended["acquired_at"] == held["acquired_at"]
    assert extended["expires_at"] > held["expires_at"]

    assert api.delete(path_of(project)).status_code == 204
    assert api.delete(path_of(project)).status_code == 204
    assert api.get(path_of(project)).json() == free


def test_a_member_reads_who_holds_it_and_can_do_nothing_about_it(
    api: APIClient, user: User, colleague: User, project: Project
) -> None:
    expires_at = api.post(path_of(project)).json()["expires_at"]
    other = client_of(colleague)
    seen = other.get(path_of(project)).json()
    assert (seen["is_mine"], seen["holder"], seen["purpose"]) == (False, user.get_full_name(), "editing")
    for refused in (other.post(path_of(project)), other.delete(path_of(project))):
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (409, "schema_locked")
        assert refused["Content-Type"] == "application/problem+json"
        assert refused["Retry-After"] == str(problem["retry_after"])
        assert (problem["holder"], problem["expires_at"]) == (user.get_full_name(), expires_at)
    assert api.get(path_of(project)).json()["expires_at"] == expires_at


@pytest.mark.parametrize("tail", ["", "/freeze"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_to_a_stranger_there_is_no_lock(
    api: APIClient, other_user: User, project: Project, method: str, tail: str
) -> None:
    held = api.post(path_of(project)).json()
    call = getattr(client_of(other_user), method)
    answers = [call(path_of(project, tail)), call(f"/api/v1/schema-lock/{uuid4()}{tail}")]
    assert {answer.status_code for answer in answers} <= {404, 405}
    assert answers[0].json() == answers[1].json()
    seen = api.get(path_of(project)).json()
    assert (seen["expires_at"], seen["frozen"]) == (held["expires_at"], False)


def test_nobody_is_asked_to_sign_in(project: Project) -> None:
    assert APIClient().get(path_of(project)).status_code == 401


def test_the_owner_freezes_and_releases(api: APIClient, user: User, colleague: User, project: Project) -> None:
    frozen = api.put(path_of(project, "/freeze"), {"reason": "The yearly audit"}, format="json")
    assert frozen.status_code == 200
    assert (frozen.json()["frozen"], frozen.json()["reason"]) == (True, "The yearly audit")
    for client in (api, client_of(colleague)):
        refused = client.post(path_of(project))
        assert (refused.status_code, refused.json()["code"]) == (409, "schema_frozen")
        assert (refused.json()["reason"], refused.json()["frozen_by"]) == ("The yearly audit", user.get_full_name())
    assert api.delete(path_of(project, "/freeze")).status_code == 204
    assert api.post(path_of(project)).status_code == 200


def test_a_member_neither_freezes_nor_releases(api: APIClient, colleague: User, project: Project) -> None:
    other = client_of(colleague)
    assert other.put(path_of(project, "/freeze")).json()["code"] == "owner_only"
    api.put(path_of(project, "/freeze"))
    refused = other.delete(path_of(project, "/freeze"))
    assert (refused.status_code, refused.json()["code"]) == (403, "owner_only")
    assert api.get(path_of(project)).json()["frozen"] is True


@pytest.mark.parametrize("body", [[], 7, "x", None, {"purpose": None}, {"purpose": []}, {"purpose": "x" * 201}])
@pytest.mark.parametrize("tail", ["", "/freeze"])
def test_whatever_is_sent_is_no_internal_error(api: APIClient, project: Project, body: Any, tail: str) -> None:
    call = api.put if tail else api.post
    renamed = {"reason": body["purpose"]} if tail and isinstance(body, dict) else body
    assert call(path_of(project, tail), renamed, format="json").status_code in (200, 400)


def test_the_document_of_the_api_describes_it(api: APIClient) -> None:
    paths = api.get("/api/schema").data["paths"]
    assert set(paths["/api/v1/schema-lock/{project_id}"]) == {"get", "post", "delete"}
    assert set(paths["/api/v1/schema-lock/{project_id}/freeze"]) == {"put", "delete"}


def test_the_command_does_the_same(user: User, project: Project) -> None:
    assert run(project) == "Free: nobody is changing the tables.\n"
    assert f"Locked by {user.get_full_name()} until " in run(project, "acquire", "--purpose", "moving the columns")
    assert json.loads(run(project, "--json"))["purpose"] == "moving the columns"
    assert run(project, "release") == "Free: nobody is changing the tables.\n"
    assert "Why: The yearly audit" in run(project, "freeze", "--reason", "The yearly audit")
    with pytest.raises(CommandError, match="The tables are frozen: The yearly audit"):
        run(project, "acquire")
    assert run(project, "unfreeze", "--user", user.email) == "Free: nobody is changing the tables.\n"


def test_the_command_refuses_what_is_not_the_users(
    user: User, other_user: User, project: Project, superuser: psycopg.Connection
) -> None:
    locks.acquire(project, user.pk)
    with pytest.raises(CommandError, match="No project"):
        run(project, "release", "--user", other_user.email)
    superuser.execute("update core_schemalock set holder_id = %s", [other_user.pk])
    for action in ("acquire", "release"):
        with pytest.raises(CommandError, match="is changing the tables"):
            run(project, action)


def test_the_command_says_where_an_option_belongs(project: Project) -> None:
    with pytest.raises(CommandError, match="--reason goes with freeze only"):
        run(project, "acquire", "--reason", "x")
