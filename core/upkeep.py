"""Upkeep: what has to be done once a day for the whole installation. Beat asks for it (core/tasks.py).

An app registers a function in its `jobs` module. It may be asked again after a crash, so it must be idempotent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.registry import Registry

logger = logging.getLogger(__name__)

Upkeep = Callable[[], object]
upkeep: Registry[Upkeep] = Registry("kind of upkeep")


def daily(name: str) -> Callable[[Upkeep], Upkeep]:
    """Registers a function that is called once a day."""
    return lambda work: upkeep.register(name, work)


def run_daily() -> None:
    """Does all of it; what fails is told in the log and keeps nothing else from being done."""
    for name in upkeep.names():
        try:
            upkeep.get(name)()
        except Exception:
            logger.exception("The daily upkeep %r failed", name)
