"""Two who have the same record open: nobody overwrites the other without seeing it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.dynamic_crud.conftest import PDF, RecordsClient, page, sent


@pytest.fixture
def home(estate: RecordsClient) -> dict[str, Any]:
    agent = estate.made("agents", name="Ada")
    return estate.made("properties", address="1 Elm St", price="100", notes="Quiet", agent_id=agent["id"])


def inputs(response: Any) -> dict[str, Any]:
    """What a browser would send of the page's form as it stands."""
    text = response.content.decode()
    form = next(
        part for part in re.findall(r"<form.*?</form>", text, re.S) if "_base" in part or "vc-record-form" in part
    )
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = {name: unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}
        is_off = attributes.get("type") in ("radio", "checkbox") and not re.search(r"\bchecked\b", tag)
        if "name" in attributes and not is_off and attributes.get("type") not in ("file", "submit"):
            found.setdefault(attributes["name"], []).append(attributes.get("value", "on"))
    for name, body in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = [unescape(body).removeprefix("\n")]
    for name, body in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, re.S):
        found[name] = re.findall(r'value="([^"]*)"[^>]* selected', body)
    found.pop("csrfmiddlewaretoken", None)
    return found


def test_an_edit_in_between_is_merged_field_by_field(
    estate: RecordsClient, home: dict[str, Any], browser: Client
) -> None:
    edit = page(estate, "record-edit", home["id"], table="properties")
    form = inputs(browser.get(edit))
    other = estate.made("agents", name="Bob")
    estate.change("properties", home["id"], {"price": "120", "notes": "Loud", "agent_id": other["id"]})
    response = browser.post(edit, form | {"price": ["130"], "furnished": ["true"]})
    assert response.status_code == 409
    told = {each.title: each for each in response.context["merge"].differences}
    assert {title: (each.before, each.theirs, each.mine) for title, each in told.items()} == {
        "Price": ("$100.00", "$120.00", "$130.00"),
        "Furnished": ("", "", "Yes"),
        "Notes": ("Quiet", "Loud", "Quiet"),
        "Agent": ("Ada", "Bob", "Ada"),
    }
    assert {title for title, each in told.items() if each.is_conflict} == {"Price"}
    assert {title for title, each in told.items() if each.is_mine} == {"Price", "Furnished"}
    assert estate.get("properties", home["id"]).json()["price"] == "120.00"

    merged = inputs(response)
    estate.change("properties", home["id"], {"notes": "Loud, again"})  # and again somebody is faster
    response = browser.post(edit, merged)
    assert response.status_code == 409
    assert browser.post(edit, inputs(response)).status_code == 302
    saved = estate.get("properties", home["id"]).json()
    assert (saved["price"], saved["furnished"], saved["notes"]) == ("130.00", True, "Loud, again")
    assert saved["agent_id"] == other["id"]


def test_without_an_edit_in_between_nothing_is_asked(
    estate: RecordsClient, home: dict[str, Any], browser: Client
) -> None:
    edit = page(estate, "record-edit", home["id"], table="properties")
    form = inputs(browser.get(edit)) | {"price": ["x"]}
    response = browser.post(edit, form)
    assert response.status_code == 422
    assert browser.post(edit, inputs(response) | {"price": ["7"]}).status_code == 302
    assert estate.get("properties", home["id"]).json()["price"] == "7.00"


@pytest.mark.parametrize("base", ["", "garbage", "a:b:c", "\0"])
def test_a_form_whose_past_cannot_be_read_is_merged_too(
    estate: RecordsClient, home: dict[str, Any], browser: Client, base: str
) -> None:
    edit = page(estate, "record-edit", home["id"], table="properties")
    response = browser.post(edit, inputs(browser.get(edit)) | {"_base": [base], "price": ["7"]})
    assert response.status_code == 409
    (price,) = response.context["merge"].differences
    assert (price.before, price.theirs, price.mine, price.is_mine) == (None, "$100.00", "$7.00", True)


@pytest.mark.usefixtures("folder")
def test_files_of_a_late_form_are_kept(leases: RecordsClient, browser: Client) -> None:
    lease = leases.made("leases", tenant="Ada")
    edit = page(leases, "record-edit", lease["id"])
    form = inputs(browser.get(edit))
    leases.change("leases", lease["id"], {"tenant": "Bob"})
    response = browser.post(edit, form | {"papers": [sent("Lease.pdf", PDF)]})
    assert response.status_code == 409
    assert browser.post(edit, inputs(response)).status_code == 302
    saved = leases.get("leases", lease["id"]).json()
    assert (saved["tenant"], [file["name"] for file in saved["papers"]]) == ("Bob", ["Lease.pdf"])


def test_what_was_typed_survives_a_delete_in_between(
    estate: RecordsClient, home: dict[str, Any], browser: Client
) -> None:
    edit = page(estate, "record-edit", home["id"], table="properties")
    form = inputs(browser.get(edit)) | {"price": ["130"]}
    estate.delete("properties", home["id"])
    response = browser.post(edit, form)
    assert response.status_code == 409
    assert browser.post(edit, inputs(response) | {"_restore": ["1"]}).status_code == 302
    assert estate.get("properties", home["id"]).json()["price"] == "130.00"

    form = inputs(browser.get(edit)) | {"price": ["140"]}
    estate.delete("properties", home["id"])
    estate.made("properties", address="1 Elm St")
    response = browser.post(edit, inputs(browser.post(edit, form)) | {"_restore": ["1"]})
    assert response.status_code == 409
    assert "cannot return" in response.content.decode()
    assert browser.post(edit, {"address": "x"}).status_code == 404
    create = page(estate, "record-create", table="properties")
    typed = {name: text for name, text in inputs(response).items() if name != "_base"} | {"address": ["2 Elm St"]}
    assert browser.post(create, typed).status_code == 302
    assert estate.list("properties", address="2 Elm St").json()["results"][0]["price"] == "140.00"
