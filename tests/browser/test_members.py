"""Two people at one project: the owner adds a colleague, who sees and edits a shared table, and is removed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from core.models import User
from tests.browser.conftest import SIZES, sign_in
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.factories import PASSWORD, UserFactory


@pytest.fixture
def board(user: User) -> RecordsClient:
    return RecordsClient(client_of(user), provisioned(user, documents.tasks()))


def test_a_colleague_is_added_works_and_is_removed(
    board: RecordsClient, signed_in: Page, browser: Browser, server: str, size: str, fits: Callable[[], None]
) -> None:
    made = board.made("tasks", title="Call the bank")
    ada = UserFactory(full_name="Ada Lovelace")
    owners, project = signed_in, board.project
    owners.goto(reverse("project-settings", args=[project.pk]))
    owners.get_by_role("link", name="Manage members").click()
    owners.get_by_label("Email address").fill(ada.email)
    owners.locator("#id_role").select_option("viewer")
    owners.get_by_role("button", name="Add member").click()
    expect(owners.get_by_role("status").filter(has_text="can open this project now")).to_be_visible()
    expect(owners.get_by_label("Role of Ada Lovelace", exact=True)).to_have_value("viewer")
    fits()

    with browser.new_context(base_url=server, viewport=SIZES[size], reduced_motion="reduce") as context:
        adas = context.new_page()
        sign_in(adas, ada.email, PASSWORD)
        adas.get_by_role("link", name=project.name).filter(has_text="Viewer").click()
        adas.locator("main").get_by_role("link", name="Tasks").click()
        expect(adas.get_by_role("link", name="Call the bank")).to_be_visible()
        expect(adas.get_by_role("link", name="Add task")).to_have_count(0)

        owners.get_by_label("Role of Ada Lovelace", exact=True).select_option("editor")
        owners.get_by_role("button", name="Change the role of Ada Lovelace").click()
        expect(owners.get_by_role("status").filter(has_text="is an editor now")).to_be_visible()

        adas.reload()
        expect(adas.get_by_role("link", name="Add task")).to_be_visible()
        adas.get_by_role("link", name="Call the bank").click()
        adas.get_by_role("link", name="Edit").click()
        adas.get_by_label("Title").fill("Call the other bank")
        adas.get_by_label("Reviewer").select_option(label="Ada Lovelace")
        adas.get_by_role("button", name="Save").click()
        expect(adas.get_by_role("heading", name="Call the other bank")).to_be_visible()

        owners.get_by_role("link", name="Remove Ada Lovelace").click()
        owners.get_by_role("button", name="Remove").click()
        expect(owners.get_by_label("Role of Ada Lovelace", exact=True)).to_have_count(0)
        fits()

        adas.reload()
        expect(adas.get_by_role("heading", name="This page is not here")).to_be_visible()
    owners.goto(reverse("record-detail", args=[project.pk, "tasks", made["id"]]))
    expect(owners.get_by_text("Former member")).to_be_visible()
