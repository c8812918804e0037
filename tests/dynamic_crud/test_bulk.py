"""Many records at once: changed and deleted by their ids or by what a list shows, all of them or none."""

from __future__ import annotations

import json
import threading
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from core import sql
from core.errors import Problem
from core.models import User
from dynamic_crud.attempts import until_through
from dynamic_crud.edits import Change, update_many
from dynamic_crud.listing import WHOLE
from dynamic_crud.written import Wanted
from tests.at_once import at_once
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, as_member
from tests.dynamic_crud.test_api import errors_of
from tests.factories import UserFactory


def agents(estate: RecordsClient, count: int) -> list[str]:
    rows = [{"name": f"Agent {number:04}", "email": f"a{number}@example.com"} for number in range(count)]
    return [row["id"] for row in estate.create("agents", rows).json()]


def names(estate: RecordsClient) -> list[str]:
    return [row["name"] for row in estate.list("agents", ordering="name", page_size=200).json()["results"]]


def send(estate: RecordsClient, method: str, body: Any = None, table: str = "agents", query: str = "") -> Any:
    data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(estate.client, method)(estate.url(table) + query, **data)


# Changing


def test_each_record_gets_its_own_values(estate: RecordsClient) -> None:
    ids = agents(estate, 4)
    response = send(
        estate,
        "patch",
        [
            {"id": ids[2], "name": "Third"},
            {"id": ids[0], "email": None},
            {"id": ids[1], "name": "B", "email": "b@b.co"},
        ],
    )
    assert response.status_code == 200
    assert [(row["id"], row["name"], row["email"]) for row in response.json()] == [
        (ids[2], "Third", "a2@example.com"), (ids[0], "Agent 0000", None), (ids[1], "B", "b@b.co"),
    ]  # fmt: skip
    assert estate.get("agents", ids[3]).json()["name"] == "Agent 0003"


def test_many_records_get_the_same_values(estate: RecordsClient) -> None:
    agent = estate.made("agents", name="Ada")
    rows = [{"address": f"{number} Main St", "price": "1.00"} for number in range(5)]
    ids = [row["id"] for row in estate.create("properties", rows).json()]
    body = {"ids": ids[:3], "values": {"status": "sold", "agent_id": agent["id"]}}
    changed = send(estate, "patch", body, "properties", "?expand=agent_id")
    assert [(row["status"], row["agent_id"]["label"]) for row in changed.json()] == [("sold", "Ada")] * 3
    every = send(estate, "patch", {"values": {"notes": "Mine"}}, "properties", "?status=sold&expected=3")
    assert every.status_code == 200
    assert {row["id"] for row in every.json()} == set(ids[:3])
    assert estate.list("properties", notes__icontains="Mine").json()["count"] == 3


def test_a_change_counts_as_one_and_no_change_as_none(estate: RecordsClient) -> None:
    ids = agents(estate, 2)
    before = estate.get("agents", ids[0]).json()["updated_at"]
    send(estate, "patch", [{"id": ids[0], "name": "Agent 0000"}, {"id": ids[1]}])
    assert estate.get("agents", ids[0]).json()["updated_at"] == before
    send(estate, "patch", {"ids": ids, "values": {"name": "Same"}})
    assert estate.get("agents", ids[0]).json()["updated_at"] > before


def test_links_are_changed_with_their_records(book: RecordsClient, tags: list[str]) -> None:
    ids = [book.made("contacts", name=name, tags=tags[:1])["id"] for name in ("Ada", "Bob")]
    response = send(book, "patch", [{"id": ids[0], "tags": tags[1:3]}, {"id": ids[1], "name": "Rob"}], "contacts")
    assert [set(row["tags"]) for row in response.json()] == [set(tags[1:3]), {tags[0]}]
    wrong = send(book, "patch", {"ids": ids, "values": {"tags": [tags[0], str(uuid4())]}}, "contacts")
    assert wrong.status_code == 400
    assert {error["path"] for error in wrong.json()["errors"]} == {"$.values.tags[1]"}


@pytest.mark.usefixtures("folder")
def test_files_are_attached_to_the_record_that_they_were_uploaded_for(leases: RecordsClient) -> None:
    first, second = leases.uploaded(), leases.uploaded()
    ids = [leases.made("leases", tenant=name, papers=[first])["id"] for name in ("Ada", "Bob")]
    response = send(
        leases, "patch", [{"id": ids[0], "papers": [first, second]}, {"id": ids[1], "papers": []}], "leases"
    )
    assert [row["papers"] for row in response.json()] == [[first, second], None]
    unknown = {"id": str(uuid4())}
    refused = send(
        leases, "patch", [{"id": ids[0], "papers": [unknown]}, {"id": ids[1], "papers": [unknown]}], "leases"
    )
    assert errors_of(refused) == {"$[0].papers[0]": "does_not_exist", "$[1].papers[0]": "does_not_exist"}


def test_every_record_that_cannot_be_stored_is_named_and_none_is(estate: RecordsClient) -> None:
    ids = agents(estate, 5)
    rows = [{"id": pk, "name": "New"} for pk in ids]
    rows[1]["email"] = rows[3]["email"] = "a4@example.com"
    response = send(estate, "patch", rows)
    assert response.status_code == 409
    assert errors_of(response) == {"$[1].email": "not_unique", "$[3].email": "not_unique"}
    rows[1]["email"], rows[3]["name"] = "nonsense", ""
    response = send(estate, "patch", rows)
    assert response.status_code == 400
    assert set(errors_of(response)) == {"$[1].email", "$[3].name"}
    assert "New" not in names(estate)
    same = send(estate, "patch", {"ids": ids, "values": {"email": "same@example.com"}})
    assert (same.status_code, errors_of(same)) == (409, {"$.values.email": "not_unique"})


UNREADABLE: list[tuple[Any, dict[str, str]]] = [
    ([], {"$": "invalid_length"}),
    ({"ids": [], "values": {"name": "x"}}, {"$.ids": "invalid_length"}),
    ([{"id": str(uuid4())}] * 1001, {"$": "invalid_length"}),
    ([{"name": "x"}], {"$[0].id": "invalid_id"}),
    ([{"id": "a\0b"}, {"id": 7}, {"id": None}], dict.fromkeys((f"$[{n}].id" for n in range(3)), "invalid_id")),
    ([[], "x", None], dict.fromkeys(("$[0]", "$[1]", "$[2]"), "invalid_id")),
    (["6fa459ea-ee8a-3ca4-894e-db77e160355e"], {"$[0]": "invalid"}),
    ([{"id": "6fa459ea-ee8a-3ca4-894e-db77e160355e", "salary": 1}], {"$[0].salary": "unknown_field"}),
    ({"ids": "x", "values": {"name": "x"}}, {"$.ids": "invalid"}),
    ({"ids": ["x"], "values": {"name": "x"}}, {"$.ids[0]": "invalid_id"}),
    ({"ids": [str(uuid4())], "values": {}}, {"$.values": "invalid"}),
    ({"ids": [str(uuid4())], "values": {"salary": 1}}, {"$.values.salary": "unknown_field"}),
    ({"ids": [str(uuid4())], "values": {"name": "x"}, "id": 1}, {"$.id": "unknown_field"}),
    ({"ids": [str(uuid4())]}, {"$.values": "required"}),
    ({"values": {"name": "x"}}, {"query.expected": "invalid_expected"}),
    ("text", {"$": "invalid"}),
    (7, {"$": "invalid"}),
]  # fmt: skip


def test_a_change_that_cannot_be_read_is_refused_with_its_place(estate: RecordsClient) -> None:
    for body, faults in UNREADABLE:
        response = send(estate, "patch", body)
        assert (response.status_code, errors_of(response)) == (400, faults), body


def test_an_id_stands_once(estate: RecordsClient) -> None:
    (pk,) = agents(estate, 1)
    response = send(estate, "patch", [{"id": pk}, {"id": pk.upper()}])
    assert errors_of(response) == {"$[1].id": "repeated"}


# Deleting


def test_records_are_deleted_by_id(estate: RecordsClient) -> None:
    ids = agents(estate, 4)
    response = send(estate, "delete", {"ids": ids[:3]})
    assert (response.status_code, response.json()) == (200, {"deleted": 3})
    assert names(estate) == ["Agent 0003"]


def test_all_that_match_are_deleted_if_they_are_as_many_as_expected(estate: RecordsClient) -> None:
    agents(estate, 12)
    for expected, found in ((1, 3), (4, 3), (1000, 3)):
        refused = send(estate, "delete", query=f"?name__icontains=001&expected={expected}")
        assert (refused.status_code, refused.json()["code"], refused.json()["count"]) == (409, "count_changed", found)
    assert send(estate, "delete", query="?name__icontains=001&expected=3").json() == {"deleted": 3}
    assert len(names(estate)) == 9
    assert send(estate, "delete", query="?search=nobody&expected=1").status_code == 409
    assert send(estate, "delete", query="?expected=9").json() == {"deleted": 9}


VAGUE: list[tuple[Any, str, str]] = [
    (None, "", "query.expected"), (None, "?name=x", "query.expected"), ({}, "", "query.expected"),
    (None, "?expected=0", "query.expected"), (None, "?expected=-1", "query.expected"),
    (None, "?expected=1001", "query.expected"), (None, "?expected=1&expected=2", "query.expected"),
    (None, "?expected=1&nonsense=1", "query.nonsense"), (None, "?expected=1&page=2", "query.page"),
    (None, "?expected=1&name__isnull=perhaps", "query.name__isnull"),
    (None, "?expected=1&search=%00", "query.search"),
    ({"ids": [str(uuid4())]}, "?name=x", "query.name"), ({"ids": {}}, "", "$.ids"), ([1], "", "$"),
    ([], "?expected=1", "$"), (0, "?expected=1", "$"), (None, "?expected=%D9%A1", "query.expected"),
    ({"id": [str(uuid4())]}, "", "$.id"), ("x", "", "$"), ({"ids": None}, "", "$.ids"),
]  # fmt: skip


def test_a_deletion_that_says_not_which_is_refused(estate: RecordsClient) -> None:
    agents(estate, 1)
    for body, query, path in VAGUE:
        response = send(estate, "delete", body, query=query)
        assert response.status_code == 400, (body, query)
        assert path in errors_of(response), (body, query)
    assert len(names(estate)) == 1


def test_what_must_stay_keeps_all_others(estate: RecordsClient) -> None:
    rows = estate.create("properties", [{"address": f"{number} Main St"} for number in range(3)]).json()
    estate.made("offers", buyer="Bob", property_id=rows[1]["id"])
    response = send(estate, "delete", {"ids": [row["id"] for row in rows]}, "properties")
    assert (response.status_code, response.json()["code"]) == (409, "still_referenced")
    assert errors_of(response) == {"$.ids[1]": "still_referenced"}
    assert estate.list("properties").json()["count"] == 3
    assert send(estate, "delete", {"ids": [rows[0]["id"], rows[2]["id"]]}, "properties").json() == {"deleted": 2}


# Others


def test_records_of_others_are_as_good_as_missing(user: User, estate: RecordsClient, other_user: User) -> None:
    (theirs,) = as_member(other_user, estate.project, "agents").create([{"name": "Hidden"}], paths=["$"])
    hers = as_member(user, estate.project, "agents").create([{"name": "Own"}], paths=["$"])[0]
    mine = as_member(other_user, estate.project, "agents")
    for pk in (hers.pk, uuid4()):
        change = [Change(theirs.pk, {"name": "x"}, "$[0]", "$[0].id"), Change(pk, {"name": "x"}, "$[1]", "$[1].id")]
        for act in (
            partial(update_many, mine, change, Wanted(mine.resource, WHOLE)),
            partial(mine.delete_many, [pk, theirs.pk], paths=["a", "b"]),
        ):
            with pytest.raises(Problem) as refused:
                act()
            assert refused.value.status == 404
            assert [error["path"] for error in refused.value.errors] in (["$[1].id"], ["a"])
            assert "Own" not in str(refused.value.to_json())
    assert names(estate) == ["Hidden", "Own"]
    stranger = RecordsClient(client_of(UserFactory()), estate.project)
    assert send(stranger, "patch", [{"id": str(hers.pk), "name": "x"}]).status_code == 404
    assert send(stranger, "delete", query="?expected=2").status_code == 404


def test_those_who_change_the_same_records_at_once_all_get_an_answer(user: User, estate: RecordsClient) -> None:
    ids = agents(estate, 30)
    orders = [ids, ids[::-1], ids[15:] + ids[:15], ids[::2] + ids[1::2]]

    def change(order: list[str], name: str) -> Any:
        client = RecordsClient(client_of(user), estate.project)
        email = {order[0]: f"{name}@example.com", order[1]: f"second{name}@example.com"}
        rows = [{"id": pk, "name": name} | ({"email": email[pk]} if pk in email else {}) for pk in order]
        return [send(client, "patch", rows).status_code for _ in range(5)]

    def clash(order: list[str]) -> Any:
        """Takes the same unique values in another order each: they wait for each other in PostgreSQL's index."""
        client = RecordsClient(client_of(user), estate.project)
        taken = [f"new{ids.index(pk)}@example.com" for pk in order]
        rows = [{"name": "Late", "email": email} for email in taken]
        return [client.create("agents", rows).status_code]

    works: list[Any] = [lambda order=order, n=n: change(order, f"w{n}") for n, order in enumerate(orders)]
    works += [lambda order=order: clash(order) for order in orders[:2]]
    answers = [status for answer in at_once(works) for status in answer]
    assert set(answers) <= {200, 201, 409}
    assert answers.count(200) == 20
    assert answers.count(201) == 1


def test_a_deadlock_is_tried_again(estate: RecordsClient) -> None:
    """Each of two holds a record and wants the other's: PostgreSQL ends one of them, which starts again."""
    ids = [UUID(pk) for pk in agents(estate, 2)]
    records = as_member(estate.project.owner, estate.project, "agents")
    both = threading.Barrier(2)
    attempts: list[UUID] = []

    @until_through
    def change(first: UUID, second: UUID) -> str:
        attempts.append(first)
        with records.door() as door:
            records.lock(door, first)
            if len(attempts) <= 2:
                both.wait(10)
            records.lock(door, second)
        return "done"

    assert at_once([lambda: change(*ids), lambda: change(*ids[::-1])]) == ["done", "done"]
    assert len(attempts) == 3


def test_what_stays_in_the_way_is_told_as_a_conflict(estate: RecordsClient, superuser: psycopg.Connection) -> None:
    schema = estate.project.schema_name
    superuser.execute(
        sql.format(
            "create function {function}() returns trigger language plpgsql as "
            "$$ begin raise exception 'x' using errcode = '40P01'; end $$",
            function=sql.identifier(schema, "in_the_way"),
        )
    )
    superuser.execute(
        sql.format(
            "create trigger in_the_way before insert on {table} execute function {function}()",
            table=sql.identifier(schema, "agents"),
            function=sql.identifier(schema, "in_the_way"),
        )
    )
    refused = estate.create("agents", {"name": "Ada"})
    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (409, "busy", "1")
