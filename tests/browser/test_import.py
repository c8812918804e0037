"""Importing a CSV file in the browser: dropped, matched, checked, imported, and taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.models import Project, User
from tests.browser.test_accessible import CONTRAST, NAMELESS
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import provisioned

pytestmark = pytest.mark.browser

FILE = "Agent;Mail;Shoe size\r\nAda;ada@example.com;38\r\nBob;none;44\r\nCy;;\r\n"

DROP = """(box, text) => {
    const files = new DataTransfer();
    files.items.add(new File([text], "people.csv", { type: "text/csv" }));
    for (const name of ["dragenter", "dragover", "drop"]) {
        box.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: files }));
    }
}"""


@pytest.fixture
def project(user: User) -> Project:
    return provisioned(user, documents.estate())


def test_a_file_is_imported(signed_in: Page, project: Project, fits) -> None:
    page = signed_in

    def is_fine() -> None:
        fits()
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate(NAMELESS) == []

    page.goto(f"/projects/{project.pk}/data/agents/")
    page.get_by_role("link", name="Import CSV").click()
    page.locator("[data-files]").evaluate(DROP, FILE)
    expect(page.get_by_role("listitem").filter(has_text="people.csv")).to_be_visible()
    is_fine()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("with a semicolon between the cells")).to_be_visible()
    becomes = page.get_by_label("What Agent becomes")
    expect(becomes).to_have_value("")
    becomes.select_option(label="Name (required)")
    page.get_by_label("What Mail becomes").select_option(label="Email")
    is_fine()
    page.get_by_role("button", name="Check 3 rows").click()
    expect(page.get_by_text("2 rows are ready, 1 has problems.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Enter a valid email address.")).to_contain_text("none")
    is_fine()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the 1 with problems").click()
    assert download.value.suggested_filename == "people with problems.csv"
    page.get_by_role("button", name="Import the 2 good rows").click()
    expect(page.get_by_role("heading", name="2 agents were imported")).to_be_visible()
    is_fine()
    page.get_by_role("link", name="Show agents").click()
    for name in ("Ada", "Cy"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("2 of them are in the trash")).to_be_visible()
