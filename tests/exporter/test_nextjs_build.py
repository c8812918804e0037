"""The exported application installs, is formatted, type-checks, builds and serves: asked of the real tools.

One installation of the application's packages serves all tests of a run; each writes its own source code beside it.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect, sync_playwright

from exporter.targets import targets
from schemas.document import Schema
from tests.chromium import find_chromium
from tests.exporter.schemas import every_type, hostile, real_estate
from tests.node import NODE, NPM, environment
from tests.node import run as run_node

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

SUPABASE = {
    "NEXT_TELEMETRY_DISABLED": "1",
    "NEXT_PUBLIC_SUPABASE_URL": "http://127.0.0.1:9",
    "NEXT_PUBLIC_SUPABASE_ANON_KEY": "anon",
}
"""What the application asks of its environment: an address of Supabase at which nothing answers."""


def run(folder: Path, *command: str | Path) -> str:
    """The output of a Node program; fails the test with it."""
    return run_node(folder, *command, **SUPABASE)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages that an exported application can need."""
    folder = tmp_path_factory.mktemp("nextjs")
    write(folder, every_type())
    run(folder, NPM, "install", "--no-audit", "--no-fund")
    return folder


def write(folder: Path, schema: Schema) -> None:
    """Puts the application's files into the folder, in place of the ones before."""
    for old in ("src", ".next"):
        shutil.rmtree(folder / old, ignore_errors=True)
    for path, text in targets.get("nextjs").export(schema).files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def build(folder: Path) -> None:
    """Compiles, type-checks and prerenders; a type error fails it."""
    run(folder, "node_modules/next/dist/bin/next", "build")


@pytest.mark.parametrize("schema", [every_type, hostile])
def test_an_export_is_formatted_and_builds(installed: Path, schema) -> None:
    write(installed, schema())
    assert "All matched files use Prettier code style" in run(
        installed, "node_modules/prettier/bin/prettier.cjs", "--check", "."
    )
    build(installed)


@pytest.fixture
def address(installed: Path) -> Iterator[str]:
    """Where the built real-estate application is served."""
    write(installed, real_estate())
    run(installed, "node_modules/prettier/bin/prettier.cjs", "--check", ".")
    build(installed)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [NODE, "node_modules/next/dist/bin/next", "start", "--hostname", "127.0.0.1", "--port", port]
    with (installed / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=installed, env=environment() | SUPABASE, stdout=log, stderr=log)
    try:
        yield wait_for(f"http://127.0.0.1:{port}", installed / "server.log")
    finally:
        server.terminate()
        server.wait(10)


def wait_for(address: str, log: Path) -> str:
    for _ in range(100):
        try:
            with urlopen(f"{address}/sign-in", timeout=5):
                return address
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


def test_the_built_application_serves_its_sign_in_page(address: str) -> None:
    with urlopen(f"{address}/sign-in", timeout=10) as response:
        page = response.read().decode()
    assert response.status == 200
    assert "<title>Real estate CRM</title>" in page


def test_a_visitor_without_a_session_is_asked_to_sign_in(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 800})
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/properties")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Enter your email address.")).to_be_visible()
        page.get_by_role("link", name="Create one").click()
        expect(page.get_by_role("heading", name="Create an account")).to_be_visible()
        browser.close()
    assert errors == []
