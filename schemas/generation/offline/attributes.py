"""One attribute in words as a column: `a unique email`, `status (open, closed)`, `price in EUR`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from schemas.document import SYSTEM_COLUMNS, Column, Json
from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import (
    bare,
    column_name,
    explicit_type,
    options,
    type_of,
    usual_options,
    words,
)
from schemas.generation.offline.reading import Reading, values

_FLAGS: Final[Mapping[str, Mapping[str, Json]]] = {
    "required": {"required": True},
    "mandatory": {"required": True},
    "compulsory": {"required": True},
    "unique": {"unique": True},
    "optional": {},
}
_CURRENCIES = {"euro": "EUR", "euros": "EUR", "€": "EUR", "dollar": "USD", "dollars": "USD", "$": "USD", "pound": "GBP",
               "pounds": "GBP", "£": "GBP", "yen": "JPY"}  # fmt: skip
_ANY_OPTIONS = ("New", "In progress", "Done")


def stated(phrase: str, reading: Reading) -> dict[str, Json] | None:
    """The name of a column and what the phrase says of it, under a document's keys; None when it names none.

    Args:
        phrase: the words between two separators.
        reading: the prompt that they are from, which has the asides.
    """
    text, asides = reading.take_asides(phrase)
    facts: dict[str, Json] = {}
    listed: list[str] = []
    for aside in asides:
        _read_aside(reading.take_asides(aside)[0], facts, listed)
    text = _take_flags(bare(text), facts)
    text = _take_type(text, facts, listed)
    text = pattern("when").sub(r"\g<what> on", text)
    text = pattern("noise").sub("", pattern("whether").sub("is ", text)).replace("_", " ")
    name = column_name(re.sub(r"^is are ", "is ", text))
    if not name or name in SYSTEM_COLUMNS:
        return None
    if listed and facts.get("type", "select") == "select":
        facts |= {"type": "select", "options": options(listed)}
    return {"name": name} | facts


def completed(data: Mapping[str, Json], usual: Column | None = None) -> Column:
    """The column with what the words left open.

    Args:
        data: what `stated` found.
        usual: the column that such a table has under that name: its type and settings fill the gaps. Whether it is
            required or unique is not taken over: who lists columns says so where they want it.
    """
    words_of_name = data["name"].replace("_", " ")
    full = {"type": type_of(words_of_name)} | dict(data)
    if usual is not None and data.get("type", usual.type) == usual.type:
        left_out = {"required", "unique"} | ({"default"} if "options" in data else set())
        inherited = {key: value for key, value in usual.to_json().items() if key not in left_out}
        full = inherited | dict(data)
    if full["type"] == "select":
        full = {"options": usual_options(words_of_name) or options(_ANY_OPTIONS)} | full
    if words_of_name in words("required"):
        full |= {"required": True}
    return Column.from_json(full, "$")


def shared_noun(phrase: str, following: str) -> str:
    """`first` before `last name` as `first name`; any other phrase as it is."""
    modifiers, tail, last = words("modifiers"), following.split(), phrase.lower().split()[-1]
    return f"{phrase} {' '.join(tail[1:])}" if last in modifiers and len(tail) > 1 and tail[0] in modifiers else phrase


def _read_aside(aside: str, facts: dict[str, Json], listed: list[str]) -> None:
    pieces = values(aside)
    for piece in pieces:
        if piece.lower() in _FLAGS:
            facts.update(_FLAGS[piece.lower()])
        elif kind := explicit_type(piece) or explicit_type(aside):
            facts["type"] = kind
        else:
            listed.append(piece)
    if len(listed) == 1 and len(pieces) == 1:
        facts["help_text"] = listed.pop()


def _take_flags(text: str, facts: dict[str, Json]) -> str:
    while found := pattern("flagged").match(text):
        facts.update(_FLAGS[found["flag"].lower()])
        text = bare(text[found.end() :])
    return text


def _take_type(text: str, facts: dict[str, Json], listed: list[str]) -> str:
    if found := pattern("in_currency").match(text):
        unit = found["type"].lower()
        facts |= {"type": "currency", "currency": _CURRENCIES.get(unit, unit.upper())}
        return found["name"]
    for name in ("as_type", "colon_type"):
        if (found := pattern(name).match(text)) and explicit_type(found["type"]):
            facts["type"] = explicit_type(found["type"])
            return found["name"]
    for name in ("colon_type", "of_values"):
        if (found := pattern(name).match(text)) and len(choices := values(found["type"])) > 1:
            listed += choices
            return found["name"]
    return text
