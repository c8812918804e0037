"""Journeys back: a delete undone, an edit of many undone, two edits that crossed merged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from core.models import User
from tests.browser.conftest import sign_in
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser

CONTRAST, NAMELESS = ((Path(__file__).parent / name).read_text() for name in ("contrast.js", "nameless.js"))


@pytest.fixture
def estate(user: User) -> RecordsClient:
    estate = RecordsClient(client_of(user), provisioned(user, documents.estate()))
    estate.create("properties", [{"address": f"{n:02} Elm St", "price": "100"} for n in range(60)])
    return estate


def address(estate: RecordsClient, name: str, *args: str) -> str:
    return reverse(name, args=[estate.project.pk, "properties", *args])


def is_accessible(page: Page) -> None:
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(NAMELESS) == []


def test_deleted_and_edited_rows_come_back(estate: RecordsClient, signed_in: Page, fits: Callable[[], None]) -> None:
    page = signed_in
    page.goto(address(estate, "record-list") + "?ordering=address&search=elm")
    boxes = page.locator("tbody input[type=checkbox]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="Chosen properties")
    expect(bar.locator("[data-count]")).to_have_text("4 chosen")
    fits()
    is_accessible(page)
    bar.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete 4").click()
    expect(page.get_by_text("4 properties were deleted.")).to_be_visible()
    expect(page.locator("tbody tr").nth(1)).to_contain_text("05 Elm St")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("4 properties were restored.")).to_be_visible()
    expect(page.locator("tbody tr").nth(1)).to_contain_text("01 Elm St")

    boxes.first.focus()
    for row in range(50):
        boxes.nth(row).check()
    bar.get_by_role("button", name="Choose all 60 that match").click()
    bar.get_by_role("button", name="Edit").click()
    page.get_by_label(re.compile("^Price")).last.fill("250")
    fits()
    is_accessible(page)
    page.get_by_role("button", name="Change 60").click()
    expect(page.get_by_text("60 properties were changed.")).to_be_visible()
    assert estate.list("properties", price="250").json()["count"] == 60
    page.goto(reverse("trash", args=[estate.project.pk]))
    expect(page.get_by_text("60 properties edited")).to_be_visible()
    fits()
    is_accessible(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert estate.list("properties", price="100").json()["count"] == 60


def test_two_edits_that_cross_are_merged(
    estate: RecordsClient, user: User, context: BrowserContext, server: str, fits: Callable[[], None]
) -> None:
    page = context.new_page()
    sign_in(page, user.email, PASSWORD)
    (home,) = estate.list("properties", address="07 Elm St").json()["results"]
    page.goto(address(estate, "record-edit", home["id"]))
    estate.change("properties", home["id"], {"price": "120", "notes": "Loud"})
    page.get_by_label(re.compile("^Price")).fill("130")
    page.get_by_role("button", name="Save", exact=True).click()
    price = page.get_by_role("group", name=re.compile("^Price"))
    expect(price).to_contain_text("both changed it")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    is_accessible(page)
    price.get_by_label(re.compile("^Theirs")).check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/{home['id']}/")
    saved = estate.get("properties", home["id"]).json()
    assert (saved["price"], saved["notes"]) == ("120.00", "Loud")
