"""A prompt that describes an application: its name, its field of work, and the things it keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from schemas.blueprints import blueprints
from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import bare, is_person, is_plural
from schemas.generation.offline.matching import speaks_of
from schemas.generation.offline.mentions import Mention, MentionReader
from schemas.generation.offline.reading import Reading, Sentence, chunks

_NAMED = re.compile(r"\s*\b(?:called|named|titled)\s+(?:\"([^\"]+)\"|'([^']+)'|([A-Z]\w*(?:\s+[A-Z]\w*)*))")
"""Case tells a name from other words, so this pattern is not among those of the grammar."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a prompt says about an application.

    Args:
        name: what the user calls it; empty when they did not say.
        field: the words about the line of work, such as `real estate agents`.
        mentions: the things it keeps, in the order of the text.
        asks_for_application: whether the prompt says that an application is to be made.
    """

    name: str
    field: str
    mentions: tuple[Mention, ...]
    asks_for_application: bool


def describe(reading: Reading, is_known: Callable[[str], bool]) -> Description:
    """Reads a prompt as the description of an application."""
    reader = MentionReader(reading, is_known)
    name, field, asks = "", "", False
    for index, sentence in enumerate(reading.sentences):
        text, called = _take_name(sentence.text)
        name = name or called
        opening = (
            None if sentence.continues else _opening(pattern("opener").sub("", text), reading, is_first=index == 0)
        )
        if opening:
            asks, field = True, f"{field} {opening[0]}".strip()
            if opening[1]:
                reader.read_list(opening[1])
        else:
            _read_on(reader, Sentence(text, sentence.continues), is_first=index == 0)
    if not reader.mentions and field:
        _read_field(reader, field, is_known)
    if not reader.mentions and asks:
        _read_known_words(reader, reading, is_known)
    return Description(name, field, reader.settle(), asks)


def asks_for_application(text: str) -> bool:
    """Whether the sentence asks for a whole application, as in `build me a CRM`."""
    return bool(pattern("system").match(pattern("opener").sub("", text)))


def _take_name(text: str) -> tuple[str, str]:
    found = _NAMED.search(text)
    if not found:
        return text, ""
    return (text[: found.start()] + text[found.end() :]).strip(), next(part for part in found.groups() if part)


def _opening(text: str, reading: Reading, *, is_first: bool) -> tuple[str, str] | None:
    """Field and enumeration of a sentence that speaks of the application; None when it does not."""
    if found := pattern("system").match(text):
        before, rest = found["before"], found["rest"].strip()
        split = pattern("introduces").search(f" {rest}")
        if split:
            introduced = f" {rest}"
            return _joined(before, introduced[: split.start()]), introduced[split.end() :].strip()
        return _joined(before, rest), ""
    for name in ("business", "tracks", "is_tracked"):
        if found := pattern(name).match(text):
            return _tracked(found.groupdict().get("before", ""), found["rest"])
    if found := pattern("business_alone").match(text):
        return _field(found["before"]), ""
    found = pattern("headed").match(text) if is_first else None
    if found and _is_heading(found["before"], found["rest"], reading, has_colon=bool(found["colon"])):
        return _field(found["before"]), found["rest"]
    return None


def _tracked(before: str, rest: str) -> tuple[str, str]:
    """`manage a library` names the line of work, `manage books and loans` what is kept."""
    names_place = re.match(r"an?\s[\w ]+$", rest, re.IGNORECASE) and " and " not in rest
    return (f"{_field(before)} {_field(rest)}".strip(), "") if names_place else (_field(before), rest)


def _is_heading(field: str, rest: str, reading: Reading, *, has_colon: bool) -> bool:
    """Whether the words before a colon or `with` name the line of work, and those behind it what is kept there."""
    pieces = [piece.text for piece in chunks(rest)]
    heads = [_head(piece, reading) for piece in pieces]
    are_things = len(heads) > 1 and all(is_plural(head) for head in heads)
    if has_colon:
        return are_things or (heads[0] != pieces[0] and is_plural(heads[0]))
    return are_things and not is_plural(field) and not re.match(r"(?:each|every|an?)\s", field, re.IGNORECASE)


def _head(piece: str, reading: Reading) -> str:
    """The thing that a piece of an enumeration is about, without what is said of it."""
    text = reading.take_asides(piece)[0]
    for name in ("is_linked", "has"):
        if found := pattern(name).match(text):
            text = found["thing"]
    return text


def _joined(before: str, after: str) -> str:
    """`dental` and `for my clinic` as `dental for clinic`; either may be missing."""
    return " for ".join(filter(None, [bare(pattern("adjectives").sub("", before)), _field(after)]))


def _field(text: str) -> str:
    return bare(pattern("about").sub("", text.strip(" ,.")))


def _read_on(reader: MentionReader, sentence: Sentence, is_first: bool) -> None:
    if pattern("clutter").match(sentence.text):
        return
    if found := pattern("it_has").match(sentence.text):
        reader.read_list(found["rest"])
    elif is_first:
        reader.read_list(pattern("verb").sub("", sentence.text))
    else:
        reader.read_statement(sentence.text, sentence.continues)


def _read_field(reader: MentionReader, field: str, is_known: Callable[[str], bool]) -> None:
    """`An app for recipes and ingredients` lists things, `a CRM for lawyers` says whose it is."""
    pieces = [piece.text for piece in chunks(field)]
    are_known = len(pieces) > 1 and all(is_known(piece) for piece in pieces)
    are_things = all(is_plural(piece) and not is_person(piece) for piece in pieces)
    if are_known or (are_things and not any(speaks_of(blueprint, field) for blueprint in blueprints())):
        reader.read_list(field)


def _read_known_words(reader: MentionReader, reading: Reading, is_known: Callable[[str], bool]) -> None:
    """Where no sentence was understood, the plural nouns that are known are what the application is about."""
    for sentence in reading.sentences:
        for word in re.findall(r"[a-z]+", sentence.text.lower()):
            if is_plural(word) and is_known(word):
                reader.read_list(word)
