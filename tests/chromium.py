"""The browser of the machine: the one system part that the tests need."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str:
    """The browser on this machine."""
    candidates = (os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), "/usr/bin/chromium")
    for candidate in candidates:
        if candidate and Path(candidate).is_file():
            return candidate
    return pytest.exit(
        "Some tests need Chromium: install it (`apt-get install chromium`), set CHROMIUM to the path of a Chromium or "
        "Chrome, or leave those tests out with `make test ARGS='-m \"not browser and not node\"'`.",
        returncode=2,
    )


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Chromium, for fixtures that end with their module or package.

    Playwright's loop makes Django think that the tests are asynchronous, which they are not. One loop at a time runs in
    a thread, so no other fixture may still have one.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield running
        running.close()
