"""What a change does to what is stored, and a difference as words with such an impact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Impact(IntEnum):
    """What a change does to what is stored. The larger one counts where a change does several things."""

    COSMETIC = 0
    """It changes how tables and values are shown. PostgreSQL is not touched."""
    STRUCTURAL = 1
    """It changes tables. Whatever is stored stays where it is and is still allowed."""
    DESTRUCTIVE = 2
    """Something that is stored goes out of sight, or may no longer be allowed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact in which two versions of a table or column differ.

    Args:
        words: the end of a sentence, such as `now required`.
        impact: what it does to what is stored.
    """

    words: str
    impact: Impact


def largest(differences: Iterable[Difference]) -> Impact:
    """The impact of several differences together."""
    return max((difference.impact for difference in differences), default=Impact.COSMETIC)


def listed(words: Iterable[str], most: int = 5) -> str:
    """`a`, `a and b`, `a, b and c`; of more than `most` words the last ones are only counted."""
    shown = list(words)
    if len(shown) > most:
        shown = [*shown[:most], f"{len(shown) - most} more"]
    return " and ".join([*([", ".join(shown[:-1])] if len(shown) > 1 else []), *shown[-1:]])


def quoted(text: str, longest: int = 60) -> str:
    """A text of a document inside a sentence: on one line, shortened, in quotation marks."""
    line = " ".join(text.split())
    return f'"{line if len(line) <= longest else line[:longest].rstrip() + "..."}"'


def shown(value: object) -> str:
    """A value of a document inside a sentence; what has no short form is `another value`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return listed(map(quoted, value)) or "an empty list"
    return "another value"
