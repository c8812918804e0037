"""The search of lists: beginnings of words, answered by an index for those who see all rows."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from django.test import Client

from core.models import User
from core.tenancy import open_project
from dynamic_crud.querysets import all_rows
from dynamic_crud.runtime import get_runtime
from dynamic_crud.search import search_condition
from schemas.search import LONGEST_TEXT, SEPARATORS, SEPARATORS_SQL
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, page, provisioned
from tests.factories import share

HEBREW = "Ann \u200f\u05d0\u05d1\u05d2"
NAMES = ("Ada Smith", "Bob O'Hara-Jones", "Ümit Öz", "Eve \U0001f600", "100% Real & Sons", HEBREW)


@pytest.fixture
def people(estate: RecordsClient) -> RecordsClient:
    """Some agents; the first has an address."""
    for name in NAMES:
        given = {"email": "ada.smith-57@mail.example.com"} if name.startswith("Ada") else {}
        estate.made("agents", name=name, **given)
    return estate


def found(client: RecordsClient, text: str, **parameters: Any) -> set[str]:
    response = client.list("agents", search=text, **parameters)
    assert response.status_code == 200, response.json()
    return {row["name"] for row in response.json()["results"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smi", {"Ada Smith"}),
        ("SMITH ada", {"Ada Smith"}),
        ("mith", set()),
        ("ada bob", set()),
        ("mail 57", {"Ada Smith"}),
        ("ada.smith-57@mail.example.com", {"Ada Smith"}),
        ("hara", {"Bob O'Hara-Jones"}),
        ("o'hara-j", {"Bob O'Hara-Jones"}),
        ("jones & bob:*", {"Bob O'Hara-Jones"}),
        ("ümi", {"Ümit Öz"}),
        ("\u05d0\u05d1", {HEBREW}),
        ("\U0001f600", {"Eve \U0001f600"}),
        ("%", {"100% Real & Sons"}),
        ("100 %", {"100% Real & Sons"}),
        ("_", set()),
        ("'", {"Bob O'Hara-Jones"}),
        ("\\", set()),
        ("!ada | bob <-> ( ", set()),
    ],
)
def test_a_search_finds_beginnings_of_words(people: RecordsClient, text: str, expected: set[str]) -> None:
    assert found(people, text) == expected
    assert found(people, text, count="estimated", ordering="name") == expected


def test_members_find_their_own_rows_alone(people: RecordsClient, other_user: User) -> None:
    share(people.project, other_user, "editor")
    theirs = RecordsClient(client_of(other_user), people.project)
    theirs.made("agents", name="Adam Smithers 007")
    assert found(theirs, "smi") == found(theirs, "007") == {"Adam Smithers 007"}
    assert found(people, "smi") == {"Ada Smith", "Adam Smithers 007"}


def test_the_index_of_words_answers_those_who_see_all_rows(people: RecordsClient, user: User) -> None:
    resource = get_runtime(people.project).resource("agents")
    with open_project(people.project, user.pk, "owner") as door, door.connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        rows = all_rows(resource, door.alias).filter(search_condition(resource, "smith ada"))
        plan = json.dumps(rows.order_by().explain(format="json"))
        assert f"ix_{resource.table.id}__words" in plan
        assert rows.count() == 1


def test_a_long_text_is_kept_and_its_beginning_found(user: User) -> None:
    columns = [{"name": "body", "type": "long_text", "max_length": 1_000_000}, {"name": "title", "type": "text"}]
    project = provisioned(user, {"name": "Papers", "tables": [{"name": "papers", "columns": columns}]})
    papers = RecordsClient(client_of(user), project)
    body = " ".join(f"w{i:06}" for i in range(120_000))
    assert papers.made("papers", title="Numbers", body=body)["body"] == body
    for word, number in (("w000001", 1), (f"w{LONGEST_TEXT // 8 - 10:06}", 1), ("w119999", 0), ("numbers", 1)):
        assert papers.list("papers", search=word).json()["count"] == number, word


def test_python_and_postgresql_part_words_alike(superuser: psycopg.Connection) -> None:
    assert superuser.execute(f"select {SEPARATORS_SQL}".replace("%", "%%"), []).fetchone() == (SEPARATORS,)


def test_the_page_searches_alike(people: RecordsClient, browser: Client) -> None:
    shown = browser.get(page(people, "record-list", table="agents"), {"search": "smi"}).content.decode()
    assert "Ada Smith" in shown
    assert "Ümit" not in shown
