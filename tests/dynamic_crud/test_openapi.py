"""The OpenAPI document of a project and its page: they say what the API does, of this project's own tables."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from core.models import User
from dynamic_crud.api_examples import examples_of
from dynamic_crud.filters import filter_names
from dynamic_crud.listing import PARAMETERS
from dynamic_crud.runtime import get_runtime
from schemas.column_types import column_types
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, provisioned


def document(client: RecordsClient) -> dict[str, Any]:
    response = client.client.get(f"/api/v1/projects/{client.project.pk}/schema")
    assert response.status_code == 200, response.content
    return json.loads(response.content)


def resolved(document: dict[str, Any], name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "$ref")
        part = list(part.values())
    for each in part if isinstance(part, list) else ():
        yield from references(each)


def test_every_table_has_its_calls_with_its_columns(estate: RecordsClient) -> None:
    found = document(estate)
    assert (found["openapi"], found["info"]["version"]) == ("3.1.0", "1.0.0")
    assert found["servers"][0]["url"].endswith(f"/api/v1/projects/{estate.project.pk}")
    listing = found["paths"]["/tables/properties/records"]
    assert set(listing) == {"get", "post", "patch", "delete"}
    assert {"get", "put", "patch", "delete"} <= set(found["paths"]["/tables/properties/records/{record_id}"])
    fields = found["components"]["schemas"]["Properties_fields"]["properties"]
    assert fields["status"]["enum"] == ["available", "sold"]
    assert fields["price"]["type"] == ["string", "null"]
    assert "USD" in fields["price"]["description"]
    inputs = found["components"]["schemas"]["Properties_input"]
    assert inputs["required"] == ["address"]
    assert inputs["properties"]["status"]["default"] == "available"
    parameters = {each["name"]: each for each in listing["get"]["parameters"]}
    assert parameters["expand"]["schema"]["items"]["enum"] == ["agent_id"]
    assert parameters["status__in"]["schema"]["items"]["enum"] == ["available", "sold"]
    assert {"price__gte", "created_at__lt", "search", "ordering", "aggregate"} <= set(parameters)
    problem = listing["get"]["responses"]["404"]["$ref"]
    assert "application/problem+json" in found["components"]["responses"][problem.rpartition("/")[2]]["content"]


def test_every_filter_is_documented_and_every_reference_leads_somewhere(things: RecordsClient) -> None:
    found = document(things)
    parameters = {each["name"] for each in found["paths"]["/tables/things/records"]["get"]["parameters"]}
    filters = filter_names(get_runtime(things.project).resource("things"))
    assert {name for name in filters if not name.endswith("__exact")} <= parameters
    assert set(PARAMETERS) <= parameters, "Describe the new parameter of lists in dynamic_crud/openapi.py."
    assert parameters <= {*filters, *PARAMETERS, "group_by", "having", "limit"}
    for reference in references(found):
        part: Any = found
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
    calls = [
        call["operationId"] for path in found["paths"].values() for name, call in path.items() if name != "parameters"
    ]
    assert len(calls) == len(set(calls)) == 18


@pytest.mark.usefixtures("folder")
def test_what_is_answered_is_as_the_document_says(things: RecordsClient) -> None:
    found = document(things)
    company = things.made("companies", name="Acme")
    file = things.uploaded(column="a_attachment", table="things")
    values = {"a_user": str(things.project.owner_id), "a_attachment": [file], "company_id": company["id"]}
    for kind in column_types:
        for value in kind.examples if f"a_{kind.key}" not in values and not kind.numbered else ():
            given = {"name": "x", f"a_{kind.key}": value}
            resolved(found, "Things_input").validate(given)
            resolved(found, "Things").validate(things.made("things", **given))
    full = things.made("things", name="x", **values)
    resolved(found, "Things").validate(full)
    query = {"expand": "company_id,a_user,a_many_to_many", "fields": "id,company_id,a_user,a_many_to_many"}
    resolved(found, "Things_fields").validate(things.get("things", full["id"], **query).json())
    resolved(found, "Things_page").validate(things.list("things", expand="company_id").json())
    resolved(found, "Things_groups").validate(things.list("things", aggregate="count()", group_by="a_select").json())
    resolved(found, "Api_Problem").validate(things.create("things", {"a_rating": 99}).json())


def test_the_document_is_sent_once_a_version(estate: RecordsClient, user: User) -> None:
    address = f"/api/v1/projects/{estate.project.pk}/schema"
    tag = estate.client.get(address)["ETag"]
    again = estate.client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = RecordsClient(
        client_of(user),
        provisioned(user, {"name": "x", "tables": [{"name": "notes", "columns": [{"name": "text", "type": "text"}]}]}),
    )
    assert other.client.get(f"/api/v1/projects/{other.project.pk}/schema")["ETag"] != tag


def test_examples_work_as_they_stand(estate: RecordsClient, browser: Client) -> None:
    agent = estate.made("agents", name="Bob")
    ids = [estate.made("properties", address=f"{number} Main St")["id"] for number in range(2)]
    resource = get_runtime(estate.project).resource("properties")
    shown = browser.get(reverse("project-api", args=[estate.project.pk])).content.decode()
    for example in examples_of(resource, f"http://testserver/api/v1/projects/{estate.project.pk}"):
        assert example.about in shown
        tag = estate.get("properties", ids[0]).headers.get("ETag", "")
        words = example.curl.replace("<id>", ids[0]).replace("<another id>", ids[1]).replace("<etag>", tag)
        response = run(estate, shlex.split(words.replace("\\\n", "").replace("<id of agents>", agent["id"])))
        assert response.status_code in (200, 201, 204), (example, response.content)


def run(estate: RecordsClient, words: list[str]) -> Any:
    """Does what curl would do."""
    assert words.pop(0) == "curl"
    method, body, headers, url = "GET", None, {}, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-d":
            body = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers |= {} if name == "Authorization" else {name: value}
        else:
            url = word
    kind = headers.pop("Content-Type", "application/json")
    return estate.client.generic(method, url.removeprefix("http://testserver"), body or "", kind, headers=headers)
