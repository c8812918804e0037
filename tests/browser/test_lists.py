"""Work in a list, with the mouse and with keys alone: sort, filter, choose columns, edit cells, go from row to row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Locator, Page, expect

from core.models import User
from tests.browser.conftest import sign_in
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser

DESK = pytest.mark.parametrize("size", ["desktop"])
"""For what has nothing to do with the size of the window."""


@pytest.fixture
def homes(user: User) -> RecordsClient:
    client = RecordsClient(client_of(user), provisioned(user, documents.estate()))
    ada, bob = (row["id"] for row in client.create("agents", [{"name": "Ada"}, {"name": "Bob"}]).json())
    for number in range(30):
        home = {"address": f"{number:02} Elm", "price": number % 3, "status": "sold" if number < 4 else "available"}
        client.made("properties", **home, agent_id=[ada, bob, None][number % 3])
    return client


@pytest.fixture
def work(context: BrowserContext, user: User, homes: RecordsClient) -> Iterator[Page]:
    """A page that may be told no: refusals are what some of these journeys are about."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda answer: faults.append(answer.url) if answer.status >= 500 else None)
    sign_in(page, user.email, PASSWORD)
    page.goto(address(homes, "record-list"))
    yield page
    assert faults == []


def address(client: RecordsClient, name: str, *args: object, table: str = "properties") -> str:
    return reverse(name, args=[client.project.pk, table, *args])


def asked(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def titles(page: Page) -> Locator:
    return page.locator("[data-grid] td.vc-title")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText.trim()"))


def test_a_list_is_sorted_filtered_and_its_columns_chosen(
    work: Page, homes: RecordsClient, size: str, fits: Callable[[], None]
) -> None:
    page = work
    page.evaluate("window.isTheSamePage = true")
    if size == "desktop":
        page.get_by_role("link", name="Price", exact=True).click()
        expect(page).to_have_url(re.compile("ordering=price$"))
        page.get_by_role("link", name="Address").click(modifiers=["Shift"])
        expect(page).to_have_url(re.compile("ordering=price%2Caddress$"))
        page.get_by_role("link", name="Address").focus()
        page.keyboard.press("Shift+Enter")
        expect(page).to_have_url(re.compile("ordering=price%2C-address$"))
        expect(titles(page).first).to_have_text("27 Elm")
        assert page.evaluate("document.activeElement.id") == "sort-address"
        expect(page.get_by_role("columnheader", name="Price")).to_contain_text("1")

    page.get_by_role("link", name="Filters").click()
    value = page.locator('[id="g.0.value"]')
    expect(page.get_by_label("Column", exact=True)).to_be_focused()
    value.fill("elm")
    page.get_by_role("button", name="Group").focus()
    page.keyboard.press("Enter")
    columns = page.get_by_label("Column", exact=True)
    expect(columns).to_have_count(3)
    expect(value).to_have_value("elm")
    columns.nth(1).select_option("price")
    expect(page.get_by_label("Price is")).to_be_visible()
    page.get_by_label("Comparison").nth(1).select_option("gte")
    page.get_by_label("Price from").fill("2")
    columns.nth(2).select_option("status")
    page.locator('select[id="g.1.1.value"]').select_option("sold")
    expect(page.get_by_label("Price from")).to_have_value("2")
    columns.nth(0).select_option("agent_id")
    page.locator("input[role=combobox][aria-label='Agent is']").fill("bob")
    page.get_by_role("option", name="Bob").click()
    page.get_by_role("button", name="Apply filters").first.press("Enter")
    chips = page.locator(".vc-chip")
    expect(chips).to_have_text([re.compile("Agent is Bob"), re.compile("Price from 2 or Status is Sold")])
    expect(titles(page)).to_have_text(["01 Elm"])
    assert set(asked(page)) >= {"agent_id", "filter"}
    fits()
    page.reload()
    expect(titles(page)).to_have_text(["01 Elm"])
    page.evaluate("window.isTheSamePage = true")
    chips.first.click()
    expect(titles(page)).to_have_count(13)
    page.go_back()
    expect(titles(page)).to_have_text(["01 Elm"])
    page.evaluate("window.isTheSamePage = true")
    page.get_by_role("link", name="Clear all").click()
    expect(titles(page)).to_have_count(30)

    page.get_by_role("link", name="Columns").click()
    expect(page.get_by_label("Price", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_label("Notes", exact=True).check()
    page.get_by_role("button", name="Move Notes up").click()
    page.get_by_label("Agent", exact=True).press("Alt+ArrowUp")
    expect(page.get_by_role("status").filter(has_text="number")).to_have_text("Agent is number 2.")
    fits()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.locator("thead th:not(.vc-check)")).to_have_text(["Address", "Agent", "Status", "Notes"])
    assert page.evaluate("window.isTheSamePage")
    page.goto(address(homes, "record-list"))
    expect(page.locator("thead th:not(.vc-check)")).to_have_text(["Address", "Agent", "Status", "Notes"])


def test_cells_are_edited_where_they_are(work: Page, homes: RecordsClient, size: str, fits: Callable[[], None]) -> None:
    page = work
    row = page.locator("[data-grid] tbody tr").first
    price = row.locator('td[data-label="Price"]')
    (home,) = homes.list("properties", page_size=1).json()["results"]
    price.dblclick()
    box = price.locator("input[name=price]")
    expect(box).to_be_focused()
    box.fill("-4")
    box.press("Enter")
    expect(price.get_by_role("alert")).to_contain_text("greater than or equal to 0")
    expect(box).to_have_value("-4")
    fits()
    box.press("Escape")
    expect(price).to_have_text("$2.00")
    expect(price).to_be_focused()

    page.keyboard.press("e")
    expect(box).to_be_focused()
    homes.change("properties", home["id"], {"price": "77"})
    price.locator("input[name=price]").fill("5")
    page.keyboard.press("Enter")
    expect(price.get_by_role("alert")).to_contain_text("Price is now: $77.00")
    expect(price.locator("input[name=price]")).to_have_value("5")
    price.get_by_role("button", name="Save").click()
    expect(price).to_have_text("$5.00")
    expect(price).to_be_focused()
    assert homes.get("properties", home["id"]).json()["price"] == "5.00"

    agent = row.locator('td[data-label="Agent"]')
    page.keyboard.press("End")
    expect(agent).to_be_focused()
    page.keyboard.press("F2")
    expect(agent.locator("input[role=combobox]")).to_be_focused()
    page.keyboard.type("bo")
    page.get_by_role("option", name="Bob").click()
    agent.get_by_role("button", name="Save").click()
    expect(agent.get_by_role("link", name="Bob")).to_be_visible()


@DESK
def test_keys_alone_are_enough(work: Page, homes: RecordsClient, size: str) -> None:
    page = work
    page.keyboard.press("ArrowDown")
    assert focused(page) == "29 Elm"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert focused(page) == "$1.00"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft", "Home"):
        page.keyboard.press(key)
    assert focused(page) == "29 Elm"
    page.keyboard.press("Tab")  # no trap: on to the record's link, and further
    page.keyboard.press("Tab")
    assert focused(page) != "29 Elm"

    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    page.keyboard.press("n")  # the dialog has the keys
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("/")
    search = page.get_by_label("Search properties")
    expect(search).to_be_focused()
    page.keyboard.type("n/?e")
    expect(search).to_have_value("n/?e")
    search.fill("03 elm")
    search.press("Enter")
    expect(titles(page)).to_have_text(["03 Elm"])
    assert asked(page) == {"search": "03 elm"}
    titles(page).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="03 Elm")).to_be_visible()
    page.go_back()

    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Keys of one letter are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(titles(page)).to_have_text(["03 Elm"])
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Keys of one letter are on").check()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1, name="New property")).to_be_visible()


@DESK
def test_from_record_to_record_and_what_is_linked(work: Page, homes: RecordsClient, fits: Callable[[], None]) -> None:
    page = work
    page.goto(address(homes, "record-list") + "?ordering=address&status=sold")
    page.get_by_role("link", name="01 Elm").click()
    page.get_by_role("link", name="Next property").click()
    expect(page.get_by_role("heading", level=1, name="02 Elm")).to_be_visible()
    page.get_by_role("link", name="Next property").click()
    expect(page.get_by_role("heading", level=1, name="03 Elm")).to_be_visible()
    expect(page.get_by_role("link", name="Next property")).to_have_count(0)
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_text([re.compile("Showings"), re.compile("Offers")])
    tabs.first.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_contain_text("None yet.")
    page.get_by_role("link", name="Add offer").click()
    expect(page.get_by_role("combobox", name="Property")).to_have_value("03 Elm")
    fits()

    page.get_by_label("Buyer").fill("Eve")
    page.get_by_role("combobox", name="Property").fill("The new one")
    page.get_by_role("option", name="Add property").click()
    dialog = page.get_by_role("dialog", name="New property")
    expect(dialog.get_by_label("Address")).to_have_value("The new one")
    dialog.get_by_label("Price").fill("-1")
    dialog.get_by_role("button", name="Add and choose").click()
    expect(dialog.get_by_text("greater than or equal to 0")).to_be_visible()
    dialog.get_by_label("Price").fill("1")
    dialog.get_by_label("Agent").fill("Zoe")
    page.get_by_role("option", name="Add agent").click()  # a form in the form of a form
    page.get_by_role("dialog", name="New agent").get_by_role("button", name="Add and choose").click()
    expect(dialog.get_by_label("Agent")).to_have_value("Zoe")
    dialog.get_by_role("button", name="Add and choose").click()
    expect(page.get_by_role("combobox", name="Property")).to_have_value("The new one")
    expect(page.get_by_label("Buyer")).to_have_value("Eve")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="The new one")).to_be_visible()


@DESK
def test_lists_and_forms_work_without_scripts(
    browser, server: str, user: User, homes: RecordsClient, size: str
) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(address(homes, "record-list"))
    expect(page.get_by_role("heading", level=1, name="Properties")).to_be_visible()
    page.get_by_role("link", name="Filters").click()
    page.locator('[name="g.0.column"]').select_option("price")
    page.get_by_role("button", name="Update the form").click()
    page.locator('[name="g.0.lookup"]').select_option("lt")
    page.locator('[name="g.0.value"]').fill("1")
    page.locator('[name="g.0.value"]').press("Enter")
    expect(titles(page)).to_have_count(10)
    page.get_by_role("link", name="Columns").click()
    page.get_by_label("Notes", exact=True).check()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.locator("thead th:not(.vc-check)")).to_have_count(5)
    expect(titles(page)).to_have_count(10)
    titles(page).first.get_by_role("link").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Agent").select_option("Bob")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Bob")).to_be_visible()
    context.close()


@DESK
def test_files_are_dropped_on_their_box(work: Page, user: User, size: str) -> None:
    leases = RecordsClient(client_of(user), provisioned(user, documents.leases()))
    page = work
    page.goto(address(leases, "record-create", table="leases"))
    page.evaluate("""() => {
        const dropped = new DataTransfer();
        dropped.items.add(new File(["%PDF-1.7 x"], "one.pdf", { type: "application/pdf" }));
        const box = document.querySelector("[data-files]");
        for (const name of ["dragenter", "dragover", "drop"]) {
            box.dispatchEvent(new DragEvent(name, { dataTransfer: dropped, bubbles: true, cancelable: true }));
        }
    }""")
    box = page.locator("[data-files]").first
    expect(box.get_by_text("one.pdf")).to_be_visible()
    assert box.locator('input[type="file"]').evaluate("(input) => input.files.length") == 1
    expect(box).not_to_have_class(re.compile("is-target"))
