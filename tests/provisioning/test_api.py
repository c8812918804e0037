"""POST /api/v1/provision."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from core import jobs
from core.models import DecisionTrace, Job, Project, User
from core.permissions import list_configs
from core.tenancy import acting_as
from tests.conftest import client_of
from tests.provisioning.acts import migrations, provision, query, reload
from tests.provisioning.documents import column, document, estate, table

PATH = "/api/v1/provision"


def post(client: APIClient, project: Project, schema: object, headers: Any = None, **values: Any) -> Any:
    body = {"project_id": str(project.pk), "schema_json": schema, **values}
    return client.post(PATH, body, format="json", headers=headers)


def test_a_document_becomes_tables(api: APIClient, user: User, project: Project, worker: object) -> None:
    response = post(api, project, estate())
    assert response.status_code == 200, response.data
    assert response.data["tables_created"] == ["agents", "properties", "showings"]
    assert response.data["version"] == "1.0.0"
    assert response.data["rls_policies_created"] == 18
    assert query(project, user.pk, "admin", "select count(*) from agents") == [(0,)]


def test_a_dry_run_answers_the_plan_and_changes_nothing(api: APIClient, user: User, project: Project) -> None:
    response = post(api, project, estate(), dry_run=True)
    assert response.status_code == 200
    assert response.data["version"] == "1.0.0"
    assert len(response.data["operations"]) >= 3
    assert "create table" in response.data["sql"]
    assert response.data["risks"] == []
    assert migrations(project) == []
    assert reload(user, project).active_config is None


def test_a_dry_run_lists_what_would_disappear(api: APIClient, user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"), column("b"))))
    smaller = document(table("notes", column("a")))
    plan = post(api, project, smaller, dry_run=True).data
    assert plan["destructive"] is True
    assert [risk["code"] for risk in plan["risks"]] == ["drops_column"]
    refused = post(api, project, smaller)
    assert (refused.status_code, refused.json()["code"]) == (409, "confirmation_needed")
    assert refused["Content-Type"] == "application/problem+json"
    assert [error["code"] for error in refused.json()["errors"]] == ["drops_column"]


def test_an_invalid_document_is_told_in_full(api: APIClient, project: Project) -> None:
    response = post(api, project, document(table("1 bad", column("a", "nonsense"))))
    assert (response.status_code, response.json()["code"]) == (422, "invalid_schema")
    assert len(response.json()["errors"]) >= 2
    assert {"code", "path", "detail", "fix"} <= set(response.json()["errors"][0])


@pytest.mark.parametrize("schema", [None, 7, "text", [], {}, {"tables": 3}, [[[]]], {"name": None, "tables": [None]}])
def test_whatever_is_sent_is_no_internal_error(api: APIClient, project: Project, schema: object) -> None:
    assert post(api, project, schema).status_code in (400, 422)


def test_an_unsupported_change_is_a_422(api: APIClient, user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a", "date"))))
    response = post(api, project, document(table("notes", column("a", "boolean"))))
    assert (response.status_code, response.json()["code"]) == (422, "change_not_supported")


def test_rows_that_do_not_fit_are_named_whatever_was_confirmed(api: APIClient, user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"))))
    query(project, user.pk, "admin", "insert into notes (a) values (null), ('x')")
    ((empty,),) = query(project, user.pk, "admin", "select id::text from notes where a is null")
    required = document(table("notes", column("a", required=True)))
    (risk,) = post(api, project, required, dry_run=True).data["risks"]
    assert (risk["code"], risk["severity"], risk["count"], risk["rows"]) == ("required_may_fail", "data", 1, [empty])
    refused = post(api, project, required, confirm_destructive=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "rows_do_not_fit")
    assert refused.json()["errors"][0]["rows"] == [empty]
    assert len(migrations(project)) == 1


def test_another_users_project_does_not_exist(other_user: User, project: Project) -> None:
    for dry_run in (True, False):
        assert post(client_of(other_user), project, estate(), dry_run=dry_run).status_code == 404


def test_nobody_is_refused(project: Project, database: None) -> None:
    assert post(APIClient(), project, estate()).status_code == 401


def test_an_asynchronous_call_gets_the_job(api: APIClient, user: User, project: Project) -> None:
    response = post(api, project, estate(), headers={"Prefer": "respond-async"})
    assert response.status_code == 202
    assert response["Location"].endswith(f"/api/v1/jobs/{response.data['id']}")
    jobs.run(Job(pk=response.data["id"]).pk)
    job = api.get(response["Location"]).data
    assert (job["status"], job["progress"], job["result"]["version"]) == ("succeeded", 100, "1.0.0")


def test_the_same_request_twice_is_one_version(api: APIClient, user: User, project: Project, worker: object) -> None:
    headers = {"Idempotency-Key": "once"}
    first, second = (post(api, project, estate(), headers=headers) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.data == second.data
    assert len(list_configs(user, project)) == len(migrations(project)) == 1
    other = post(api, project, document(table("notes", column("a"))), headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_provisioning_what_is_active_says_so(api: APIClient, user: User, estate_project: Project) -> None:
    response = post(api, estate_project, estate())
    assert response.status_code == 200
    assert response.data["migration_applied"] is False
    assert response.data["version"] == "1.0.0"


def test_a_version_remembers_its_decision(api: APIClient, user: User, project: Project, worker: object) -> None:
    with acting_as(user.pk):
        trace = DecisionTrace.objects.create(project=project, user=user, prompt="Estate agents")
    assert post(api, project, estate(), trace_id=str(uuid4())).status_code == 404
    assert post(api, project, estate(), trace_id=str(trace.pk)).status_code == 200
    assert list_configs(user, project)[0].trace == trace


@pytest.mark.parametrize("depth", [200, 900, 960, 990, 100_000])
def test_a_deeply_nested_body_is_the_callers_mistake(api: APIClient, project: Project, depth: int) -> None:
    body = '{{"project_id": "{}", "schema_json": {}{}}}'.format(project.pk, "[" * depth, "]" * depth)
    response = api.post(PATH, body, content_type="application/json", headers={"Idempotency-Key": "deep"})
    assert response.status_code in (400, 422), response.content[:300]
