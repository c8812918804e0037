"""How soon the product serves: for the first time, again, and after a part of it was killed."""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.measure import Result, milliseconds
from tests.servers.product import Product, manage, until

ROUNDS: Final = 3
LONGEST_SECONDS: Final = 60
QUIET_SECONDS: Final = 2
"""Before something is killed: by then what only helped it to start has ended."""
PARTS: Final = {"PostgreSQL": ("postgres", " -D "), "web server": ("granian",)}
"""What is killed, and words of its command line."""


def results() -> Iterator[Result]:
    """Against a process that only reads the product's sources (`manage.py check`)."""
    with tempfile.TemporaryDirectory(prefix="vibecrm-starts-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        product = Product(home)
        first = product.wait_until_served() * 1000
        product.stop()
        floor = statistics.median(milliseconds(lambda: manage(home, "check").communicate()) for _ in range(ROUNDS))
        yield Result("first start, until it answers", floor, first)
        yield Result("another start, until it answers", floor, statistics.median(_starts(home)))
        product = Product(home)
        product.wait_until_served()
        for part, words in PARTS.items():
            yield Result(f"{part} killed, until it answers", floor, statistics.median(_kills(product, *words)))
        product.stop()


def _starts(home: Path) -> Iterator[float]:
    for _ in range(ROUNDS):
        product = Product(home)
        yield product.wait_until_served() * 1000
        product.stop()


def _kills(product: Product, *words: str) -> Iterator[float]:
    for _ in range(ROUNDS):
        time.sleep(QUIET_SECONDS)
        yield milliseconds(lambda: _kill(product, *words))


def _kill(product: Product, *words: str) -> None:
    family = product.pids(*words)
    os.kill(min(family), signal.SIGKILL)
    until(lambda: product.pids(*words) - family and product.healthy(), LONGEST_SECONDS, "It serves again")
