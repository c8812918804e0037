"""Links to many records, chosen with a search box that collects chips."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from core.models import User
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, provisioned


@pytest.fixture
def book(user: User) -> RecordsClient:
    return RecordsClient(client_of(user), provisioned(user, documents.tagged()))


def test_links_are_chosen_by_keyboard_and_removed_by_a_click(
    book: RecordsClient, signed_in: Page, fits: Callable[[], None]
) -> None:
    names = ["Investor", "Key account", "Referred by an old friend of the family", "VIP"]
    tags = {row["name"]: row["id"] for row in book.create("tags", [{"name": name} for name in names]).json()}
    made = book.made("contacts", name="Ada", tags=[tags["Investor"], tags["Key account"]])
    page = signed_in
    page.goto(reverse("record-edit", args=[book.project.pk, "contacts", made["id"]]))
    chosen = page.get_by_role("list", name="Chosen")
    expect(chosen.get_by_role("listitem")).to_have_text([re.compile("^Investor"), re.compile("^Key account")])

    box = page.get_by_label("Tags", exact=True)
    box.fill("family")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="added")).to_have_text(f"{names[2]} added")
    options = page.get_by_role("listbox").filter(visible=True).get_by_role("option")
    expect(options).to_have_text(["VIP", "Add tag …"])  # what is chosen already is not offered again
    page.keyboard.press("Escape")
    chosen.get_by_role("button", name="Remove Investor").click()
    expect(box).to_be_focused()
    fits()
    page.keyboard.press("Backspace")  # the last one
    expect(chosen.get_by_role("listitem")).to_have_text([re.compile("^Key account")])
    box.fill("vip")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/data/contacts/*/")
    saved = book.get("contacts", made["id"]).json()["tags"]
    assert set(saved) == {tags["Key account"], tags["VIP"]}
    fits()
