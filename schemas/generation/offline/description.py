"""A prompt that describes an application: its name, its field of work, and the things it keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from schemas.blueprints import blueprints
from schemas.generation.offline.describing import MentionReader
from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import bare, is_person, is_plural, noun_key, type_of, words
from schemas.generation.offline.matching import speaks_of
from schemas.generation.offline.mentions import Mention, settled
from schemas.generation.offline.reading import Reading, Sentence, chunks
from schemas.names import singular

_NAMED = re.compile(r"\s*\b(?:called|named|titled)\s+(?:\"([^\"]+)\"|'([^']+)'|([A-Z]\w*(?:\s+[A-Z]\w*)*))")
"""Case tells a name from other words, so this pattern is not among those of the grammar."""


_SENTENCE = 4
"""Words: what is as long or longer is hardly the name of a thing."""


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
    return Description(name, field, _without_sentences(settled(reader.mentions), is_known), asks)


def _without_sentences(mentions: tuple[Mention, ...], is_known: Callable[[str], bool]) -> tuple[Mention, ...]:
    """Without what is no thing and nothing was said of: `gym members pay monthly fees`, or a title at the beginning."""
    linked = {noun_key(link.target) for item in mentions for link in item.links}

    def is_thing(item: Mention) -> bool:
        if item.columns or item.links or item.key in linked or is_known(item.phrase):
            return True
        is_title = item is mentions[0] and not is_plural(item.phrase)
        return len(item.phrase.split()) < _SENTENCE and not is_title

    return tuple(item for item in mentions if is_thing(item)) or mentions


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
            thing, listed = introduced[: split.start()].strip(), introduced[split.end() :].strip()
            if _describes(thing, listed, reading):
                return _joined(before, ""), f"{_field(thing)} with {listed}"
            return _joined(before, introduced[: split.start()]), introduced[split.end() :].strip()
        return _joined(before, rest), ""
    for name in ("business", "tracks", "is_tracked"):
        if found := pattern(name).match(text):
            return _tracked(found.groupdict().get("before", ""), found["rest"])
    if found := pattern("business_alone").match(text):
        return _field(found["before"]), ""
    found = pattern("headed").match(text) if is_first else None
    if found and _is_heading(found["before"], found["rest"], reading, is_clear=bool(found["colon"] or found["needs"])):
        return _field(found["before"]), found["rest"]
    return None


def _describes(thing: str, listed: str, reading: Reading) -> bool:
    """Whether `of papers` and `title, abstract` are a thing with attributes rather than a field with things."""
    pieces = [reading.take_asides(piece.text) for piece in chunks(listed)] or [("", ())]
    first, asides = pieces[0]
    are_bare = not any(is_plural(text) or pattern("has").match(text) for text, _ in pieces)
    are_typed = are_bare and sum(type_of(text) != "text" for text, _ in pieces) > 1
    is_attribute = type_of(first) != "text" or bare(first).lower() in words("run_on") or bool(asides) or are_typed
    return is_plural(thing) and not is_plural(first) and is_attribute


def _tracked(before: str, rest: str) -> tuple[str, str]:
    """`manage a library` names the line of work, `manage books and loans` what is kept."""
    names_place = re.match(r"an?\s[\w ]+$", rest, re.IGNORECASE) and " and " not in rest
    return (f"{_field(before)} {_field(rest)}".strip(), "") if names_place else (_field(before), rest)


def _is_heading(field: str, rest: str, reading: Reading, *, is_clear: bool) -> bool:
    """Whether the words before a colon or `with` name the line of work, and those behind it what is kept there.

    Args:
        field: the words before.
        rest: the words behind.
        reading: the prompt, for its asides.
        is_clear: whether a colon or `needs` stands between them, which says so more than `with` does.
    """
    pieces = [piece.text for piece in chunks(rest)]
    heads = [_head(piece, reading) for piece in pieces]
    things = [head for head in heads if is_plural(head) and type_of(head) == "text"]
    repeated = tuple(f"{word} {singular(bare(heads[0]))}" for word in ("each", "every"))
    is_taken_up = is_plural(heads[0]) and any(piece.lower().startswith(repeated) for piece in pieces[1:])
    is_described = reading.take_asides(pieces[0])[1] and not is_plural(field) and len(things) > 1
    if is_taken_up or (is_described and heads[0] in things):
        return True
    are_things = len(heads) > 1 and all(is_plural(head) for head in heads)
    if is_clear:
        return are_things or heads[:2] == things[:2] != heads[:1] or (heads[0] != pieces[0] and is_plural(heads[0]))
    if pattern("relative_has").match(pieces[0]) and not is_plural(field):
        return True
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
