"""The exported application is formatted, linted, type-checked, built, served and used: asked of the real tools.

One installation of the application's packages serves all tests of a run; each writes its own source code into it. The
Supabase behind it is a fake of HTTP alone: rows are in a real PostgreSQL with the exported migration.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from exporter.context import app_context
from exporter.targets import targets
from schemas.document import Schema
from tests.chromium import running_chromium
from tests.exporter.copies import SUPABASE, Database, loaded
from tests.exporter.nodejs import ESLINT, PRETTIER, install, served, write
from tests.exporter.schemas import every_blueprint, every_type, hostile, real_estate
from tests.exporter.walk import Visit, changed_column, text_of
from tests.fakes.supabase import ANON_KEY, SupabaseServer
from tests.node import run

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

MAKERS: dict[str, Callable[[], Schema]] = {"every_type": every_type, "hostile": hostile, "real_estate": real_estate}


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages that an exported application can need."""
    folder = tmp_path_factory.mktemp("nextjs")
    write(folder, every_type())
    install(folder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, with patience for pages that a busy machine builds and serves."""
    with running_chromium() as running:
        expect.set_options(timeout=20_000)
        yield running
        expect.set_options(timeout=None)


def check_sources(installed: Path, makers: dict[str, Callable[[], Schema]]) -> None:
    """Asks Prettier and ESLint about several applications at once: most of the time they take is their start."""
    for name, make in makers.items():
        write(installed / "sources" / name, make())
    assert "All matched files use Prettier code style" in run(installed, PRETTIER, "--check", "sources")
    run(installed, ESLINT, "--max-warnings", "0", "sources")
    shutil.rmtree(installed / "sources")


def check_use(installed: Path, schema: Schema, browser: Browser, new_database: Database) -> None:
    """Builds the application on an empty database, and lets two people use it."""
    write(installed, schema)
    url = new_database(SUPABASE)
    loaded(url, installed / "supabase/migrations/0001_init.sql").close()
    with SupabaseServer(url) as supabase, served(installed, supabase.url, ANON_KEY) as address:
        walk(browser, address, schema)


def walk(browser: Browser, address: str, schema: Schema) -> None:
    """Signs up, lists, creates, edits and deletes, while a stranger sees nothing of what is private."""
    app = app_context(schema, reserved_slugs=targets.get("nextjs").reserved_slugs)
    table = max(app.tables, key=lambda each: (len(each.columns), each.name))
    ada, bob = Visit(browser, address, app), Visit(browser, address, app)
    ada.sign_up("ada@example.com")
    for each in app.tables:
        assert ada.list(each).count() == 0
    record = ada.create(table)
    rows = ada.list(table)
    assert rows.count() == 1
    for column in table.list_columns:
        header = ada.page.get_by_role("columnheader").nth(table.list_columns.index(column))
        if (button := header.get_by_role("button")).count():
            way = header.get_attribute("aria-sort") or ""
            button.click()
            expect(header).not_to_have_attribute("aria-sort", way)
            expect(rows).to_have_count(1)

    column = changed_column(table)
    ada.open(f"/{table.slug}/{record}/edit")
    new = text_of(column) if column else ""
    if column:
        ada.page.locator(f'[name="{column.name}"]').fill(new)
    assert ada.save(table) == record
    expect(ada.page.get_by_role("main")).to_contain_text(new)
    if column and column.searchable:
        assert ada.list(table, f"?search={new}").count() == 1
        assert ada.list(table, "?search=nothing+has+this").count() == 0

    bob.sign_up("bob@example.com")
    assert bob.list(table).count() == (0 if table.access == "private" else 1)
    bob.open(f"/{table.slug}/{record}")
    gone = bob.page.get_by_text("This record does not exist, or you may not see it.")
    expect(gone if table.access == "private" else bob.page.get_by_role("link", name="Edit")).to_be_visible()

    ada.sign_out_and_in("ada@example.com")
    ada.open(f"/{table.slug}/{record}").get_by_role("button", name="Delete").click()
    ada.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    ada.page.wait_for_url(re.compile(rf"/{table.slug}$"))
    expect(ada.page.get_by_text("Nothing here yet.")).to_be_visible()
    for visit in (ada, bob):
        assert visit.errors == []
        visit.page.context.close()


def test_an_export_is_formatted_linted_built_and_used(
    installed: Path, browser: Browser, new_database: Database
) -> None:
    check_sources(installed, MAKERS)
    check_use(installed, every_type(), browser, new_database)


@pytest.mark.exports
def test_every_export_is_formatted_and_linted(installed: Path) -> None:
    check_sources(installed, every_blueprint())


@pytest.mark.exports
@pytest.mark.parametrize("name", ["hostile", *every_blueprint()])
def test_every_export_is_built_and_used(installed: Path, name: str, browser: Browser, new_database: Database) -> None:
    check_use(installed, (MAKERS | every_blueprint())[name](), browser, new_database)
