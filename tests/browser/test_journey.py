"""The whole way, as a person goes it: describe, look, provision, work, take away. On a desk and on a phone."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.models import User
from tests.browser.conftest import sign_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser

PROMPT = "Create a CRM for real estate agents with properties, agents and showings"


def test_from_a_sentence_to_a_working_application(
    page: Page, database, worker, size, fits: Callable[[], None], tmp_path
):
    describe_and_sign_up(page, fits)
    look_at_the_draft(page, fits)
    provision(page, fits)
    work_with_records(page, size, fits)
    read_the_history(page)
    take_it_away(page, size, fits, tmp_path)


def describe_and_sign_up(page: Page, fits: Callable[[], None]) -> None:
    page.goto("/")
    fits()
    page.get_by_label("Describe the application").fill(PROMPT)
    page.get_by_role("button", name="Draft the schema").click()
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    fits()
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_label("Describe the application")).to_have_value(PROMPT)
    page.get_by_role("button", name="Draft the schema").click()


def look_at_the_draft(page: Page, fits: Callable[[], None]) -> None:
    review = page.get_by_role("link", name="Review and provision")
    expect(review).to_be_visible()
    for table in ("Properties", "Agents", "Showings"):
        expect(page.locator(".vc-draft-tables").get_by_text(table, exact=True)).to_be_visible()
        expect(page.locator(".vc-diagram").get_by_text(table, exact=True)).to_be_attached()
    expect(page.get_by_text("Offline engine: no AI model was used")).to_be_visible()
    fits()
    review.click()


def provision(page: Page, fits: Callable[[], None]) -> None:
    page.get_by_text("The SQL", exact=True).click()
    expect(page.locator("#plan-sql")).to_contain_text("enable row level security")
    fits()
    page.get_by_role("button", name="Provision").click()
    expect(page.get_by_role("heading", name="Your application is ready")).to_be_visible()
    fits()


def work_with_records(page: Page, size: str, fits: Callable[[], None]) -> None:
    page.locator("main").get_by_role("link", name="Agents").click()
    for name, email in (("Grace Hopper", "grace@example.com"), ("Alan Turing", "alan@example.com")):
        page.locator("main").get_by_role("link", name="Add agent").first.click()
        page.get_by_label("Full name").fill(name)
        page.get_by_label("Email").fill(email)
        fits()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        go_to(page, size, "Agents")
    fits()

    page.get_by_label("Search agents").fill("grace")
    page.get_by_label("Search agents").press("Enter")
    expect(page.get_by_role("link", name="Alan Turing")).to_have_count(0)
    page.get_by_role("link", name="Grace Hopper").click()

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Full name").fill("Grace B. Hopper")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Grace B. Hopper")).to_be_visible()
    fits()

    page.locator("main").get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    go_to(page, size, "Agents")
    expect(page.get_by_role("link", name="Alan Turing")).to_be_visible()
    expect(page.get_by_role("link", name="Grace")).to_have_count(0)


def read_the_history(page: Page) -> None:
    page.goto(page.url.split("/data/")[0] + "/history/")
    expect(page.get_by_role("heading", name="Version 1.0.0")).to_be_visible()
    expect(page.get_by_role("heading", name=PROMPT)).to_be_visible()


def take_it_away(page: Page, size: str, fits: Callable[[], None], folder: Path) -> None:
    go_to(page, size, "Export")
    fits()
    page.get_by_role("button", name="Export version 1.0.0").click()
    expect(page.get_by_role("heading", name="README.md")).to_be_visible()
    fits()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the ZIP").click()
    target = folder / "application.zip"
    download.value.save_as(target)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("package.json") for name in archive.namelist())


def go_to(page: Page, size: str, link: str) -> None:
    """By the sidebar, which a phone has to open first."""
    if size == "phone":
        page.get_by_role("button", name="Show or hide the navigation").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name=link, exact=True).click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_keys_alone_reach_a_page(signed_in: Page, size, fits):
    page = signed_in
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Go to a page")).to_be_visible()
    page.keyboard.type("new proj")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="New project")).to_be_visible()
    fits()


def test_the_theme_is_kept(signed_in: Page, size):
    page = signed_in
    if size == "phone":
        page.get_by_role("button", name="Show or hide the navigation").click()
    page.locator("[aria-controls=vc-user-menu]").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class("dark")
    page.goto("/projects/new/")
    expect(page.locator("html")).to_have_class("dark")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_a_project_is_deleted_only_after_its_name_was_typed(signed_in: Page, fits):
    page = signed_in
    page.goto("/projects/new/")
    page.get_by_label("Name").fill("Old things")
    page.get_by_role("button", name="Create project").click()
    page.goto(page.url.replace("/builder/", "/settings/"))
    fits()
    delete = page.get_by_role("button", name="Delete project")
    expect(delete).to_be_disabled()
    page.get_by_label("Type Old things to confirm").fill("Old thing")
    expect(delete).to_be_disabled()
    page.get_by_label("Type Old things to confirm").fill("Old things")
    delete.click()
    expect(page.get_by_text("Old things is deleted.")).to_be_visible()


def test_signing_out_ends_the_session(page: Page, user: User, size):
    sign_in(page, user.email, PASSWORD)
    if size == "phone":
        page.get_by_role("button", name="Show or hide the navigation").click()
    page.locator("[aria-controls=vc-user-menu]").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    page.goto("/projects/")
    expect(page).to_have_url(f"{page.url.split('/accounts')[0]}/accounts/login/?next=/projects/")
