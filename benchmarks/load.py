"""Many callers at once, each a process of its own: requests to the server, or the floor's SQL."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.client import Client


@dataclass(frozen=True)
class Requests:
    """Reads of one address."""

    port: int
    token: str
    path: str

    def open(self) -> Any:
        """A connection."""
        return Client(self.port, Authorization=f"Bearer {self.token}")

    def once(self, opened: Any) -> None:
        """One request."""
        opened.get(self.path)


@dataclass(frozen=True)
class Statement:
    """The floor: one prepared statement in a transaction."""

    url: str
    schema: str
    text: str
    values: tuple[Any, ...] = ()

    def open(self) -> Any:
        """A connection."""
        connection = psycopg.connect(self.url)
        connection.execute("select set_config('search_path', %s, false)", [self.schema])
        connection.commit()
        return connection

    def once(self, opened: Any) -> None:
        """One transaction."""
        opened.cursor(binary=True).execute(self.text, self.values, prepare=True).fetchall()
        opened.commit()


def rate(work: Requests | Statement, callers: int = 8, seconds: float = 4.0) -> float:
    """How often a second the work is done by that many callers."""
    context = multiprocessing.get_context("spawn")
    start, done = context.Barrier(callers), context.Queue()
    processes = [context.Process(target=_call, args=(work, seconds, start, done)) for _ in range(callers)]
    for process in processes:
        process.start()
    total = sum(done.get(timeout=seconds + 60) for _ in processes)
    for process in processes:
        process.join()
    return float(total)


def _call(work: Requests | Statement, seconds: float, start: Any, done: Any) -> None:
    opened = work.open()
    for _ in range(20):
        work.once(opened)
    start.wait()
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        work.once(opened)
        count += 1
    done.put(count / (time.perf_counter() - begin))
    opened.close()
