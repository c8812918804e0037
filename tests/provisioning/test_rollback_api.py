"""POST and GET /api/v1/rollback/{project_id}, and `manage.py rollback`."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from core.models import Project, User
from core.permissions import access_config, list_configs
from provisioning import commands
from tests.conftest import client_of
from tests.provisioning.acts import provision, query, reload
from tests.provisioning.documents import column, document, table


@pytest.fixture
def versions(user: User, project: Project) -> Project:
    """A project whose second version has a column, with a value, and a table more."""
    provision(user, project, document(table("notes", column("a"))))
    provision(user, project, document(table("notes", column("a"), column("b")), table("tags", column("c"))))
    query(project, user.pk, "admin", "insert into notes (a, b) values ('1', '2')")
    return reload(user, project)


def post(client: APIClient, project: Project, headers: Any = None, **values: Any) -> Any:
    return client.post(f"/api/v1/rollback/{project.pk}", values, format="json", headers=headers)


def test_a_version_is_restored_as_the_next_one(api: APIClient, user: User, versions: Project, worker: object) -> None:
    response = post(api, versions, version="1.0.0", confirm_destructive=True)
    assert response.status_code == 200, response.data
    assert (response.data["version"], response.data["tables_dropped"]) == ("2.0.0", ["tags"])
    assert query(versions, user.pk, "admin", "select a from notes") == [("1",)]
    again = post(api, versions, version="1.0.0")
    assert (again.status_code, again.data["migration_applied"]) == (200, False)


def test_a_version_is_named_by_its_id_too(api: APIClient, user: User, versions: Project) -> None:
    first = access_config(user, versions, "1.0.0")
    plan = post(api, versions, vibe_config_id=str(first.pk), dry_run=True)
    assert plan.status_code == 200
    assert plan.data["operations"] == ["Remove the column b from notes.", "Remove the table tags."]
    assert [(risk["code"], risk["count"]) for risk in plan.data["risks"]] == [("drops_column", 1), ("drops_table", 0)]
    assert len(list_configs(user, versions)) == 2


def test_what_disappears_is_a_409_with_findings(api: APIClient, user: User, versions: Project) -> None:
    response = post(api, versions, version="1.0.0")
    assert (response.status_code, response.json()["code"]) == (409, "confirmation_needed")
    ((row,),) = query(versions, user.pk, "admin", "select id::text from notes")
    error = next(error for error in response.json()["errors"] if error["code"] == "drops_column")
    assert (error["count"], error["rows"]) == (1, [row])
    assert {"path", "detail", "fix"} <= set(error)


def test_a_call_that_does_not_wait_gets_the_job_and_the_same_key_the_same_job(
    api: APIClient, versions: Project
) -> None:
    headers = {"Prefer": "respond-async", "Idempotency-Key": "once"}
    answers = [post(api, versions, headers, version="1.0.0", confirm_destructive=True) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].data["id"] == answers[1].data["id"]


@pytest.mark.parametrize("values", [{}, {"version": ""}, {"version": "1.0.0", "vibe_config_id": str(uuid4())}])
def test_one_version_has_to_be_named(api: APIClient, versions: Project, values: dict[str, str]) -> None:
    assert post(api, versions, **values).status_code == 400


def test_what_does_not_exist_and_what_is_others_is_a_404(
    api: APIClient, user: User, other_user: User, versions: Project
) -> None:
    for values in ({"version": "9.9.9"}, {"version": "a\0b"}, {"vibe_config_id": str(uuid4())}):
        assert post(api, versions, **values).status_code in (400, 404)
    stranger = client_of(other_user)
    first = access_config(user, versions, "1.0.0")
    assert post(stranger, versions, version="1.0.0").status_code == 404
    assert post(stranger, versions, vibe_config_id=str(first.pk), dry_run=True).status_code == 404
    assert stranger.get(f"/api/v1/rollback/{versions.pk}?version=1.0.0").status_code == 404
    assert post(APIClient(), versions, version="1.0.0").status_code == 401


def test_a_version_can_be_read(api: APIClient, versions: Project) -> None:
    answer = api.get(f"/api/v1/rollback/{versions.pk}?version=1.0.0")
    assert answer.status_code == 200
    assert (answer.data["version"], answer.data["number"], answer.data["active"]) == ("1.0.0", 1, False)
    assert [entry["name"] for entry in answer.data["document"]["tables"][0]["columns"]] == ["a"]
    assert api.get(f"/api/v1/rollback/{versions.pk}").status_code == 400
    assert api.get(f"/api/v1/rollback/{versions.pk}?version=7").status_code == 404


def run(*arguments: Any) -> str:
    output = StringIO()
    call_command("rollback", *map(str, arguments), stdout=output)
    return output.getvalue()


def test_the_command_shows_the_plan_asks_and_does_it(
    user: User, versions: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_WORKER_SECONDS", 0.0)
    text = run(versions.pk, "1.0.0", "--dry-run")
    assert "- Remove the table tags." in text
    assert "! drops_column:" in text
    assert json.loads(run(versions.pk, "1.0.0", "--dry-run", "--json"))["tables_dropped"] == ["tags"]
    assert len(list_configs(user, versions)) == 2
    with pytest.raises(CommandError, match="--confirm-destructive"):
        run(versions.pk, "1.0.0")
    assert "Version 2.0.0 is active." in run(versions.pk, "1.0.0", "--confirm-destructive")
    assert "nothing to do" in run(versions.pk, "1.0.0")
    assert json.loads(run(versions.pk, "1.1.0", "--json"))["tables_created"] == ["tags"]
    assert query(versions, user.pk, "admin", "select a, b from notes") == [("1", "2")]


def test_the_command_says_what_is_wrong(user: User, other_user: User, versions: Project) -> None:
    with pytest.raises(CommandError, match="nothing here"):
        run(versions.pk, "7.7.7")
    with pytest.raises(CommandError, match="No project"):
        run(versions.pk, "1.0.0", "--user", other_user.email)
