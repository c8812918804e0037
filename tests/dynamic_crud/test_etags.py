"""Entity tags: nobody reads again what they have, and nobody overwrites what they have not seen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.models import User
from tests.at_once import at_once
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient


@pytest.fixture
def home(estate: RecordsClient) -> dict[str, Any]:
    return estate.made("properties", address="1 Main St", price="10.00")


def tag(estate: RecordsClient, home: dict[str, Any], query: str = "") -> str:
    return estate.client.get(estate.url("properties", home["id"]) + query)["ETag"]


def send(estate: RecordsClient, method: str, home: dict[str, Any], data: Any = None, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {} if data is None else {"data": json.dumps(data), "content_type": "application/json"}
    return getattr(estate.client, method)(estate.url("properties", home["id"]), headers=named, **body)


def test_what_a_reader_has_is_not_sent_again(estate: RecordsClient, home: dict[str, Any]) -> None:
    known = tag(estate, home)
    assert known == tag(estate, home)
    for header in (known, f'"other", {known}', f"W/{known}", "*"):
        response = send(estate, "get", home, If_None_Match=header)
        assert (response.status_code, response.content, response["ETag"]) == (304, b"", known)
    assert send(estate, "get", home, If_None_Match='"other"').status_code == 200


def test_another_answer_has_another_tag(estate: RecordsClient, home: dict[str, Any]) -> None:
    agent = estate.made("agents", name="Ada")
    estate.change("properties", home["id"], {"agent_id": agent["id"]})
    plain, expanded = tag(estate, home), tag(estate, home, "?expand=agent_id")
    assert plain != expanded
    estate.change("agents", agent["id"], {"name": "Eve"})
    assert tag(estate, home) == plain
    assert tag(estate, home, "?expand=agent_id") != expanded
    estate.change("properties", home["id"], {"price": "11.00"})
    assert tag(estate, home) != plain


def test_every_answer_about_one_record_has_its_tag(estate: RecordsClient) -> None:
    made = estate.create("properties", {"address": "2 Main St"})
    changed = estate.change("properties", made.json()["id"], {"price": "5.00"})
    replaced = estate.replace("properties", made.json()["id"], {"address": "3 Main St"})
    assert len({made["ETag"], changed["ETag"], replaced["ETag"]}) == 3
    assert replaced["ETag"] == tag(estate, made.json())


def test_a_change_is_made_while_the_record_is_as_it_was_read(estate: RecordsClient, home: dict[str, Any]) -> None:
    for query in ("", "?expand=agent_id"):
        changed = send(estate, "patch", home, {"notes": "Nice"}, If_Match=tag(estate, home, query))
        assert changed.status_code == 200
    assert send(estate, "put", home, {"address": "2 Main St"}, If_Match=f'"x-y", {changed["ETag"]}').status_code == 200
    assert send(estate, "patch", home, {"notes": "Nicer"}, If_Match="*").status_code == 200
    assert send(estate, "delete", home, If_Match=tag(estate, home)).status_code == 204
    assert send(estate, "delete", home, If_Match="*").status_code == 404


def test_a_change_that_comes_too_late_is_told_what_is_there(estate: RecordsClient, home: dict[str, Any]) -> None:
    known = tag(estate, home)
    estate.change("properties", home["id"], {"price": "20.00", "notes": "Sunny"})
    for method, data in (("patch", {"price": "30.00", "notes": "Sunny"}), ("put", {"address": "x", "price": "30.00"})):
        response = send(estate, method, home, data, If_Match=known)
        problem = response.json()
        assert (response.status_code, problem["code"]) == (412, "precondition_failed")
        assert response["Content-Type"] == "application/problem+json"
        assert problem["current"] == estate.get("properties", home["id"]).json()
        assert "$.price" in {error["path"] for error in problem["errors"]}
        assert "$.notes" not in {error["path"] for error in problem["errors"]}
    assert send(estate, "delete", home, If_Match=known).status_code == 412
    assert estate.get("properties", home["id"]).json()["price"] == "20.00"
    assert send(estate, "patch", home, {"price": "30.00"}, If_Match=problem["etag"]).json()["price"] == "30.00"


def test_weak_tags_and_unwanted_ones_change_nothing(estate: RecordsClient, home: dict[str, Any]) -> None:
    known = tag(estate, home)
    assert send(estate, "patch", home, {"notes": "x"}, If_Match=f"W/{known}").status_code == 412
    assert send(estate, "patch", home, {"notes": "x"}, If_None_Match="*").status_code == 412
    assert send(estate, "patch", home, {"notes": "x"}, If_None_Match=known).status_code == 412
    assert tag(estate, home) == known


@pytest.mark.parametrize("name", ["If_Match", "If_None_Match"])
def test_a_header_that_names_no_tags_is_refused(estate: RecordsClient, home: dict[str, Any], name: str) -> None:
    for value in ("", "x", '"', '"a" "b"', "W/x", '"a",', "'a'", '"a", *', '"\x7f"'):
        for method, data in (("patch", {"notes": "x"}), ("delete", None), ("get", None)):
            if (method, name) == ("get", "If_Match"):
                continue
            response = send(estate, method, home, data, **{name: value})
            assert response.status_code == 400, (method, value)
            assert response.json()["errors"][0]["path"] == f"header.{name.replace('_', '-')}"


def test_of_those_who_read_the_same_one_changes_it(user: User, estate: RecordsClient, home: dict[str, Any]) -> None:
    known = tag(estate, home)

    def change(number: int) -> int:
        client = RecordsClient(client_of(user), estate.project)
        return int(send(client, "patch", home, {"price": f"{number}.00"}, If_Match=known).status_code)

    answers = at_once([lambda number=number: change(number) for number in range(100, 106)])  # type: ignore[misc]
    assert sorted(answers) == [200, 412, 412, 412, 412, 412]
