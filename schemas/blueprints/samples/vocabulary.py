"""Names of people, companies and places.

They are written down here rather than taken from a library of random data: those change with each of its releases, and
may be somebody's. These belong to nobody: domains are under `.example` (RFC 2606), and telephone numbers come from the
ranges that are kept free for fiction (555-0100 to 555-0199 in North America; Ofcom's and ACMA's elsewhere).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from schemas.blueprints.samples.chance import dealt

_NO_LETTERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody.

    Args:
        gender: `female` or `male`, so that a name goes with what a record says.
    """

    first: str
    last: str
    gender: str

    def __str__(self) -> str:
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class Place:
    """A town.

    Args:
        phone: what its telephone numbers look like, `#` for a digit.
    """

    city: str
    state: str
    postal_code: str
    country: str
    phone: str


def person(number: int, *name: object) -> Person:
    """Person `number` of a list of that name. The first ten thousand of a list are all different."""
    gender = ("female", "male")[number % 2]
    first = dealt(words()[gender], number // 2, *name, gender)
    return Person(first, dealt(words()["last"], number, *name, "last"), gender)


def company(number: int, *name: object) -> str:
    """Company `number` of a list of that name."""
    return str(dealt(words()["company"], number, *name, "company"))


def street(number: int, *name: object) -> str:
    """A house number and a street."""
    return f"{100 + dealt(range(890), number, *name, 'house')} {dealt(words()['street'], number, *name, 'street')}"


@cache
def places() -> tuple[Place, ...]:
    """Every town."""
    return tuple(Place(**place) for place in words()["places"])


def home(*name: object) -> Place:
    """The town where a business of that name is."""
    return dealt([place for place in places() if place.country == "United States"], 0, *name)


def filled(pattern: str, draw: Random) -> str:
    """The pattern with a digit for each `#` and a capital letter for each `?`."""
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    return "".join(
        str(draw.randrange(10)) if mark == "#" else draw.choice(letters) if mark == "?" else mark for mark in pattern
    )


def slug(text: str, between: str = "") -> str:
    """The text as it stands in addresses: plain small letters and digits, `between` the words."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return _NO_LETTERS.sub(between, plain.replace("'", "").replace("&", "and")).strip(between)


@cache
def words() -> Mapping[str, Any]:
    """The word lists."""
    data: Mapping[str, Any] = json.loads(files(__package__).joinpath("vocabulary.json").read_text("utf-8"))
    return data
