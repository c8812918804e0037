"""What a newcomer opens first: the seeded demo, full and in order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from vibecrm.demo import PROJECT_NAME, make_demo

pytestmark = pytest.mark.browser


def test_the_demo_user_finds_a_full_first_page(page: Page, database, fits: Callable[[], None]) -> None:
    demo = make_demo()
    sign_in(page, settings.DEMO_EMAIL, settings.DEMO_PASSWORD)
    fits()

    page.locator("main").get_by_role("link", name=PROJECT_NAME).click()
    expect(page.get_by_role("heading", name=PROJECT_NAME)).to_be_visible()
    expect(page.locator(".vc-table-card")).to_have_count(5)
    expect(page.locator("#count-properties")).to_have_text("18 records")
    numbers = [int(text.split()[0]) for text in page.locator(".vc-count").all_inner_texts()]
    assert sum(numbers) == demo.records
    assert min(numbers) > 0
    fits()

    page.locator("main").get_by_role("link", name="Showings").click()
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("UTC")
    expect(first).not_to_contain_text("+00:00")
    fits()
    first.locator("td.vc-title a").click()
    expect(page.locator("main dl")).to_contain_text("Property")
    fits()
