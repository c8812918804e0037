"""A visit to an exported application in Chromium: whatever its tables are, every control is filled in by its kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as TookTooLong

from exporter.column_context import ColumnContext
from exporter.context import AppContext, TableContext

PASSWORD = "correct horse battery"
_NUMBERS = count(1)
_TYPED: dict[str, Callable[[int], str]] = {
    "date": lambda n: f"2026-05-{n % 28 + 1:02}",
    "datetime": lambda n: f"2026-05-{n % 28 + 1:02}T10:30",
    "duration": lambda n: f"{n}:30:00",
    "email": lambda n: f"ada{n}@example.com",
    "json": lambda n: f'{{ "n": {n} }}',
    "long_text": lambda n: f"Some words {n}",
    "time": lambda n: f"{n % 24:02}:30:00",
    "url": lambda n: f"https://example.com/{n}",
    "uuid": lambda n: str(uuid4()),
}


class Visit:
    """Somebody with a browser of their own. What goes wrong on any page is in `errors`."""

    def __init__(self, browser: Browser, address: str, app: AppContext) -> None:
        self.address = address
        self.app = app
        self.errors: list[str] = []
        self.page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: self.errors.append(f"A dialog: {dialog.message}"))

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.text} ({self.page.url})")

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        return self.page

    def sign_up(self, email: str) -> None:
        """Comes as a visitor, is sent to the sign-in, makes an account, and arrives on the dashboard."""
        page = self.open(f"/{self.app.tables[0].slug}")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Enter your email address.")).to_be_visible()
        page.get_by_role("link", name="Create one").click()
        self._enter(email, "Create an account")

    def sign_out_and_in(self, email: str) -> None:
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_role("heading", name="Sign in")).to_be_visible()
        self._enter(email, "Sign in")

    def _enter(self, email: str, button: str) -> None:
        expect(self.page.get_by_role("heading", name=button)).to_be_visible()
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name=button).click()
        expect(self.page.get_by_role("heading", name="Dashboard")).to_be_visible()

    def list(self, table: TableContext, query: str = "") -> Locator:
        """The rows of a table's list."""
        page = self.open(f"/{table.slug}{query}")
        expect(page.get_by_text(re.compile(r"\d+ in total"))).to_be_visible()
        return page.locator("tbody tr")

    def create(self, table: TableContext) -> str:
        """A new record with everything filled in, and those that it has to point to; returns its id."""
        for column in table.columns:
            place = column.reference or column.links
            if place and place.table != table.name and self.list(self.app.table(place.table)).count() == 0:
                self.create(self.app.table(place.table))
        self.open(f"/{table.slug}/new")
        for column in table.columns:
            self.fill(table, column)
        return self.save(table)

    def save(self, table: TableContext) -> str:
        """Sends the form and waits for the record's page; returns its id."""
        self.page.get_by_role("button", name="Save").click()
        try:
            self.page.wait_for_url(re.compile(rf"/{table.slug}/[0-9a-f-]{{36}}$"))
        except TookTooLong as error:
            told = self.page.locator("[role=alert], [data-sonner-toast]").all_inner_texts()
            raise AssertionError(f"The form was not saved: {[*told, *self.errors]}") from error
        expect(self.page.get_by_role("link", name="Edit")).to_be_visible()
        return self.page.url.rpartition("/")[2]

    def fill(self, table: TableContext, column: ColumnContext) -> None:
        """Enters a value in the control of a column, as people do."""
        control = self.page.locator(f'[name="{column.name}"], [name="{column.name}Value"]')
        if column.numbered:
            return
        if column.reference or column.links:
            self._pick(table, column)
        elif column.kind == "files":
            numbered = [each.name for each in table.columns if each.kind == "files"].index(column.name)
            file = {"name": "a file.txt", "mimeType": "text/plain", "buffer": b"Hello"}
            self.page.locator("input[type=file]").nth(numbered).set_input_files(file)
            expect(self.page.get_by_role("button", name="Remove a file.txt")).to_have_count(numbered + 1)
        elif column.kind == "boolean":
            control.check()
        elif column.kind == "choices":
            control.first.check()
        elif column.kind in ("choice", "user"):
            control.select_option(index=1)
        else:
            control.fill(text_of(column))

    def _pick(self, table: TableContext, column: ColumnContext) -> None:
        """Chooses the first of the records that are offered; in an empty table nothing is."""
        place = column.reference or column.links
        assert place is not None
        pickers = [each.name for each in table.columns if each.reference or each.links]
        box = self.page.locator("input[role=combobox]").nth(pickers.index(column.name))
        box.focus()
        offered = self.page.get_by_role("listbox")
        expect(offered.get_by_text(re.compile("Searching"))).to_have_count(0)
        if offered.get_by_role("option").count():
            box.press("Enter")
            expect(self.page.get_by_role("listbox")).to_have_count(0)
        else:
            assert place.table == table.name, column.name
            box.press("Escape")


def text_of(column: ColumnContext) -> str:
    """What to type into a control that takes text; another text each time."""
    number = next(_NUMBERS)
    if column.kind in ("integer", "decimal"):
        low = 0 if column.minimum is None else int(column.minimum)
        high = low + 9 if column.maximum is None else int(column.maximum)
        return str(low + number % (high - low + 1))
    if column.type_key == "phone":
        return f"+4930901820{number % 100:02}"
    if column.kind in _TYPED:
        return _TYPED[column.kind](number)
    return f"Words {number}"[: column.longest]


def changed_column(table: TableContext) -> ColumnContext | None:
    """A column that a walk can change and read again: a text, the one that names the record first."""
    columns = [column for column in (table.title, *table.columns) if column]
    plain = ("text", "long_text")
    return next((each for each in columns if each.type_key in plain and not each.pattern and not each.links), None)
