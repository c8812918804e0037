"""Chance that comes out the same everywhere: every draw has a name, and its name alone decides it.

So a column that is added, or a table that is made earlier, changes no other value.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def chance(*name: object) -> Random:
    """The random numbers of that name. Python seeds them with a hash of the text that differs on no machine."""
    return Random("/".join(str(part) for part in name))  # noqa: S311  # samples are no secrets


def dealt(values: Sequence[T], number: int, *name: object) -> T:
    """Card `number`, from 0, of an endless deck that is shuffled anew whenever every value has come up."""
    turn, place = divmod(number, len(values))
    order = list(range(len(values)))
    chance(*name, turn).shuffle(order)
    return values[order[place]]
