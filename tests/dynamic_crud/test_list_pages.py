"""Lists: their columns, their order, how many rows they tell of, and the way from record to record."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import sql
from core.memberships import add_member
from core.models import User
from core.rights import Role
from core.tenancy import as_platform, open_project
from dynamic_crud.models import ListPreference
from dynamic_crud.totals import COUNTED_AT_MOST
from tests.dynamic_crud.conftest import RecordsClient


@pytest.fixture
def homes(estate: RecordsClient) -> RecordsClient:
    rows = [
        {"address": f"{n} Elm", "price": str(n % 3), "status": "sold" if n < 5 else "available"} for n in range(1, 9)
    ]
    estate.create("properties", rows)
    return estate


def page(client: RecordsClient, name: str = "record-list", *args: Any, table: str = "properties") -> str:
    return reverse(name, args=[client.project.pk, table, *args])


def text_of(browser: Client, url: str, **parameters: Any) -> str:
    response = browser.get(url, parameters)
    assert response.status_code == 200, response.content.decode()[-2000:]
    return response.content.decode()


def headers(text: str) -> list[str]:
    """The titles of a list's columns."""
    cells = re.findall(r"<th scope=.*?</th>", text, re.S)
    return [" ".join(re.sub(r"<[^>]*>|arrow_\w+", " ", cell).split()) for cell in cells]


def numbers(text: str) -> str:
    """The house numbers of a list, in its order."""
    return "".join(re.findall(r">(\d+) Elm<", text))


def test_columns_are_chosen_ordered_and_remembered(homes: RecordsClient, browser: Client, other_user: User) -> None:
    assert headers(text_of(browser, page(homes))) == ["Address", "Price", "Status", "Agent"]
    asked = text_of(browser, page(homes), columns="notes,status,created_at")
    assert headers(asked) == ["Address", "Notes", "Status", "Created at"]
    assert headers(text_of(browser, page(homes))) == ["Address", "Price", "Status", "Agent"]  # to ask is not to choose

    chosen = {"columns": ["updated_at", "price"], "list": "status=sold&columns=notes"}
    response = browser.post(page(homes, "record-columns"), chosen)
    assert parse_qs(urlsplit(response["Location"]).query) == {
        "status": ["sold"],
        "columns": ["address,updated_at,price"],
    }
    assert headers(text_of(browser, page(homes))) == ["Address", "Updated at", "Price"]
    assert headers(text_of(browser, page(homes), columns="status")) == ["Address", "Status"]  # the address wins
    homes.made("agents", name="Ada")
    assert headers(text_of(browser, page(homes, table="agents"))) == ["Name", "Email"]
    form = text_of(browser, page(homes, "record-columns"))
    assert re.findall(r'name="columns" value="(\w+)" checked', form) == ["updated_at", "price"]

    with as_platform():
        ListPreference.objects.filter(user=homes.project.owner).update(columns=["c_gone", "c_also_gone"])
    assert headers(text_of(browser, page(homes))) == ["Address", "Price", "Status", "Agent"]
    browser.post(page(homes, "record-columns"), {"reset": "1", "columns": ["price"]})
    with as_platform():
        assert not ListPreference.objects.exists()
    stranger = Client()
    stranger.force_login(other_user)
    assert stranger.post(page(homes, "record-columns"), chosen).status_code == 404


def test_columns_that_are_not_there_are_named(homes: RecordsClient, browser: Client) -> None:
    for wrong in ("password", "price,agent__email", "<script>", "id"):
        response = browser.get(page(homes), {"columns": wrong})
        assert response.status_code == 400
        assert "There is no column" in response.content.decode()
        assert "<script>&" not in response.content.decode()
    assert browser.post(page(homes, "record-columns"), {"columns": ["password"]}).status_code == 400
    assert homes.list("properties", columns="price").status_code == 400  # the API has nothing to show


def test_a_list_is_sorted_by_several_columns(homes: RecordsClient, browser: Client) -> None:
    text = text_of(browser, page(homes), ordering="-status,price,-address", status="sold")
    assert numbers(text) == "3412"
    assert headers(text) == [
        "Address sorted as number 3",
        "Price sorted as number 2",
        "Status sorted as number 1",
        "Agent",
    ]
    assert re.findall(r'aria-sort="(\w+)"', text) == ["descending", "ascending", "descending"]
    more = dict(re.findall(r'id="sort-(\w+)".*?</a><a href="[^"]*ordering=([^"&]*)', text, re.S))
    assert more["price"] == "-status%2C-price%2C-address"
    assert more["agent_id"] == "-status%2Cprice%2C-address%2Cagent_id"
    alone = text_of(browser, page(homes), ordering="price")
    assert "sorted as number" not in alone


def test_totals_are_exact_up_to_a_limit_and_then_said_to_be_estimates(homes: RecordsClient, browser: Client) -> None:
    assert "1 to 8 of 8" in text_of(browser, page(homes))
    fill = "insert into agents (name) select 'Agent ' || n from generate_series(1, {most}) as n"
    with open_project(homes.project, homes.project.owner_id, "admin") as door, door.connection.cursor() as cursor:
        cursor.execute(sql.format(fill, most=sql.literal(COUNTED_AT_MOST)))
    assert "of 10,000</span>" in " ".join(text_of(browser, page(homes, table="agents")).split())
    with open_project(homes.project, homes.project.owner_id, "owner") as door, door.connection.cursor() as cursor:
        cursor.execute(sql.format(fill, most=sql.literal(COUNTED_AT_MOST * 2)))
        cursor.execute("analyze agents")
    text = text_of(browser, page(homes, table="agents"))
    assert ">about 30,000</span>" in text
    assert "Page 1</span>" in text
    assert "about" not in text_of(browser, page(homes, table="agents"), search="Agent 77", page_size=25)
    last = text_of(browser, page(homes, table="agents"), page=9999)
    assert "29,951 to 30,000" in last
    assert 'rel="next"' not in last


def test_chips_remove_one_condition_each(homes: RecordsClient, browser: Client) -> None:
    where = '{"and": [{"or": [{"price": 1}, {"price__gt": 1}]}, {"address__icontains": "Elm"}]}'
    text = text_of(browser, page(homes), filter=where, status="sold", search="elm")
    assert sorted(numbers(text)) == ["1", "2", "4"]
    chips = re.findall(r'href="([^"]*)" aria-label="Remove filter: ([^"]*)"', text)
    assert [words for _, words in chips] == ["Status is Sold", "Price is 1 or Price over 1", "Address contains Elm"]
    kept = [parse_qs(urlsplit(url.replace("&amp;", "&")).query) for url, _ in chips]
    assert [each.get("status") for each in kept] == [None, ["sold"], ["sold"]]
    assert kept[1]["filter"] == ['{"and":[{"address__icontains":"Elm"}]}']
    assert all(each["search"] == ["elm"] for each in kept)
    form = re.search(r"<form method=\"get\".*?</form>", text, re.S)
    assert form
    assert 'name="filter"' in form[0]  # a new search keeps the conditions


def test_next_and_previous_follow_the_list_that_one_came_from(homes: RecordsClient, browser: Client) -> None:
    asked = {"ordering": "price,address", "status": "sold", "columns": "address,notes"}
    text = text_of(browser, page(homes), **asked)
    assert numbers(text) == "3142"
    links = re.findall(r'<a href="([^"]*/\?list=[^"]*)">', text)
    assert len(links) == 4
    walked, url = [], links[0].replace("&amp;", "&")
    while url:
        text = browser.get(url).content.decode()
        walked.append(re.search(r"<h1>(\d)", text)[1])  # type: ignore[index]
        back = re.search(r'href="([^"]*)">Properties</a><span class="material', text)
        found = re.search(r'rel="next" href="([^"]*)"', text)
        assert ('rel="prev"' in text) == (len(walked) > 1)
        url = found[1].replace("&amp;", "&") if found else ""
    assert "".join(walked) == "3142"
    assert back is not None
    assert parse_qs(urlsplit(back[1].replace("&amp;", "&")).query) == {name: [value] for name, value in asked.items()}

    # The list changed since: the record is found where it is now, or has no neighbours.
    homes.made("properties", address="0 Elm", price="0", status="sold")
    text = browser.get(links[1].replace("&amp;", "&")).content.decode()
    assert 'rel="next"' in text
    assert 'rel="prev"' in text
    plain = links[1].split("?")[0]
    for query in ("list=status%3Davailable&at=1", "list=%00&at=1", "list=nonsense%3D1&at=2", "at=x", "at=-1",
                  "list=price%3Dx&at=1", "at=999999999999999", "list=" + "x" * 9000 + "&at=1"):  # fmt: skip
        response = browser.get(f"{plain}?{query}")
        assert response.status_code == 200, query
        assert 'aria-label="Within the list"' not in response.content.decode(), query


def test_a_record_is_made_in_the_form_of_another(homes: RecordsClient, browser: Client) -> None:
    form = text_of(browser, page(homes, "record-create"))
    assert f'data-picker-new="{page(homes, "record-create", table="agents")}"' in form
    assert 'data-picker-title="name"' in form
    create = page(homes, "record-create", table="agents")
    part = text_of(browser, create, in_place="1", name="Zoe")
    assert "<html" not in part
    assert 'value="Zoe"' in part
    assert 'id="new1_name"' in part
    refused = browser.post(f"{create}?in_place=1", {"name": "", "email": "zoe@example.com"})
    assert refused.status_code == 422
    assert 'value="zoe@example.com"' in refused.content.decode()
    assert "This field is required." in refused.content.decode()
    made = browser.post(f"{create}?in_place=1", {"name": "Zoe"})
    assert made.status_code == 201
    assert made.json() == {"id": homes.list("agents").json()["results"][0]["id"], "label": "Zoe"}
    for place in ("x", "<b>", "1000", "²"):
        assert "<html" in text_of(browser, create, in_place=place)


def test_a_viewer_has_nothing_to_edit_but_chooses_columns(
    homes: RecordsClient, browser: Client, other_user: User
) -> None:
    add_member(homes.project.owner, homes.project, other_user.email, Role.VIEWER)
    homes.made("agents", name="Ada")
    viewer = Client()
    viewer.force_login(other_user)
    assert "data-edit" in text_of(browser, page(homes))
    record = homes.list("properties").json()["results"][0]["id"]
    cell = page(homes, "record-cell", record, "price")
    assert [viewer.get(cell).status_code, viewer.post(cell, {"price": "1"}).status_code] == [403, 403]
    assert "data-edit" not in text_of(viewer, page(homes))
    assert viewer.post(page(homes, "record-columns"), {"columns": ["price"]}).status_code == 302
    assert headers(text_of(browser, page(homes))) == ["Address", "Price", "Status", "Agent"]


def test_nothing_is_called_by_a_word(homes: RecordsClient, things: RecordsClient, browser: Client) -> None:
    for client, table in ((homes, "properties"), (homes, "showings"), (things, "things")):
        form = text_of(browser, page(client, "record-create", table=table))
        assert "---" not in form
    required = text_of(browser, page(homes, "record-create", table="showings"))
    assert '<option value="" selected>Choose</option>' in required
    assert '<option value="" selected>None</option>' in required


def test_a_list_with_relations_takes_as_many_queries_as_one_without(homes: RecordsClient, browser: Client) -> None:
    agents = homes.create("agents", [{"name": f"Agent {number}"} for number in range(9)]).json()
    rows = [{"address": f"{n} Oak", "agent_id": agents[n % 9]["id"]} for n in range(90)]
    counts = []
    for parameters in ({"search": "nowhere"}, {"search": "elm"}, {"search": "oak", "page_size": 100}):
        if parameters["search"] == "oak":
            homes.create("properties", rows)
        with CaptureQueriesContext(connection) as captured:
            text_of(browser, page(homes), **parameters)
        counts.append(len([each for each in captured if 'FROM "properties"' in each["sql"]]))
    assert counts == [1, 2, 2]  # the count, and the rows with what they point to


def test_pages_show_without_scripts(homes: RecordsClient, browser: Client) -> None:
    for url in (page(homes), page(homes, "record-create"), reverse("project-list"), "/accounts/login/"):
        text = text_of(browser if "login" not in url else Client(), url)
        if "x-cloak" in text:
            assert re.search(r"<noscript><style>html\[x-cloak\] \{ display: block", text), url
