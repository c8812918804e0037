"""One attribute in words as a column: `a unique email`, `status (open, closed)`, `price in EUR`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from schemas.document import SYSTEM_COLUMNS, Column, Json
from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import (
    bare,
    column_name,
    explicit_type,
    is_plural,
    kind_of,
    noun_key,
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
_TELLING: Final = {
    "upload": "attachment",
    "automatic": "auto_number",
    "formatted": "rich_text",
    "formatted_after": "rich_text",
    "member_after": "user",
}
"""Types that a way of saying it tells, by the pattern."""
WITH_OPTIONS: Final = ("select", "multi_select")
"""Types whose values are among listed choices."""


@dataclass(frozen=True, slots=True)
class Role:
    """A noun with what it is to the row that points to it: `billing` and `address`."""

    role: str
    noun: str


def stated(phrase: str, reading: Reading) -> dict[str, Json] | None:
    """The name of a column and what the phrase says of it, under a document's keys; None when it names none.

    Args:
        phrase: the words between two separators.
        reading: the prompt that they are from, which has the asides.
    """
    text, asides = reading.take_asides(phrase)
    facts: dict[str, Json] = {}
    listed: list[str] = []
    is_several = pattern("many_of").match(text) is not None
    for aside in asides:
        inner = reading.take_asides(aside)[0]
        is_several = is_several or pattern("several").match(inner) is not None
        _read_aside(pattern("several").sub("", inner).strip(" ,:"), facts, listed)
    text = _take_flags(bare(text), facts)
    text = _take_type(text, facts, listed)
    text = pattern("or_not").sub(r"is \g<what>", text)
    text = pattern("when").sub(r"\g<what> on", text)
    text = pattern("noise").sub("", pattern("whether").sub("is ", text)).replace("_", " ")
    name = column_name(re.sub(r"^is are ", "is ", text))
    if not name or name in SYSTEM_COLUMNS:
        return None
    if listed and facts.get("type", "select") in WITH_OPTIONS:
        kind = "multi_select" if is_several or is_plural(text) else "select"
        facts = {"type": kind} | facts | {"options": options(listed)}
    return {"name": name} | facts


def completed(data: Mapping[str, Json], usual: Column | None = None, of: str = "") -> Column:
    """The column with what the words left open.

    Args:
        data: what `stated` found.
        usual: the column that such a table has under that name: its type and settings fill the gaps. Whether it is
            required or unique is not taken over: who lists columns says so where they want it.
        of: the name of the table: an `invoice number` of invoices counts up, elsewhere it is a text.
    """
    words_of_name = data["name"].replace("_", " ")
    full = {"type": "auto_number" if _is_own_number(data["name"], of) else type_of(words_of_name)} | dict(data)
    if usual is not None and data.get("type", usual.type) == usual.type:
        left_out = {"required", "unique"} | ({"default"} if "options" in data else set())
        inherited = {key: value for key, value in usual.to_json().items() if key not in left_out}
        full = inherited | dict(data)
    if full["type"] in WITH_OPTIONS:
        full = {"options": usual_options(words_of_name) or any_options()} | full
    if full["type"] == "auto_number" and of:
        full = {"prefix": _prefix(of)} | full
    if words_of_name in words("required"):
        full |= {"required": True}
    return Column.from_json(full, "$")


def any_options() -> list[Json]:
    """Choices where nothing is said of them and nothing is usual."""
    return options(_ANY_OPTIONS)


def currency_of(text: str) -> str:
    """The currency that a person names as a type: `currency EUR`, `dollars`; empty when it is none."""
    found = pattern("a_currency").match(bare(text))
    return _currency(found["unit"]) if found else ""


def role_in(phrase: str) -> Role | None:
    """`parent category` as a role and a noun; None where the first word is no role."""
    role, _, noun = phrase.lower().strip().partition(" ")
    return Role(role, noun) if noun and role in words("roles") else None


def run_on(phrase: str) -> tuple[str, ...]:
    """`name email phone` as three attributes; any phrase that may be one attribute as it is."""
    listed, said = words("run_on"), phrase.lower().split()
    found: list[str] = []
    while said:
        size = next((size for size in (3, 2, 1) if " ".join(said[:size]) in listed), 2 * (said[1:2] == ["date"]))
        if not size:
            return (phrase,)
        found.append(" ".join(said[:size]))
        said = said[size:]
    may_be_one = found[-1] in words("run_on_ends") or found[0] in words("run_on_starts")
    is_certain = len(found) > 2 or not may_be_one
    return tuple(found) if is_certain else (phrase,)


def slashed(phrase: str) -> tuple[str, ...]:
    """`amount/date/donor` as three attributes; `yes/no` and `date/time` as they are."""
    parts = tuple(part.strip() for part in phrase.split("/"))
    return parts if len(parts) > 2 and ":" not in phrase else (phrase,)


def shared_noun(phrase: str, following: str) -> str:
    """`first` before `last name` as `first name`; any other phrase as it is."""
    modifiers, tail, last = words("modifiers"), following.split(), phrase.lower().split()[-1]
    return f"{phrase} {' '.join(tail[1:])}" if last in modifiers and len(tail) > 1 and tail[0] in modifiers else phrase


def _read_aside(aside: str, facts: dict[str, Json], listed: list[str]) -> None:
    pieces = values(aside)
    plain = [piece for piece in pieces if piece.lower() not in _FLAGS]
    for piece in pieces:
        if piece.lower() in _FLAGS:
            facts.update(_FLAGS[piece.lower()])
        elif pattern("counting").match(piece):
            facts["type"] = "auto_number"
        elif found := pattern("out_of").match(f"x {piece}"):
            facts |= _rating(found["max"])
        elif currency := currency_of(piece):
            facts |= {"type": "currency", "currency": currency}
        elif kind := explicit_type(aside) or (explicit_type(piece) if len(plain) == 1 else ""):
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
    """The text without the words that say what type it is of; those go to the facts and to the listed choices."""
    if found := pattern("in_currency").match(text):
        facts |= {"type": "currency", "currency": _currency(found["type"])}
        return found["name"]
    if found := pattern("out_of").match(text):
        facts |= _rating(found["max"])
        return found["name"]
    for name, kind in _TELLING.items():
        if found := pattern(name).match(text):
            facts["type"] = kind
            return found["name"]
    return _take_named_type(pattern("a_field").sub("", text), facts, listed)


def _take_named_type(text: str, facts: dict[str, Json], listed: list[str]) -> str:
    """The text without the name of a type and without choices."""
    for name in ("typed_before", "as_type", "typed_after", "colon_type"):
        if (found := pattern(name).match(text)) and explicit_type(found["type"]):
            facts["type"] = explicit_type(found["type"])
            text = found["name"]
            if name != "typed_before":
                return text
    for name in ("several_of", "colon_type", "of_values"):
        if (found := pattern(name).match(text)) and len(choices := values(found["type"])) > 1:
            listed += choices
            facts |= {"type": "multi_select"} if name == "several_of" else {}
            return found["name"]
    return text


def _currency(unit: str) -> str:
    return _CURRENCIES.get(unit.lower(), unit.upper())


def _rating(most: str) -> dict[str, Json]:
    return {"type": "rating", "max": int(most)} if 2 <= int(most) <= 10 else {"type": "integer"}


def _is_own_number(name: str, of: str) -> bool:
    """Whether it numbers the rows of the table itself, and these are of a kind that offices number."""
    return bool(of) and name == f"{noun_key(of)}_number" and kind_of(of) in ("money", "work")


def _prefix(of: str) -> str:
    """`INV-` for invoices."""
    return f"{noun_key(of)[:3].upper()}-"
