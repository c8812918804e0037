"""Reads in one round trip: the same answers as by the doors, and nothing for whoever may not have them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from core import jobs
from core.models import Placement, Project, User
from core.permissions import access_project
from core.pipelines import Question
from core.projects import delete_project
from core.tenancy import Expected, TenancyError, acting_as, as_platform, visit
from dynamic_crud import runtime
from dynamic_crud.runtime import hint_of
from provisioning.service import provision
from schemas.column_types import column_types
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.dynamic_crud.documents import estate as estate_document

WHO = Question("select current_user::text, auth.uid(), current_setting('search_path')")


@pytest.fixture
def agents(estate: RecordsClient) -> RecordsClient:
    """The project with one agent, which this process has seen."""
    estate.made("agents", name="Ada")
    assert estate.list("agents").status_code == 200
    return estate


@contextmanager
def one_round_trip() -> Iterator[None]:
    """Sees to it that Django asks the database nothing by itself."""
    with CaptureQueriesContext(connection) as queries:
        yield
    assert not queries.captured_queries


def seen(project: Project) -> Any:
    """What this process remembers of a project."""
    return runtime._seen[project.pk]


def as_known(project: Project, user: User) -> Expected:
    """What somebody expects who knows all that there is to know."""
    seen_now = access_project(project.owner, project.pk)
    account = AccessToken.for_user(user)[api_settings.REVOKE_TOKEN_CLAIM]
    return Expected(seen_now.active_config_id, seen_now.placement.database, account)


def test_lists_and_records_are_read_in_one_round_trip(agents: RecordsClient) -> None:
    with one_round_trip():
        response = agents.list("agents")
        (made,) = response.json()["results"]
        assert agents.get("agents", made["id"], expand="").json() == made
        assert agents.list("properties", expand="agent_id", ordering="-agent_id", price__gte="1").json()["count"] == 0
        assert agents.get("agents", str(uuid4())).status_code == 404
    by_the_doors = agents.client.get(agents.url("agents"), headers={"Accept": "application/json;q=0.5"})
    assert by_the_doors.json() == response.json()
    assert dict(by_the_doors.items()) == dict(response.items())


def test_what_is_asked_of_a_list_or_a_record_takes_one_round_trip_too(agents: RecordsClient) -> None:
    eve, _ = (agents.made("agents", name=name) for name in ("Eve", "Bob"))
    either = json.dumps({"or": [{"name": "Eve"}, {"and": [{"name__icontains": "a"}, {"name__istartswith": "A"}]}]})
    with one_round_trip():
        page = agents.list("agents", filter=either, fields="name", ordering="name", count="estimated").json()
        one = agents.get("agents", eve["id"], fields="id,name")
        known = {"If-None-Match": one["ETag"]}
        again = agents.client.get(agents.url("agents", eve["id"]), {"fields": "id,name"}, headers=known)
        another = agents.client.get(agents.url("agents", eve["id"]), headers=known)
    assert (page["count"], page["counted"], page["results"]) == (2, "exactly", [{"name": "Ada"}, {"name": "Eve"}])
    assert one.json() == {"id": eve["id"], "name": "Eve"}
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", one["ETag"])
    assert another.json() == eve
    for query in ("?fields=id,name", ""):  # by the doors it is the same record in the same state
        slow = agents.client.get(agents.url("agents", eve["id"]) + query, headers={"Accept": "application/json;q=0.5"})
        quick = agents.client.get(agents.url("agents", eve["id"]) + query)
        assert (slow.content, dict(slow.items())) == (quick.content, dict(quick.items()))


def test_aggregates_and_unreadable_groups_are_answered_as_elsewhere(agents: RecordsClient) -> None:
    known = seen(agents.project)
    for parameters in (
        {"aggregate": "count()"}, {"aggregate": "count()", "group_by": "name"}, {"aggregate": "x"}, {"filter": "{"},
        {"filter": '{"or": []}'}, {"filter": '{"name__nonsense": "x"}'}, {"fields": "x"},
        {"aggregate": "count()", "cursor": ""},
    ):  # fmt: skip
        runtime._seen[agents.project.pk] = known
        quick = agents.list("agents", **parameters)
        runtime._seen.clear()
        slow = agents.list("agents", **parameters)
        assert (quick.status_code, quick.json()) == (slow.status_code, slow.json())
        assert (quick.status_code == 200) == (parameters.get("aggregate") == "count()" and "cursor" not in parameters)


def test_what_is_wrong_is_told_as_elsewhere(agents: RecordsClient) -> None:
    known = seen(agents.project)
    for table, parameters in (("agents", {"nonsense": "1"}), ("nothing", {}), ("properties", {"price": "x"})):
        runtime._seen[agents.project.pk] = known
        quick = agents.list(table, **parameters)
        runtime._seen.clear()
        slow = agents.list(table, **parameters)
        assert quick.status_code == slow.status_code >= 400
        assert quick.json() == slow.json()
    assert agents.client.get(agents.url("agents"), headers={"Accept": "text/html"}).status_code == 406


def test_only_the_bearer_of_a_valid_token_is_answered(agents: RecordsClient, user: User) -> None:
    expired, refresh, gone = AccessToken.for_user(user), RefreshToken.for_user(user), AccessToken.for_user(user)
    expired.set_exp(lifetime=-timedelta(seconds=1))
    gone["user_id"] = str(uuid4())
    for token in (str(expired), str(refresh), str(gone), f"{agents.client._credentials}x", "x", ""):
        response = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}").get(agents.url("agents"))
        assert response.status_code == 401, token
        assert response["WWW-Authenticate"] == 'Bearer realm="api"'
        assert response["Content-Type"] == "application/problem+json"
    assert APIClient().get(agents.url("agents")).status_code == 401


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_a_closed_account_and_an_old_password_are_refused(
    agents: RecordsClient, user: User, change: dict[str, Any]
) -> None:
    User.objects.filter(pk=user.pk).update(**change)
    response = agents.list("agents")
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


def test_a_project_that_this_process_has_seen_is_nobody_elses(agents: RecordsClient, other_user: User) -> None:
    (made,) = agents.list("agents").json()["results"]
    stranger = RecordsClient(client_of(other_user), agents.project)
    unknown = RecordsClient(stranger.client, Project(pk=uuid4()))
    for response in (
        stranger.list("agents"), stranger.get("agents", made["id"]), stranger.list("agents", nonsense="1"),
        stranger.list("nothing"), stranger.list("agents", count="estimated"), stranger.list("agents", cursor=""),
    ):  # fmt: skip
        assert response.status_code == 404
        assert response.content == unknown.list("agents").content
    assert visit(other_user.pk, agents.project.pk, as_known(agents.project, other_user), [WHO]) is None


def test_questions_to_a_project_that_the_caller_cannot_open_are_refused(
    agents: RecordsClient, user: User, other_user: User
) -> None:
    """The questions name another project's schema, as a hint that is wrong would have it."""
    own = provisioned(other_user, estate_document())
    for schema in (agents.project.schema_name, "public"):
        for text in ("select * from {}.agents", "select * from {}.core_project", "select * from {}.core_user"):
            found = visit(other_user.pk, own.pk, as_known(own, other_user), [Question(text.format(schema))])
            assert found is not None
            assert found.error is not None
            assert found.answers == []
            assert "permission denied" in str(found.error) or "does not exist" in str(found.error)
    with connection.cursor() as cursor:
        cursor.execute("select current_user = session_user, current_setting('request.jwt.claims', true)")
        assert cursor.fetchone() in {(True, ""), (True, None)}


def test_a_visit_enters_by_the_row_reads_only_and_leaves_nothing(agents: RecordsClient, user: User) -> None:
    project = agents.project
    found = visit(user.pk, project.pk, as_known(project, user), [WHO])
    assert found is not None
    assert found.answers == [[(f"{project.schema_name}_admin", user.pk, f"{project.schema_name}, pg_temp")]]
    for text in ("update agents set name = 'Eve'", "delete from agents", "create table x ()", "select nextval('x')"):
        refused = visit(user.pk, project.pk, as_known(project, user), [Question(text)])
        assert refused is not None
        assert refused.error is not None
    with acting_as(user.pk), pytest.raises(TenancyError):
        visit(user.pk, project.pk, as_known(project, user), [])
    with connection.cursor() as cursor:
        cursor.execute("select current_user = session_user, current_setting('transaction_read_only')")
        assert cursor.fetchone() == (True, "off")


def test_a_deleted_project_is_not_found(agents: RecordsClient, user: User) -> None:
    known = as_known(agents.project, user)
    delete_project(user, agents.project, agents.project.name)
    assert hint_of(agents.project.pk) is not None
    assert agents.list("agents").status_code == 404
    assert visit(user.pk, agents.project.pk, known, [WHO]) is None


def test_a_version_that_another_process_activated_is_served_at_once(agents: RecordsClient, user: User) -> None:
    document = estate_document()
    document["tables"][0]["columns"][0] |= {"name": "full_name", "renamed_from": "name"}
    document["tables"].append({"name": "notes", "columns": [{"name": "text", "type": "text"}]})
    old = seen(agents.project)
    job = provision(user, access_project(user, agents.project.pk), document)
    assert job is not None
    jobs.run(job.pk)
    for table, parameters in (("agents", {"full_name": "Ada"}), ("agents", {}), ("notes", {})):
        runtime._seen[agents.project.pk] = old  # as a process remembers that has not been asked since
        response = agents.list(table, **parameters)
        assert response.status_code == 200, response.content
        assert [record["full_name"] for record in response.json()["results"]] == (["Ada"] if table == "agents" else [])
        assert seen(agents.project) != old
    runtime._seen[agents.project.pk] = old
    assert agents.list("agents", name="Ada").status_code == 400


def test_a_project_that_moved_to_another_database_is_read_there(agents: RecordsClient) -> None:
    connections.databases["elsewhere"] = connections.databases["default"]
    try:
        with as_platform():
            Placement.objects.filter(project=agents.project).update(database="elsewhere")
        for _ in range(2):  # once with a hint of where it was, once with the right one
            with CaptureQueriesContext(connections["elsewhere"]) as queries:
                assert agents.list("agents").json()["count"] == 1
            assert queries.captured_queries
            assert seen(agents.project)[1] == "elsewhere"
    finally:
        connections["elsewhere"].close()
        connections["elsewhere"].close_pool()
        del connections["elsewhere"], connections.databases["elsewhere"]


def test_a_label_of_any_type_is_what_people_read(user: User) -> None:
    kinds = [
        kind for kind in column_types if "to_table" not in kind.settings and kind.key not in ("user", "attachment")
    ]
    titled = [{"name": f"t_{kind.key}", "columns": [{"name": "x", "type": kind.key, **kind.example}]} for kind in kinds]
    document = {
        "name": "Labels",
        "tables": [*titled, {"name": "holders", "columns": [{"name": "name", "type": "text"}]}],
        "relationships": [
            {"from_table": "holders", "from_column": f"{table['name']}_id", "to_table": table["name"]}
            for table in titled
        ],
    }
    client = RecordsClient(client_of(user), provisioned(user, document))
    columns = [f"{table['name']}_id" for table in titled]
    for place in (0, -1, None):
        ids = {}
        for kind, column in zip(kinds, columns, strict=True):
            values = {} if kind.numbered or place is None else {"x": kind.examples[place]}
            ids[column] = client.made(f"t_{kind.key}", **values)["id"]
        made = client.create("holders", ids, query=f"?expand={','.join(columns)}")
        read = client.get("holders", made.json()["id"], expand=",".join(columns))
        assert (read.content, read["ETag"]) == (made.content, made["ETag"])  # to the byte, as the tag says
