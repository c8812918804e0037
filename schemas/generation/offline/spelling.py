"""Slips of the pen: `adress` read as `address`, and said so.

Only words of six letters or more are looked at, and only where one change (a letter missing, added, wrong, or swapped
with its neighbour) makes exactly one word of the lexicon, the grammar, a template or the schema at hand. A word that
is known is never touched, nor one that English has anyway (`planets` are no `plants`), nor what stands in quotes. What
people write short (`w/`, `pls`) is written out. The words are data: `spelling.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from string import ascii_lowercase
from typing import Any, Final

from schemas.blueprints import blueprints
from schemas.document import Schema
from schemas.generation.offline.grammar import grammar_text
from schemas.generation.offline.lexicon import all_text, words
from schemas.names import plural, singular

_SHORTEST: Final = 6
_KINDS: Final = ("people", "happenings", "money", "work")
_QUOTED = re.compile(r"(\"[^\"]*\"|'[^']*')")
_WORD = re.compile(r"[A-Za-z]+")
_LETTERS = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text with its slips corrected.

    Args:
        text: the text.
        changes: each word that was changed, as it was written and as it was read.
    """

    text: str
    changes: tuple[tuple[str, str], ...] = ()


def corrected(text: str, active: Schema | None = None) -> Spelled:
    """Corrects a prompt; the names of the active schema are known words too."""
    own = frozenset(_words_of(active)) if active else frozenset[str]()
    changes: dict[str, str] = {}

    def read_as(found: re.Match[str]) -> str:
        right = _right(found[0].lower(), own)
        if not right:
            return found[0]
        spelled = right.capitalize() if found[0][0].isupper() else right
        changes[found[0]] = spelled
        return spelled

    parts = _QUOTED.split(text)
    parts[::2] = [_WORD.sub(read_as, _written_out(part)) for part in parts[::2]]
    return Spelled("".join(parts), tuple(changes.items()))


def _written_out(text: str) -> str:
    for short, long in _data()["shorthand"].items():
        text = re.sub(rf"(?<!\w){re.escape(short)}(?!\w)", long, text, flags=re.IGNORECASE)
    return text


def _right(word: str, own: frozenset[str]) -> str:
    """The word that was meant; empty when this one is right, or when nothing is certain."""
    known_slips: dict[str, str] = _data()["misspellings"]
    if slip := known_slips.get(word):
        return slip
    if len(word) < _SHORTEST or word in own or _is_known(word):
        return ""
    if slip := known_slips.get(singular(word)):
        return plural(slip)
    if singular(word) in own:
        return ""
    candidates = {near for near in _one_change(word) if near in vocabulary() or near in own}
    meanings = {singular(candidate) for candidate in candidates}
    return min(candidates, key=lambda near: (abs(len(near) - len(word)), near)) if len(meanings) == 1 else ""


@lru_cache(maxsize=4096)
def _is_known(word: str) -> bool:
    groups = (vocabulary(), _listed("real_words"))
    return any(word in group for group in groups) or any(singular(word) in group for group in groups)


def is_foreign(text: str) -> bool:
    """Whether the text is in another language: another script, or words that English does not have."""
    letters = [letter for letter in text if letter.isalpha()]
    if sum(not letter.isascii() for letter in letters) * 2 > len(letters):
        return True
    said = re.findall(r"[^\W\d_]+", text.lower())
    strange = [word for word in said if word in _listed("foreign")]
    return len(set(strange)) > 1 and len(strange) * 5 >= len(said)


@cache
def vocabulary() -> frozenset[str]:
    """Every word of six letters or more that the engine knows, in the singular and the plural."""
    texts = [all_text(), grammar_text()]
    for blueprint in blueprints():
        aliases = (alias for group in blueprint.aliases.values() for alias in group)
        texts += [*blueprint.keywords, *aliases, *_words_of(blueprint.document)]
    found = {word for text in texts for word in _LETTERS.findall(text.lower()) if len(word) >= _SHORTEST}
    # The library's plurals would take longer than all the rest; a wrong one here is a word that nobody writes.
    many = {f"{word[:-1]}ies" if word.endswith("y") else f"{word}s" for kind in _KINDS for word in words(kind)}
    return frozenset(found | many)


def _words_of(schema: Schema) -> Iterator[str]:
    for table in schema:
        yield from table.name.split("_")
        yield from _LETTERS.findall(f"{table.label} {table.label_plural}".lower())
        for column in table.columns:
            yield from column.name.split("_")


@cache
def _listed(section: str) -> frozenset[str]:
    """A section of words whose order means nothing."""
    return frozenset(word for line in _data()[section] for word in line.split())


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((files(__package__) / "spelling.json").read_text("utf-8"))
    return data


def _one_change(word: str) -> Iterable[str]:
    """Every string that is one slip away and begins with the same letter: people seldom get that one wrong."""
    for at in range(1, len(word) + 1):
        before, after = word[:at], word[at:]
        for letter in ascii_lowercase:
            yield before + letter + after
            yield before + letter + after[1:]
        yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
