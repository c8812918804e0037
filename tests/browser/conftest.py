"""A real Chromium against a real web server and a real worker. Nothing may appear on the console or fail to load."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import global_settings
from playwright.sync_api import Browser, BrowserContext, Page

from core.models import User
from tests.chromium import running_chromium
from tests.factories import PASSWORD

SIZES = {"desktop": {"width": 1400, "height": 900}, "phone": {"width": 390, "height": 844}}
SLOWEST_STEP_MS = 15_000


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with running_chromium() as running:
        yield running


@pytest.fixture(autouse=True)
def hashes_of_the_product(settings) -> None:
    """The server runs with the product's settings: it does not know the quick hashes of the other tests."""
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def context(browser: Browser, size: str, server: str) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=server, viewport=SIZES[size], accept_downloads=True, reduced_motion="reduce")
    opened.set_default_timeout(SLOWEST_STEP_MS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails its test when something went wrong behind the scenes."""
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text) if message.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "response", lambda answer: faults.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
    )
    opened.on("requestfailed", lambda request: _note_failure(faults, request))
    yield opened
    assert faults == []


@pytest.fixture
def signed_in(page: Page, user: User) -> Page:
    sign_in(page, user.email, PASSWORD)
    return page


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/projects/")


@pytest.fixture
def fits(page: Page) -> Callable[[], None]:
    """Asserts that nothing of the page sticks out to the right."""

    def check() -> None:
        wide, room = page.locator("html").evaluate("root => [root.scrollWidth, root.clientWidth]")
        assert wide <= room, f"{page.url} is {wide} px wide where there are {room}."

    return check


def _note_failure(faults: list[str], request) -> None:
    """A request that the browser dropped because the page was left, or that became a download, is no fault."""
    if request.failure and "ERR_ABORTED" not in request.failure:
        faults.append(f"{request.failure} {request.url}")
