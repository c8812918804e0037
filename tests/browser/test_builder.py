"""The conversation, as a person has it: describe, refine, look, take back, restore, provision, and change again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from core import jobs
from core.models import Job, User
from core.permissions import list_projects
from core.tenancy import as_platform
from schemas.jobs import JOB_KIND

pytestmark = pytest.mark.browser

PROMPT = "Create a CRM for real estate agents with properties, agents and showings"
ADD = "add a commission percentage to agents"
ADDED = "Add the column commission_percentage (percent) to agents."
RENAME = "rename showings to viewings"
RENAMED = "Rename the table showings to viewings."
AGAIN = "add a nickname to agents"
ADDED_AGAIN = "Add the column nickname (text) to agents."


def test_a_conversation_refines_one_draft(signed_in: Page, worker, size, fits: Callable[[], None]):
    page = signed_in
    describe(page)
    refine_twice(page, fits)
    take_back_and_restore(page, fits)
    look_at_an_older_draft(page, fits)
    provision(page)
    change_again(page, fits)


def say(page: Page, words: str, button: str = "Change it") -> None:
    page.get_by_label("Describe the application").fill(words)
    page.get_by_role("button", name=button).click()
    expect(turn(page, words)).to_contain_text("Current draft")
    expect(page.get_by_label("Describe the application")).to_have_value("")


def turn(page: Page, words: str) -> Locator:
    """The turn of the conversation that these words began."""
    return page.locator(".vc-turn").filter(has=page.locator(".vc-bubble", has_text=words))


def changes(page: Page) -> Locator:
    return page.get_by_role("region", name="What changes")


def marked(page: Page, mark: str) -> Locator:
    return page.locator(f".vc-box-{mark} .vc-box-title")


def describe(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Describe the application").fill(PROMPT)
    page.get_by_role("button", name="Draft the schema").click()
    expect(turn(page, PROMPT)).to_contain_text("Current draft")
    expect(changes(page)).to_contain_text("Add the table showings")
    expect(marked(page, "new")).to_have_count(0)


def refine_twice(page: Page, fits: Callable[[], None]) -> None:
    say(page, ADD)
    expect(changes(page)).to_contain_text(f"By the last message {ADDED}", use_inner_text=True)
    expect(marked(page, "changed")).to_have_text(["Agents"])

    say(page, RENAME)
    expect(changes(page)).to_contain_text(RENAMED)
    expect(changes(page)).to_contain_text("Add the table viewings")
    expect(changes(page)).to_contain_text("Add the table agents with 10 columns.")
    expect(marked(page, "changed")).to_have_text(["Viewings"])
    expect(page.get_by_text("Offline engine: no AI model was used")).to_be_visible()
    fits()


def take_back_and_restore(page: Page, fits: Callable[[], None]) -> None:
    page.get_by_role("button", name="Undo last change").click()
    expect(page.get_by_text(f"Taken back: {RENAME}")).to_be_visible()
    expect(turn(page, RENAME)).to_contain_text("Taken back")
    expect(turn(page, ADD)).to_contain_text("Current draft")
    expect(changes(page)).to_contain_text("Add the table showings")
    expect(changes(page)).not_to_contain_text("viewings")
    fits()

    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_text(f"Restored: {RENAME}")).to_be_visible()
    expect(turn(page, RENAME)).to_contain_text("Current draft")
    expect(changes(page)).to_contain_text("Add the table viewings")
    expect(page.get_by_role("button", name="Redo")).to_have_count(0)


def look_at_an_older_draft(page: Page, fits: Callable[[], None]) -> None:
    turn(page, PROMPT).get_by_role("link", name="Show this draft").click()
    expect(page.get_by_text("You are looking at an earlier draft.")).to_be_visible()
    expect(page.get_by_role("link", name="Review and provision")).to_have_count(0)
    fits()
    page.get_by_role("link", name="Back to the current draft").click()
    expect(page.get_by_text("You are looking at an earlier draft.")).to_have_count(0)


def provision(page: Page) -> None:
    page.get_by_role("link", name="Review and provision").click()
    page.get_by_role("button", name="Provision").click()
    expect(page.get_by_role("heading", name="Your application is ready")).to_be_visible()
    expect(page.locator("main").get_by_role("link", name="Viewings")).to_be_visible()


def change_again(page: Page, fits: Callable[[], None]) -> None:
    page.goto(page.url.split("/provisioned/")[0] + "/builder/")
    expect(page.get_by_text("A change starts from version 1.0.0.")).to_be_visible()
    expect(turn(page, RENAME)).to_contain_text("Version 1.0.0")
    expect(page.get_by_role("button", name="Undo last change")).to_have_count(0)

    say(page, AGAIN)
    expect(changes(page).get_by_role("listitem")).to_have_text([ADDED_AGAIN])
    expect(marked(page, "changed")).to_have_text(["Agents"])
    expect(page.locator(".vc-legend")).to_contain_text("against version 1.0.0")
    fits()

    page.get_by_role("link", name="Review and provision").click()
    expect(page.locator(".vc-changes").get_by_role("listitem")).to_have_text([ADDED_AGAIN])
    page.get_by_role("button", name="Provision").click()
    expect(page.get_by_role("heading", name="is ready")).to_be_visible()


def test_tables_appear_while_they_are_drafted(signed_in: Page, user: User, fits: Callable[[], None]):
    """The job is told forward from here, so that there is time to look."""
    page = signed_in
    page.goto("/projects/new/")
    page.get_by_label("Name").fill("Homes")
    page.get_by_role("button", name="Create project").click()
    (project,) = list_projects(user)
    with as_platform():
        job = Job.objects.create(
            user=user, project=project, kind=JOB_KIND, status=Job.Status.RUNNING, payload={"prompt": PROMPT}
        )
    context = jobs.JobContext(job)
    context.progress(40, "Drafting tables", {"tables": ["Properties"]})
    page.reload()
    drafted = page.get_by_role("list", name="Tables drafted so far").get_by_role("listitem")
    expect(drafted).to_contain_text(["Properties"])
    element = drafted.first.element_handle()

    expect_nothing_to_move(page)
    assert element.evaluate("element => element.isConnected")

    context.progress(60, "Drafting tables", {"tables": ["Properties", "Agents"]})
    expect(drafted).to_contain_text(["Properties", "Agents"])
    expect(page.locator(".vc-drafted [data-new]")).to_contain_text(["Agents"])
    expect(page.locator("#vc-live")).to_have_text("Drafted: Agents.")
    fits()


def expect_nothing_to_move(page: Page) -> None:
    """Waits until the page has asked twice for news and was told that there are none."""
    for _ in range(2):
        with page.expect_response(lambda answer: "/jobs/" in answer.url and answer.status == 204):
            pass
