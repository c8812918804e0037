"""Trying a change again after a deadlock: PostgreSQL ends one of two that wait for each other."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from django.db import OperationalError

from core.errors import is_passing

P = ParamSpec("P")
T = TypeVar("T")

MAX_ATTEMPTS: Final = 6
_LONGEST_PAUSE_SECONDS: Final = 0.4


def until_through(change: Callable[P, T]) -> Callable[P, T]:
    """Has a function that is a whole transaction start again, after a pause by chance, when a deadlock ended it.

    What ends the last attempt is raised; to callers of the API it is a `Conflict` (`busy`).
    """

    @wraps(change)
    def tried(*args: P.args, **options: P.kwargs) -> T:
        for attempt in range(1, MAX_ATTEMPTS):
            try:
                return change(*args, **options)
            except OperationalError as error:
                if not is_passing(error):
                    raise
            time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS * attempt / MAX_ATTEMPTS))  # noqa: S311
        return change(*args, **options)

    return tried
