"""Changes in one round trip: the same as by the doors, and none by whoever may not make them."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from core.models import User
from core.pipelines import Question
from core.tenancy import visit
from dynamic_crud import runtime
from dynamic_crud.listing import WHOLE
from dynamic_crud.written import Wanted
from tests.at_once import at_once
from tests.conftest import client_of
from tests.dynamic_crud.conftest import PDF, RecordsClient, as_member
from tests.dynamic_crud.test_quick_reads import agents, as_known, one_round_trip, seen
from tests.factories import share

__all__ = ["agents"]

BY_THE_DOORS = {"Accept": "application/json;q=0.5"}
ANOTHER = uuid4()


def send(records: RecordsClient, method: str, path: str, body: Any, **headers: str) -> Any:
    """A request with a body, which is JSON unless it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(records.client, method)(
        records.url("properties") + path, content, content_type="application/json", headers=named
    )


def told(response: Any) -> Any:
    """An answer, without what is new each time."""
    body = json.loads(response.content)
    for record in body if isinstance(body, list) else [body]:
        for name in ("id", "created_at", "updated_at"):
            assert record.pop(name)
    headers = {name: value for name, value in response.items() if name not in ("ETag", "Location", "Content-Location")}
    return response.status_code, body, headers


def test_records_are_created_and_changed_in_one_round_trip(agents: RecordsClient) -> None:
    (ada,) = agents.list("agents").json()["results"]
    home = {"price": "10.5", "agent_id": ada["id"], "notes": None, "address": "1 Main St"}
    more = [home | {"address": "2 Main St"}, {"address": "3 Main St"}, home | {"address": "4 Main St"}]
    for query in ("", "?fields=address,id,created_at,updated_at", "?expand=agent_id"):
        answers = []
        for headers, takes in (({}, one_round_trip), (BY_THE_DOORS, nullcontext)):
            with takes():
                made = send(agents, "post", query, home, **headers)
                many = send(agents, "post", query, more, **headers)
                path = f"/{made.json()['id']}{query}"
                changed = send(agents, "patch", path, {"price": 12}, If_Match=made["ETag"], **headers)
                known = f'"x-1", {changed["ETag"]}'
                replaced = send(agents, "put", path, {"address": "5 Main St"}, If_Match=known, **headers)
            read = agents.client.get(agents.url("properties", made.json()["id"]) + query)
            assert (read.content, read["ETag"]) == (replaced.content, replaced["ETag"])
            assert made["Location"] == f"http://testserver{agents.url('properties', made.json()['id'])}"
            assert changed["Content-Location"] == replaced["Content-Location"] == agents.url("properties") + path
            assert [record["address"] for record in many.json()] == [each["address"] for each in more]
            answers.append([told(answer) for answer in (made, many, changed, replaced)])
            for record in (made.json(), *many.json()):
                agents.delete("properties", record["id"])
        assert answers[0] == answers[1]


def test_a_change_to_what_is_there_already_is_none(agents: RecordsClient) -> None:
    made = send(agents, "post", "", {"address": "1 Main St", "price": "10.50"})
    again = send(agents, "patch", f"/{made.json()['id']}", {"price": "10.5", "address": " 1 Main St "})
    assert (again.status_code, again.content, again["ETag"]) == (200, made.content, made["ETag"])
    nothing = send(agents, "patch", f"/{made.json()['id']}", {})
    assert (nothing.status_code, nothing.content) == (200, made.content)


def test_of_two_who_change_the_same_state_at_once_one_is_too_late(agents: RecordsClient) -> None:
    made = send(agents, "post", "", {"address": "1 Main St"})
    path = f"/{made.json()['id']}"
    answers = at_once(
        [partial(send, agents, "patch", path, {"notes": str(number)}, If_Match=made["ETag"]) for number in range(4)]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    (changed,) = (answer for answer in answers if answer.status_code == 200)
    late = next(answer.json() for answer in answers if answer.status_code == 412)
    assert late["current"] == changed.json() == agents.get("properties", made.json()["id"]).json()
    assert late["etag"] == changed["ETag"]


def test_what_is_wrong_is_told_as_elsewhere(agents: RecordsClient) -> None:
    made = send(agents, "post", "", {"address": "1 Main St"})
    path, known = f"/{made.json()['id']}", seen(agents.project)
    before = agents.list("properties").json()
    hostile: list[tuple[str, str, Any, dict[str, str]]] = [
        ("post", "", {"address": "x", "agent_id": str(ANOTHER)}, {}),
        ("post", "", [{"address": "x"}, {"address": "x", "agent_id": str(ANOTHER)}, {"price": "x"}], {}),
        ("post", "", [{"address": "x"}, {"address": "x", "agent_id": str(ANOTHER)}], {}),
        ("post", "", {"address": ""}, {}),
        ("post", "", {"address": "a\0b"}, {}),
        ("post", "", {"nonsense": 1}, {}),
        ("post", "", {}, {}),
        ("post", "", [], {}),
        ("post", "", None, {}),
        ("post", "", [None, 3, {}], {}),
        ("post", "", [{"address": "x"}] * 1001, {}),
        ("post", "", b"{", {}),
        ("post", "", b"", {}),
        ("post", "", b'"\xff"', {}),
        ("post", "?nonsense=1", {"address": "x"}, {}),
        ("post", "?expand=price", {"address": "x"}, {}),
        ("patch", path, {"price": "1e99"}, {}),
        ("patch", path, {"address": None}, {}),
        ("patch", path, [], {}),
        ("patch", path, {"agent_id": str(ANOTHER)}, {}),
        ("patch", path, {"notes": "x"}, {"If-Match": '"0-0"'}),
        ("patch", path, {"notes": "x"}, {"If-Match": "nonsense"}),
        ("patch", path, {"notes": "x"}, {"If-None-Match": "*"}),
        ("patch", f"/{ANOTHER}", {"notes": "x"}, {}),
        ("put", path, {"notes": "x"}, {}),
        ("put", f"/{ANOTHER}", {"address": "x"}, {}),
    ]
    for method, rest, body, headers in hostile:
        runtime._seen[agents.project.pk] = known
        quick = send(agents, method, rest, body, **headers)
        slow = send(agents, method, rest, body, **headers, **BY_THE_DOORS)
        assert (quick.status_code, quick.json()) == (slow.status_code, slow.json()), (method, rest, body)
        assert 400 <= quick.status_code < 500, (method, rest, body)
        assert quick.headers.items() == slow.headers.items()
    form = agents.client.post(agents.url("properties"), "address=x", content_type="application/x-www-form-urlencoded")
    assert form.status_code == 415
    assert agents.list("properties").json() == before


def test_what_has_to_be_looked_up_is_stored_by_the_doors(things: RecordsClient, folder: Any) -> None:
    company = things.made("companies", name="Ada & Co")
    file = things.uploaded(PDF, column="a_attachment", table="things")
    values = {"name": "x", "a_user": str(things.project.owner_id), "a_attachment": [file["id"]]}
    links = {"a_many_to_many": [company["id"]]}
    made = things.made("things", **values, **links)
    assert made["a_user"] == values["a_user"]
    assert [each["id"] for each in made["a_attachment"]] == [file["id"]]
    for column in ("a_user", "a_attachment"):
        changed = things.change("things", made["id"], {column: None})
        assert changed.status_code == 200
        assert changed.json()[column] is None
        assert things.change("things", made["id"], {column: values[column]}).json() == {
            **made, "updated_at": things.get("things", made["id"]).json()["updated_at"]
        }  # fmt: skip


def test_who_may_not_write_changes_nothing(agents: RecordsClient, user: User, other_user: User) -> None:
    made = send(agents, "post", "", {"address": "1 Main St"})
    before, path = agents.list("properties").json(), f"/{made.json()['id']}"
    project, stranger = agents.project, RecordsClient(client_of(other_user), agents.project)

    def attempts() -> list[tuple[int, str]]:
        calls = [("post", "", {"address": "x"}), ("post", "", [{"address": "x"}]), ("patch", path, {"notes": "x"})]
        answers = [send(stranger, *call) for call in [*calls, ("put", path, {"address": "x"})]]
        return [(answer.status_code, answer.json()["code"]) for answer in answers]

    assert attempts() == [(404, "not_found")] * 4
    share(project, other_user, "viewer")
    assert attempts() == [(403, "role_lacks_right")] * 4
    share(project, other_user, "editor")
    assert send(stranger, "patch", path, {"notes": "x"}).status_code == 404  # a private table: it is somebody else's
    assert send(stranger, "put", path, {"address": "x"}).status_code == 404
    User.objects.filter(pk=other_user.pk).update(password="another")
    assert attempts() == [(401, "not_authenticated")] * 4
    gone = AccessToken.for_user(user)
    gone["user_id"] = str(uuid4())
    stranger = RecordsClient(APIClient(HTTP_AUTHORIZATION=f"Bearer {gone}"), project)
    assert attempts() == [(401, "not_authenticated")] * 4
    assert agents.list("properties").json() == before


def test_a_visit_writes_only_what_it_was_made_for(agents: RecordsClient, user: User, other_user: User) -> None:
    project, known = agents.project, as_known(agents.project, user)
    rename, own = Question("update agents set name = 'Eve'"), "update {}core_user set full_name = 'Eve'"
    texts = [rename, Question(own.format("")), Question(own.format("public."))]
    for wrong in ({"version": uuid4()}, {"database": "elsewhere"}, {"account": "0" * 32}, {"account": None}):
        for question in texts:
            assert visit(user.pk, project.pk, replace(known, **wrong), [question], writing=True) is None
    for question in texts:
        assert visit(other_user.pk, project.pk, as_known(project, other_user), [question], writing=True) is None
    share(project, other_user, "viewer")
    refused = visit(other_user.pk, project.pk, as_known(project, other_user), [rename], writing=True)
    assert refused is not None
    assert isinstance(refused.error, psycopg.errors.ReadOnlySqlTransaction)
    refused = visit(user.pk, project.pk, known, [rename, Question("select 1 / 0")], writing=True)
    assert refused is not None
    assert isinstance(refused.error, psycopg.errors.DivisionByZero)
    assert [agent["name"] for agent in agents.list("agents").json()["results"]] == ["Ada"]
    user.refresh_from_db()
    assert user.full_name != "Eve"
    assert visit(user.pk, project.pk, known, [rename], writing=True) is not None
    assert [agent["name"] for agent in agents.list("agents").json()["results"]] == ["Eve"]


@pytest.mark.parametrize("count", [1, 300])
def test_records_are_read_by_the_state_that_they_have(agents: RecordsClient, user: User, count: int) -> None:
    """However they were made, and in their order."""
    records = as_member(user, agents.project, "agents")
    made = [row.pk for row in records.create([{"name": str(n)} for n in range(count)], paths=[""] * count)]
    with records.door() as door, CaptureQueriesContext(door.connection) as captured:
        found = Wanted(records.resource, WHOLE).fetch(door, made[::-1])
    assert len(captured) == 1
    assert [json.loads(each.json)["name"] for each in found] == [str(n) for n in range(count)][::-1]
