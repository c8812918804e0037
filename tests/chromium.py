"""The browser of the machine: the one system part that the tests need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

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
