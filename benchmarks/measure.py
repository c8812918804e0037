"""Timing: medians of interleaved rounds, so that a busy machine slows both sides alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One line of the report. Times are medians in milliseconds; memory is the most that was taken at once."""

    name: str
    floor_ms: float
    ours_ms: float
    peak_mb: float | None = None

    @property
    def ratio(self) -> float:
        return self.ours_ms / self.floor_ms


def compare(name: str, floor: Callable[[], object], ours: Callable[[], object], rounds: int = 60) -> Result:
    """Runs both in turn, `rounds` times after a warm-up of five."""
    for _ in range(5):
        floor()
        ours()
    floors, others = [], []
    for _ in range(rounds):
        floors.append(milliseconds(floor))
        others.append(milliseconds(ours))
    return Result(name, statistics.median(floors), statistics.median(others))


def milliseconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
