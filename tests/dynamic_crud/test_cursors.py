"""Lists that go on from a row: every row once, in both directions, whatever the order; and how rows are counted."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from core.models import User
from core.tenancy import ProjectRole, open_project
from dynamic_crud.json_lists import ListReading
from dynamic_crud.listing import ListQuery, orderable_columns
from dynamic_crud.querysets import fetch_page
from dynamic_crud.runtime import get_runtime
from dynamic_crud.totals import COUNTED_AT_MOST
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, provisioned


@pytest.fixture
def homes(estate: RecordsClient) -> RecordsClient:
    """Homes with equal prices, without prices, and with agents who are called the same."""
    agents = [estate.made("agents", name=name)["id"] for name in ("Bob", "Ada", "Bob")]
    made = [
        {"address": f"{number} Main St", "price": price, "agent_id": agent, "listed_on": None, "furnished": furnished}
        for number, (price, agent, furnished) in enumerate(
            [
                ("5", agents[0], True), ("5", agents[2], None), (None, None, False), ("7.5", agents[1], True),
                (None, agents[1], None), ("0", None, False), ("5", None, None),
            ]
        )
    ]  # fmt: skip
    assert estate.create("properties", made).status_code == 201
    return estate


def parameters_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def walked(client: RecordsClient, towards: str, **parameters: Any) -> tuple[list[list[str]], dict[str, str]]:
    """The ids on each page until there is none, and what the last page was asked for."""
    pages: list[list[str]] = []
    while True:
        body = client.list("properties", **parameters).json()
        pages.append([record["id"] for record in body["results"]])
        assert len(pages) < 20
        if body[towards] is None:
            return pages, parameters
        parameters = parameters_of(body[towards])


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_cursor_meets_every_row_once_in_both_directions(homes: RecordsClient, sign: str) -> None:
    resource = get_runtime(homes.project).resource("properties")
    for ordering in (*(f"{sign}{name}" for name in orderable_columns(resource)), f"{sign}price,-furnished", ""):
        asked = {"ordering": ordering, "count": "none"}
        expected = [record["id"] for record in homes.list("properties", **asked).json()["results"]]
        forwards, last = walked(homes, "next", cursor="", page_size=2, **asked)
        assert [pk for page in forwards for pk in page] == expected, ordering
        backwards, _ = walked(homes, "previous", **last)
        assert [pk for page in reversed(backwards) for pk in page] == expected, ordering


def test_a_cursor_keeps_filters_and_goes_on_after_a_row_that_is_gone(homes: RecordsClient) -> None:
    asked = {"ordering": "-price", "price__isnull": "false", "search": "main", "page_size": 2}
    first = homes.list("properties", cursor="", **asked).json()
    assert first["count"] == 5
    assert first["previous"] is None
    homes.delete("properties", first["results"][-1]["id"])
    second = homes.list("properties", **parameters_of(first["next"])).json()
    assert [record["price"] for record in second["results"]] == ["5.00", "5.00"]
    back = homes.list("properties", **parameters_of(second["previous"])).json()
    assert [record["price"] for record in back["results"]] == ["7.50"]


def encoded(data: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(data)).decode().rstrip("=")


def cursor(*values: Any, ordering: str = "-price,-id", backwards: Any = False) -> str:
    return encoded([backwards, ordering, *values])


SOME_ID = "6fa459ea-ee8a-3ca4-894e-db77e160355e"
NO_CURSORS = [
    "x", "é", "AAAA", "=" * 9, encoded([]), encoded({"a": 1}), encoded("text"), cursor(), cursor("1"),
    cursor("1", SOME_ID, backwards=0), cursor("1", SOME_ID, ordering="price,id"), cursor(1, SOME_ID),
    cursor("1", None), cursor("a\0", SOME_ID), cursor("1", "'; drop table properties; --"), cursor("x", SOME_ID),
    cursor("1e999999", SOME_ID, backwards=True), encoded([[]] * 5000), "A" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("text", NO_CURSORS, ids=range(len(NO_CURSORS)))
def test_what_is_no_cursor_is_refused(homes: RecordsClient, text: str) -> None:
    response = homes.list("properties", ordering="-price", cursor=text)
    assert response.status_code == 400, response.content[:500]
    assert homes.list("properties", ordering="-price", cursor=cursor("1", SOME_ID)).json()["results"]


def test_a_list_goes_on_at_a_cursor_or_a_page(homes: RecordsClient) -> None:
    response = homes.list("properties", cursor="", page="2")
    assert [error["path"] for error in response.json()["errors"]] == ["query.cursor"]


def test_a_later_page_is_the_same_by_number(homes: RecordsClient) -> None:
    for ordering in ("", "price", "-agent_id", "created_at"):
        expected = [record["id"] for record in homes.list("properties", ordering=ordering).json()["results"]]
        pages, _ = walked(homes, "next", ordering=ordering, page_size=3)
        assert [pk for page in pages for pk in page] == expected
        beyond = homes.list("properties", ordering=ordering, page=1000).json()
        assert (beyond["results"], beyond["next"]) == ([], None)


def test_many_rows_are_estimated_for_those_who_see_them_all(user: User, other_user: User) -> None:
    document = {"name": "x", "tables": [{"name": "notes", "columns": [{"name": "n", "type": "integer"}]}]}
    client = RecordsClient(client_of(user), project=provisioned(user, document))
    insert = "insert into notes (n, user_id) select n, %s from generate_series(1, %s) as n"
    with open_project(client.project, user.pk, "admin") as door, door.connection.cursor() as sql:
        sql.execute(insert, [user.pk, COUNTED_AT_MOST])
    assert _counted(client) == (COUNTED_AT_MOST, "exactly")
    with open_project(client.project, user.pk, "owner") as door, door.connection.cursor() as sql:
        sql.execute(insert, [other_user.pk, COUNTED_AT_MOST + 5])
        sql.execute("analyze notes")
    assert client.list("notes").json()["count"] == 2 * COUNTED_AT_MOST + 5
    estimate, counted = _counted(client)
    assert counted == "estimated"
    assert abs(estimate - 2 * COUNTED_AT_MOST) < COUNTED_AT_MOST / 2
    assert _counted(client, n__lte="50") == (100, "exactly")
    assert _counted_as_member(client, other_user) == (COUNTED_AT_MOST + 5, "exactly")
    assert _counted_on_the_page(client, user, "admin") == (estimate, counted)
    for role in ("member", "viewer"):
        assert _counted_on_the_page(client, other_user, role) == (COUNTED_AT_MOST + 5, "exactly")


def _counted(client: RecordsClient, **parameters: str) -> tuple[int, str]:
    body = client.list("notes", count="estimated", page_size=1, **parameters).json()
    return body["count"], body["counted"]


def _counted_as_member(client: RecordsClient, member: User) -> tuple[int, str]:
    """What somebody is told who sees nothing but their own rows."""
    resource = get_runtime(client.project).resource("notes")
    reading = ListReading(resource, ListQuery(count="estimated", page_size=1), "", str).reading()
    with open_project(client.project, member.pk, "member") as door, door.connection.cursor() as sql:
        rows = []
        for question in reading.questions:
            sql.execute(question.text, question.parameters)
            rows.append(sql.fetchall())
    body = orjson.loads(reading.answer(rows).body)
    return body["count"], body["counted"]


def _counted_on_the_page(client: RecordsClient, member: User, role: ProjectRole) -> tuple[int | None, str]:
    """What the page of the list tells the same people: it counts as the API does."""
    resource = get_runtime(client.project).resource("notes")
    with open_project(client.project, member.pk, role) as door:
        page = fetch_page(resource, door.alias, ListQuery(count="estimated", page_size=1))
    return page.total, "exactly" if page.is_exact else "estimated"
