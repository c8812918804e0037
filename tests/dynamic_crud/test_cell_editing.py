"""Values that are edited in a list: every type, with hostile values, and with others who edit at the same time."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from core.models import User
from dynamic_crud.grid import is_edited_in_place
from dynamic_crud.runtime import get_runtime
from schemas.column_types import column_types
from tests.dynamic_crud.conftest import RecordsClient
from tests.dynamic_crud.hostile import values_of
from tests.dynamic_crud.test_round_trip import typed


def cell(client: RecordsClient, table: str, record_id: str, column: str) -> str:
    return reverse("record-cell", args=[client.project.pk, table, record_id, column])


def seen(browser: Client, url: str) -> str:
    """When the record was changed last, as its editor says."""
    response = browser.get(url)
    assert response.status_code == 200, url
    found = re.search(r'name="seen" value="([^"]+)"', response.content.decode())
    assert found
    return found[1]


def test_a_value_is_saved_and_its_row_comes_back(estate: RecordsClient, browser: Client) -> None:
    ada, bob = (row["id"] for row in estate.create("agents", [{"name": "Ada"}, {"name": "Bob"}]).json())
    home = estate.made("properties", address="1 Elm", price="5", agent_id=ada)
    url = cell(estate, "properties", home["id"], "agent_id")
    editor = browser.get(url, {"columns": "address,agent_id,notes", "place": "at=1"}).content.decode()
    assert f'<option value="{ada}" selected>Ada</option>' in editor
    data = {"agent": bob, "seen": seen(browser, url), "columns": "address,agent_id,notes", "place": "at=7&list=%22x"}
    saved = browser.post(url, data)
    row = saved.content.decode()
    assert (saved["HX-Retarget"], saved["HX-Reswap"]) == (f"#row-{home['id']}", "outerHTML")
    assert re.findall(r'data-label="(\w+)"', row) == ["Address", "Agent", "Notes"]
    assert ">Bob</a>" in row
    assert "?at=7&amp;list=%22x" in row
    changed = estate.get("properties", home["id"]).json()
    assert changed["agent_id"] == bob
    assert {**changed, "agent_id": ada, "updated_at": home["updated_at"]} == home


def test_what_is_refused_stands_beside_the_value_as_it_was_typed(estate: RecordsClient, browser: Client) -> None:
    estate.made("agents", name="Ada", email="ada@example.com")
    bob = estate.made("agents", name="Bob", email="bob@example.com")
    url = cell(estate, "agents", bob["id"], "email")
    now = seen(browser, url)
    for email, words in (("no address", "valid email"), ("ada@example.com", "Another agent already has this value.")):
        refused = browser.post(url, {"email": email, "seen": now})
        assert refused.status_code == 422
        text = refused.content.decode()
        assert words in text
        assert f'value="{email}"' in text
        assert 'aria-invalid="true"' in text
    name = cell(estate, "agents", bob["id"], "name")
    assert "This field is required." in browser.post(name, {"name": "", "seen": now}).content.decode()
    assert estate.get("agents", bob["id"]).json() == bob


def test_somebody_elses_change_is_told_and_not_overwritten(estate: RecordsClient, browser: Client) -> None:
    home = estate.made("properties", address="1 Elm", price="5")
    url = cell(estate, "properties", home["id"], "price")
    before = seen(browser, url)
    estate.change("properties", home["id"], {"price": "7"})
    told = browser.post(url, {"price": "9", "seen": before})
    assert told.status_code == 409
    text = told.content.decode()
    assert "Somebody changed this property in between. Price is now: $7.00" in text
    assert 'value="9"' in text
    assert estate.get("properties", home["id"]).json()["price"] == "7.00"
    again = re.search(r'name="seen" value="([^"]+)"', text)
    assert again
    assert again[1] != before
    assert browser.post(url, {"price": "9", "seen": again[1]}).status_code == 200
    assert estate.get("properties", home["id"]).json()["price"] == "9.00"
    for nonsense in ("", "x", "2026-01-01"):
        assert browser.post(url, {"price": "1", "seen": nonsense}).status_code == 409


def test_a_cell_of_every_type_saves_or_refuses_any_value(things: RecordsClient, browser: Client) -> None:
    company = things.made("companies", name="Acme")
    made = things.made("things", name="x", company_id=company["id"])
    own: dict[str, list[Any]] = {"relation": [company["id"]], "many_to_many": [[company["id"]]]}
    own["user"] = [str(things.project.owner_id)]
    edited = set()
    for number, item in enumerate(get_runtime(things.project).resource("things").fields):
        url = cell(things, "things", made["id"], item.column.name)
        if not is_edited_in_place(item):
            assert browser.get(url).status_code == 404
            continue
        edited.add(item.type.key)
        shown = browser.get(url)
        assert re.search(rf'name="{item.name}"', shown.content.decode()), item.name
        now, results = seen(browser, url), set()
        hostile = list(values_of(item.type))
        for value in [*own.get(item.type.key, []), *item.type.examples, *hostile[number % 20 :: 20], None]:
            entry = typed(item, value)
            data = {} if entry is None else {item.name: entry}
            response = browser.post(url, {**data, "seen": now})
            results.add(response.status_code)
            assert response.status_code in (200, 422), (item.name, str(value)[:80])
            text = response.content.decode()
            assert "<script>alert(1)" not in text
            if response.status_code == 200:
                assert f'id="row-{made["id"]}"' in text
                now = seen(browser, url)
            else:
                assert "vc-error" in text, (item.name, str(value)[:80])
        assert 200 in results, item.name
    assert {kind.key for kind in column_types} - edited == {"attachment", "auto_number", "rich_text"}


def test_cells_of_others_are_not_there(estate: RecordsClient, browser: Client, other_user: User) -> None:
    home = estate.made("properties", address="1 Elm", price="5")
    stranger = Client()
    stranger.force_login(other_user)
    url = cell(estate, "properties", home["id"], "price")
    for response in (
        stranger.get(url), stranger.post(url, {"price": "1", "seen": home["updated_at"]}),
        browser.get(cell(estate, "properties", str(uuid4()), "price")),
        browser.post(cell(estate, "properties", str(uuid4()), "price"), {"price": "1"}),
        browser.get(cell(estate, "properties", home["id"], "created_at")),
        browser.get(cell(estate, "properties", home["id"], "user_id")),
        browser.get(cell(estate, "properties", home["id"], "nothing")),
    ):  # fmt: skip
        assert response.status_code == 404
    protected = Client(enforce_csrf_checks=True)
    protected.force_login(estate.project.owner)
    assert protected.post(url, {"price": "1"}).status_code == 403
    assert estate.get("properties", home["id"]).json() == home


def test_a_row_comes_back_whatever_columns_are_asked_for(estate: RecordsClient, browser: Client) -> None:
    home = estate.made("properties", address="1 Elm", price="5")
    url = cell(estate, "properties", home["id"], "price")
    for price, columns in enumerate(("", "password", "price,<b>", "x" * 5000), 10):
        place = '"><script>alert(1)</script>'
        data = {"price": price, "seen": seen(browser, url), "columns": columns, "place": place}
        text = browser.post(url, data).content.decode()
        assert f"${price}.00" in text
        assert "<script>" not in text
