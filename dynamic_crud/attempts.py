"""Trying a change again after a deadlock: PostgreSQL ends one of two that wait for each other."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from django.db import OperationalError

from core.errors import Conflict

P = ParamSpec("P")
T = TypeVar("T")

MAX_ATTEMPTS: Final = 6
_LONGEST_PAUSE_SECONDS: Final = 0.4

_PASSING: Final = {"40P01", "40001"}
"""SQLSTATEs of what another attempt may not meet: a deadlock, a serialization failure. Nothing was stored then."""


def until_through(change: Callable[P, T]) -> Callable[P, T]:
    """Has a function that is a whole transaction start again, after a pause by chance, when a deadlock ended it.

    It raises `Conflict` (`busy`) when others were in the way every time.
    """

    @wraps(change)
    def tried(*args: P.args, **options: P.kwargs) -> T:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                return change(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in _PASSING:
                    raise
            time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS * attempt / MAX_ATTEMPTS))  # noqa: S311
        detail = "Others are changing the same records. Nothing was changed. Try again in a moment."
        raise Conflict(detail, code="busy", retry_after=1)

    return tried
