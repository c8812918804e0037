"""Text into sentences and chunks: what is between commas, with asides in parentheses set apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.layout import unfolded
from schemas.generation.offline.lexicon import is_plural, kind_of, words

_FIRST_MARK: Final = 0xE000
"""Asides are replaced by characters of Unicode's private use area, from this one on."""

_TYPOGRAPHY = str.maketrans({"“": '"', "”": '"', "\u2018": "'", "\u2019": "'", "\u00a0": " ", "\t": " ", "\r": "\n"})
_ASIDE = re.compile(r"\s*[\(\[]([^()\[\]]*)[\)\]]")
_MARKS = re.compile(r"[\ue000-\uf8ff]")
_FILLER = re.compile(
    r"\b(?:please|kindly|just|simply|basically|etc\.?|e\.g\.|i\.e\.|as well$|too$|respectively|for example|"
    r"for instance|optionally|of course|and so on|preferably|thanks|thank you)(?=[\s,.;:!?]|$),?",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\s*(;)\s*|\s*\n+\s*")
_SEPARATOR = re.compile(
    r"\s*,\s*(?:and|plus|as well as)\s+|\s*,\s*|\s+(?:and also|and|plus|as well as|along with)\s+|\s*&\s*|\s+\+\s+",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"(,|\band|\bwith|\bor|:)[ ]*\n+\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence.

    Args:
        text: its words, with a mark in place of each aside.
        continues: whether it goes on where the one before left off, after a semicolon or as an item of a list.
    """

    text: str
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt in sentences, and what stood in parentheses."""

    sentences: tuple[Sentence, ...]
    asides: tuple[str, ...] = ()

    def take_asides(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The text without its marks, and the asides that stood there."""
        found = tuple(self.asides[ord(mark) - _FIRST_MARK] for mark in _MARKS.findall(text))
        return _MARKS.sub("", text).strip(), found


@dataclass(frozen=True, slots=True)
class Chunk:
    """What stands between two separators, and the separator before it: empty, `,`, `and`, or `, and`."""

    text: str
    separator: str = ""


def read(prompt: str) -> Reading:
    """Splits a prompt."""
    text = _MARKS.sub("", prompt.translate(_TYPOGRAPHY))
    text, is_list = unfolded(text)
    text = re.sub(r"\s+[\u2013\u2014-]+\s+", ", ", text)
    text = re.sub(r"\be-mail", "email", text, flags=re.IGNORECASE)
    text = _FILLER.sub(" ", text)
    for compound in words("compounds"):
        text = re.sub(rf"\b{compound}\b", compound.replace(" ", "_"), text, flags=re.IGNORECASE)
    text, asides = _set_asides_apart(text)
    return Reading(tuple(_sentences(_UNFINISHED.sub(r"\1 ", text), is_list)), asides)


def chunks(text: str) -> tuple[Chunk, ...]:
    """Splits an enumeration at commas and `and`."""
    pieces: list[Chunk] = []
    separator, start = "", 0
    for found in [*_SEPARATOR.finditer(text), None]:
        piece = text[start : found.start() if found else len(text)].strip()
        if piece:
            pieces.append(Chunk(piece, separator))
        if found is None:
            break
        start = found.end()
        mark = found[0].strip()
        separator = mark if mark == "," else ", and" if mark.startswith(",") else "and"
    return tuple(pieces)


def things_in(piece: Chunk, is_known: Callable[[str], bool]) -> tuple[Chunk, ...]:
    """`barbers clients appointments` as three things: where every word is a thing, and all of them together none."""
    said = piece.text.split()
    are_things = all(is_plural(word) and (is_known(word) or kind_of(word) != "things") for word in said)
    if len(said) < 2 or not are_things or is_known(piece.text):
        return (piece,)
    return (Chunk(said[0], piece.separator), *(Chunk(word, ",") for word in said[1:]))


def without_heading(text: str) -> str:
    """The text without a `tables:` or `the following:` before it."""
    found = pattern("heading").match(text)
    is_heading = found and (not found["word"] or found["word"].lower() in words("containers"))
    return text[found.end() :] if found and is_heading else text


def values(text: str) -> tuple[str, ...]:
    """Splits a list of choices, in which `or` and `/` separate too."""
    return tuple(piece.strip() for piece in re.split(r"\s*(?:,|/|\||\bor\b|\band\b)\s*", text) if piece.strip())


def _set_asides_apart(text: str) -> tuple[str, tuple[str, ...]]:
    """Innermost first, so that an aside may hold the mark of another."""
    asides: list[str] = []

    def keep(found: re.Match[str]) -> str:
        asides.append(found[1])
        return chr(_FIRST_MARK + len(asides) - 1)

    before = ""
    while before != text:
        before, text = text, _ASIDE.sub(keep, text)
    return text, tuple(asides)


def _sentences(text: str, is_list: bool) -> list[Sentence]:
    made: list[Sentence] = []
    continues = False
    for piece in _SENTENCE.split(text):
        if piece == ";":
            continues = True
        elif piece and piece.strip(" .,!?"):
            made.append(Sentence(" ".join(piece.split()).rstrip(".!?, "), continues or (is_list and bool(made))))
            continues = False
    return made
