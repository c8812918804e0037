"""The records API: what it answers, and what it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from core.models import User
from schemas.column_types import column_types
from tests.dynamic_crud.conftest import RecordsClient
from tests.factories import PASSWORD, ProjectFactory

HOSTILE_TEXTS = [
    "Robert'); DROP TABLE things;--",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "%s %(x)s",
    "\\'\"",
    "🏠" * 50,
    "a\u202eb",
]


def errors_of(response: Any) -> dict[str, str]:
    return {error["path"]: error["code"] for error in response.json()["errors"]}


def test_a_record_is_flat_and_complete(estate: RecordsClient) -> None:
    agent = estate.made("agents", name="Ada", email="ada@example.com")
    made = estate.made("properties", address="1 Main St", price="250000.50", agent_id=agent["id"])
    assert set(made) == {
        "id", "user_id", "created_at", "updated_at",
        "address", "price", "status", "furnished", "listed_on", "notes", "agent_id",
    }  # fmt: skip
    assert made["price"] == "250000.50"
    assert made["status"] == "available"
    assert made["listed_on"]
    assert made["furnished"] is None
    assert made["agent_id"] == agent["id"]
    assert made["user_id"] == str(estate.project.owner_id)
    assert estate.get("properties", made["id"]).json() == made


def test_creating_answers_where_the_record_is(estate: RecordsClient) -> None:
    response = estate.create("agents", {"name": "Ada"})
    assert response.status_code == 201
    assert response["Location"].endswith(estate.url("agents", response.json()["id"]))


def test_patch_changes_only_what_it_is_given(estate: RecordsClient) -> None:
    made = estate.made("properties", address="1 Main St", price="10.00", notes="Nice")
    changed = estate.change("properties", made["id"], {"price": "11.5"}).json()
    assert changed["price"] == "11.50"
    assert changed["notes"] == "Nice"
    assert changed["updated_at"] > made["updated_at"]
    assert changed["created_at"] == made["created_at"]


def test_put_gives_defaults_to_what_is_left_out(estate: RecordsClient) -> None:
    made = estate.made("properties", address="1 Main St", price="10.00", status="sold", notes="Nice")
    replaced = estate.replace("properties", made["id"], {"address": "2 Main St"}).json()
    assert (replaced["address"], replaced["price"], replaced["notes"]) == ("2 Main St", None, None)
    assert replaced["status"] == "available"


def test_what_was_read_can_be_written_back(estate: RecordsClient) -> None:
    made = estate.made("properties", address="1 Main St", price="10.00")
    written = estate.replace("properties", made["id"], made)
    assert written.status_code == 200
    assert {**written.json(), "updated_at": None} == {**made, "updated_at": None}


def test_the_owner_and_the_id_of_a_record_cannot_be_chosen(estate: RecordsClient) -> None:
    record_id = str(uuid4())
    made = estate.made("agents", name="Ada", user_id=str(uuid4()), id=record_id)
    assert made["user_id"] == str(estate.project.owner_id)
    assert made["id"] != record_id


def test_delete(estate: RecordsClient) -> None:
    made = estate.made("agents", name="Ada")
    assert estate.delete("agents", made["id"]).status_code == 204
    assert estate.get("agents", made["id"]).status_code == 404
    assert estate.delete("agents", made["id"]).status_code == 404
    assert estate.change("agents", made["id"], {"name": "Eve"}).status_code == 404


def test_a_delete_cascades_unlinks_and_is_refused_as_the_schema_says(estate: RecordsClient) -> None:
    agent = estate.made("agents", name="Ada")
    home = estate.made("properties", address="1 Main St", agent_id=agent["id"])
    showing = estate.made("showings", visitor="Bob", starts_at="2026-11-20T10:00:00Z", property_id=home["id"])
    offer = estate.made("offers", buyer="Bob", property_id=home["id"])

    refused = estate.delete("properties", home["id"])
    assert refused.status_code == 409
    assert refused.json()["code"] == "still_referenced"
    assert "offers" in refused.json()["detail"]

    assert estate.delete("offers", offer["id"]).status_code == 204
    assert estate.delete("agents", agent["id"]).status_code == 204
    assert estate.get("properties", home["id"]).json()["agent_id"] is None
    assert estate.delete("properties", home["id"]).status_code == 204
    assert estate.get("showings", showing["id"]).status_code == 404


def test_expand_answers_the_related_record(estate: RecordsClient) -> None:
    agent = estate.made("agents", name="Ada", email="ada@example.com")
    home = estate.made("properties", address="1 Main St", agent_id=agent["id"])
    lonely = estate.made("properties", address="2 Main St")
    for response in (
        estate.get("properties", home["id"], expand="agent_id"),
        estate.list("properties", expand="agent_id", search="1 Main"),
    ):
        found = response.json()
        found = found["results"][0] if "results" in found else found
        assert found["agent_id"] == {**agent, "label": "Ada"}
    assert estate.get("properties", lonely["id"], expand="agent_id").json()["agent_id"] is None


# Refusals


def test_unknown_fields_are_refused_by_name(estate: RecordsClient) -> None:
    response = estate.create("agents", {"name": "Ada", "salary": 1})
    assert response.status_code == 400
    assert errors_of(response) == {"$.salary": "unknown_field"}
    assert "name" in response.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({}, "$.address"),
        ({"address": ""}, "$.address"),
        ({"address": None}, "$.address"),
        ({"address": ["list"]}, "$.address"),
        ({"address": "x" * 256}, "$.address"),
        ({"address": "x", "price": "abc"}, "$.price"),
        ({"address": "x", "price": "-1"}, "$.price"),
        ({"address": "x", "price": "1.234"}, "$.price"),
        ({"address": "x", "price": "1e400"}, "$.price"),
        ({"address": "x", "price": "NaN"}, "$.price"),
        ({"address": "x", "status": "burnt"}, "$.status"),
        ({"address": "x", "status": None}, "$.status"),
        ({"address": "x", "furnished": "perhaps"}, "$.furnished"),
        ({"address": "x", "listed_on": "2026-02-30"}, "$.listed_on"),
        ({"address": "x", "agent_id": "nobody"}, "$.agent_id"),
        ({"address": "x", "agent_id": str(uuid4())}, "$.agent_id"),
    ],
)
def test_a_value_that_does_not_fit_is_named(estate: RecordsClient, values: dict[str, Any], path: str) -> None:
    response = estate.create("properties", values)
    assert response.status_code == 400
    assert list(errors_of(response)) == [path]
    assert estate.list("properties").json()["count"] == 0


@pytest.mark.parametrize("body", ["text", 1, None, [], ["text"], [[]], True])
def test_a_body_that_is_no_record_is_refused(estate: RecordsClient, body: Any) -> None:
    response = estate.client.post(estate.url("agents"), body, format="json")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"", b"[" * 100_000, b'{"name": NaN}', b'{"name": "\\ud800"}', b'{"\\udc00": 1}']
)
def test_a_body_that_is_no_json_is_refused(estate: RecordsClient, body: bytes) -> None:
    response = estate.client.post(estate.url("agents"), body, content_type="application/json")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/problem+json")


def test_a_body_that_is_too_large_is_refused(estate: RecordsClient) -> None:
    response = estate.create("agents", {"name": "x" * 6_000_000})
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_a_value_that_is_taken_is_a_conflict(estate: RecordsClient) -> None:
    estate.made("agents", name="Ada", email="ada@example.com")
    other = estate.made("agents", name="Bob", email="bob@example.com")
    for response in (
        estate.create("agents", {"name": "Eve", "email": "ada@example.com"}),
        estate.change("agents", other["id"], {"email": "ada@example.com"}),
    ):
        assert response.status_code == 409
        assert errors_of(response) == {"$.email": "not_unique"}


def test_values_that_are_taken_together_name_all_their_columns(estate: RecordsClient) -> None:
    estate.made("properties", address="1 Main St", status="sold")
    estate.made("properties", address="1 Main St", status="available")
    response = estate.create("properties", {"address": "1 Main St", "status": "sold"})
    assert response.status_code == 409
    assert errors_of(response) == {"$.address": "not_unique", "$.status": "not_unique"}


# Many at once


def test_a_list_is_created_in_order(estate: RecordsClient) -> None:
    response = estate.create("agents", [{"name": f"Agent {number}"} for number in range(20)])
    assert response.status_code == 201
    assert [row["name"] for row in response.json()] == [f"Agent {number}" for number in range(20)]


def test_a_list_is_created_whole_or_not_at_all(estate: RecordsClient) -> None:
    estate.made("agents", name="Ada", email="ada@example.com")
    rows = [
        {"name": "Bob", "email": "bob@example.com"},
        {"name": "Ada 2", "email": "ada@example.com"},
        {"name": "Bob 2", "email": "bob@example.com"},
    ]
    response = estate.create("agents", rows)
    assert response.status_code == 409
    assert errors_of(response) == {"$[1].email": "not_unique", "$[2].email": "not_unique"}
    assert estate.list("agents").json()["count"] == 1


def test_every_row_of_a_list_is_judged(estate: RecordsClient) -> None:
    response = estate.create("properties", [{"address": "ok"}, {"price": "1"}, {"address": "x", "agent_id": "no"}])
    assert response.status_code == 400
    assert errors_of(response) == {"$[1].address": "required", "$[2].agent_id": "invalid"}
    missing = estate.create("properties", [{"address": "ok"}, {"address": "x", "agent_id": str(uuid4())}])
    assert errors_of(missing) == {"$[1].agent_id": "does_not_exist"}
    assert estate.list("properties").json()["count"] == 0


def test_no_more_than_a_thousand_at_once(estate: RecordsClient) -> None:
    assert estate.create("agents", [{"name": "x"}] * 1000).status_code == 201
    assert estate.create("agents", [{"name": "x"}] * 1001).status_code == 400


# Every type


def examples_for(things: RecordsClient, key: str) -> Sequence[Any]:
    """Values of a type. No general example can be a member of this project, or a file that was uploaded to it."""
    if key == "user":
        return [str(things.project.owner_id)]
    if key == "attachment":
        return [[things.uploaded(column="a_attachment", table="things")]]
    return column_types.get(key).examples


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("key", [kind.key for kind in column_types if kind.key != "relation"])
def test_every_type_keeps_its_values_and_refuses_others(things: RecordsClient, key: str) -> None:
    column, is_given = f"a_{key}", column_types.get(key).numbered
    for value in examples_for(things, key):
        made = things.made("things", name="x", **{column: value})
        assert things.get("things", made["id"]).json()[column] == made[column]
        again = things.change("things", made["id"], {column: made[column]})
        assert again.status_code == 200, again.data
        assert again.json()[column] == made[column]
        emptied = things.change("things", made["id"], {column: None})
        assert emptied.json()[column] == (made[column] if is_given else None)
    for value in [*HOSTILE_TEXTS, "a\0b", [], {}, 1e308, 10**30, True, "1e999999", "x" * 200_000]:
        response = things.create("things", {"name": "x", column: value})
        assert response.status_code in (201, 400), (value, response.json())
        if response.status_code == 400:
            assert list(errors_of(response)) == [f"$.{column}"]
    assert things.list("things", page_size=200).status_code == 200


def test_text_comes_back_as_it_was_sent(things: RecordsClient) -> None:
    for text in HOSTILE_TEXTS:
        assert things.made("things", name="x", a_text=text)["a_text"] == text
        assert things.list("things", a_text=text).json()["count"] >= 1
        assert things.list("things", search=text).json()["count"] >= 1


def test_json_keeps_every_shape(things: RecordsClient) -> None:
    for value in ({"a": [1, {"b": None}]}, [], "text", 0, False, {"": ""}):
        assert things.made("things", name="x", a_json=value)["a_json"] == value
    for value in ({"a": "b\0"}, {"\0": 1}, [[["\0"]]]):
        assert list(errors_of(things.create("things", {"name": "x", "a_json": value}))) == ["$.a_json"]


# Who may


def test_nobody_reaches_records_without_signing_in(estate: RecordsClient) -> None:
    made = estate.made("agents", name="Ada")
    stranger = RecordsClient(APIClient(), estate.project)
    for response in (
        stranger.list("agents"), stranger.create("agents", {"name": "Eve"}), stranger.get("agents", made["id"]),
        stranger.replace("agents", made["id"], {}), stranger.change("agents", made["id"], {}),
        stranger.delete("agents", made["id"]),
    ):  # fmt: skip
        assert response.status_code == 401
        assert response["Content-Type"].startswith("application/problem+json")


def test_a_session_needs_the_csrf_token(estate: RecordsClient, user: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.login(email=user.email, password=PASSWORD)
    assert browser.get(estate.url("agents")).status_code == 200
    refused = browser.post(estate.url("agents"), {"name": "Eve"}, content_type="application/json")
    assert refused.status_code == 403
    token = browser.get("/projects/").cookies["csrftoken"].value
    accepted = browser.post(
        estate.url("agents"), {"name": "Ada"}, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert accepted.status_code == 201


def test_a_project_without_tables_has_no_records(user: User, api: APIClient) -> None:
    project = ProjectFactory(owner=user)
    response = api.get(f"/api/v1/projects/{project.pk}/tables/agents/records")
    assert response.status_code == 404
    assert "no tables yet" in response.json()["detail"]


def test_a_list_takes_the_same_number_of_queries_however_long_it_is(estate: RecordsClient) -> None:
    agents = [estate.made("agents", name=f"Agent {number}")["id"] for number in range(3)]
    queries = []
    for count in (1, 40):
        estate.create("properties", [{"address": f"{count}-{n}", "agent_id": agents[n % 3]} for n in range(count)])
        with CaptureQueriesContext(connection) as captured:
            response = estate.list("properties", expand="agent_id")
        assert response.status_code == 200
        queries.append(len(captured))
    assert queries[0] == queries[1]


def test_only_the_asked_fields_are_answered(estate: RecordsClient) -> None:
    agent = estate.made("agents", name="Ada")
    home = estate.made("properties", address="1 Main St", agent_id=agent["id"])
    listed = estate.list("properties", fields="price, id,address").json()["results"]
    assert listed == [{"price": None, "id": home["id"], "address": "1 Main St"}]
    one = estate.get("properties", home["id"], fields="agent_id,status", expand="agent_id").json()
    assert (list(one), one["agent_id"]["label"]) == (["agent_id", "status"], "Ada")
    made = estate.create("properties", [{"address": "2 Main St"}], "?fields=address").json()
    assert made == [{"address": "2 Main St"}]


def test_fields_that_are_none_are_refused(estate: RecordsClient) -> None:
    made = estate.made("agents", name="Ada")
    for fields, place in (("salary", "fields"), ("name,id;drop", "fields"), ("id__exact", "fields"), ("*", "fields")):
        for response in (estate.list("agents", fields=fields), estate.get("agents", made["id"], fields=fields)):
            assert (response.status_code, list(errors_of(response))) == (400, [f"query.{place}"])
    left_out = estate.list("properties", fields="address", expand="agent_id")
    assert errors_of(left_out) == {"query.fields": "left_out"}
