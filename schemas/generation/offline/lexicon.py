"""What single words mean: types by name, usual choices, colours, icons. The words themselves are in `lexicon.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from schemas.document import Json
from schemas.names import humanise, plural, reserved_as_column, singular

MAX_SLUG: Final = 40
"""Longest name that is made of words, in characters: leaves room for suffixes and for names built on it."""

_SHORT_WORD: Final = 5
_WORD = re.compile(r"[a-z0-9]+")
_DETERMINERS = re.compile(
    r"^(?:(?:a|an|the|each|every|all|any|our|my|their|its|his|her|some|many|multiple|several|various|different|one|new|"
    r"existing|list of|lists of|set of|also|then|and|of|exactly one|at least one|another)\s+)+",
    re.IGNORECASE,
)


@cache
def words(section: str) -> Any:
    """One section of `lexicon.json`."""
    return _lexicon()[section]


@cache
def all_text() -> str:
    """The file as it is."""
    return (files(__package__) / "lexicon.json").read_text("utf-8")


@cache
def _lexicon() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(all_text())
    return data


def bare(phrase: str) -> str:
    """The phrase without what only introduces it: `each of the agents` as `agents`."""
    return _DETERMINERS.sub("", phrase.strip(" .,:;\"'")).strip(" .,:;\"'")


def is_singular_mention(phrase: str) -> bool:
    """Whether the phrase speaks of one: `a patient`, `each deal`, `patient`."""
    return bool(re.match(r"(?:an?|each|every|one|exactly one)\s", phrase, re.IGNORECASE)) or not is_plural(phrase)


@lru_cache(maxsize=4096)
def is_plural(phrase: str) -> bool:
    """Whether its last word is a plural."""
    last = phrase.lower().split()[-1] if phrase.split() else ""
    return singular(last) != last


def slug(phrase: str) -> str:
    """The phrase as a name: `Date of birth` as `date_of_birth`; empty when nothing of it can stand in a name."""
    text = phrase.lower().replace("'s ", " ").replace("'", "").replace("é", "e").replace("&", " and ")
    parts = _WORD.findall(text)
    while parts and not parts[0][0].isalpha():
        parts.pop(0)
    name = "_".join(parts)
    return name if len(name) <= MAX_SLUG else name[:MAX_SLUG].rsplit("_", 1)[0]


def table_name(phrase: str) -> str:
    """`estate agent` as `estate_agents`."""
    return slug(plural(bare(phrase)))


@lru_cache(maxsize=4096)
def noun_key(phrase: str) -> str:
    """What makes two phrases the same thing: `Estate agents` and `an estate agent` as `estate_agent`."""
    return singular(slug(bare(phrase)))


def column_name(phrase: str) -> str:
    """The phrase as the name of a column, out of the way of names that no column may have."""
    name = slug(bare(phrase))
    return f"{name}_value" if name and reserved_as_column(name) else name


def type_of(phrase: str) -> str:
    """The column type that a name suggests: the rule that matches most of it wins; `text` when none does."""
    text = " ".join(_WORD.findall(phrase.lower().replace("e-mail", "email")))
    said = text.split()
    endings, starts = _type_rules()
    best, found = 0, "text"
    for at in range(len(said)):
        ending = " ".join(said[at:])
        if ending in endings and len(ending) > best:
            best, found = len(ending), endings[ending]
    for at in range(1, len(said)):
        start = " ".join(said[:at])
        if start in starts:
            kind, wins = starts[start]
            if (length := len(text) if wins else len(start)) > best:
                best, found = length, kind
    return found


@cache
def _type_rules() -> tuple[dict[str, str], dict[str, tuple[str, bool]]]:
    """Types by what a name ends with, and by what it starts with: the latter with whether that beats any ending."""
    endings: dict[str, str] = {}
    starts: dict[str, tuple[str, bool]] = {}
    for rule in words("types"):
        for ending in (*rule.get("ends", ()), *rule.get("words", ())):
            endings.setdefault(" ".join(_WORD.findall(ending)), rule["type"])
        for start in rule.get("starts", ()):
            starts.setdefault(start, (rule["type"], bool(rule.get("starts_win"))))
    return endings, starts


def explicit_type(phrase: str) -> str:
    """The type that a person names, such as `yes/no` or `a number`; empty when it is no type."""
    text = bare(phrase).lower().removesuffix(" field").removesuffix(" column")
    known: dict[str, str] = words("explicit_types")
    return known.get(text, "")


def is_member(phrase: str) -> bool:
    """Whether the phrase means somebody who works in the project: `a team member`."""
    return noun_key(phrase).replace("_", " ") in words("members")


def is_shared(phrase: str) -> bool:
    """Whether many things have the same ones of these, such as tags: having many of them links both ways."""
    return noun_key(phrase).split("_")[-1] in words("shared_things")


def self_role(verb: str) -> str:
    """What a row is called by the one that points to it: `manager` for `report to`; empty when nothing is usual."""
    roles: dict[str, str] = words("self_roles")
    said = verb.lower().split()
    return next((role for stem, role in roles.items() if any(word.startswith(stem) for word in said)), "")


def usual_options(phrase: str) -> list[Json]:
    """The choices that a column of that name usually has; empty when nothing is usual."""
    listed: dict[str, list[str]] = words("options")
    text = phrase.lower().replace("_", " ")
    for name, entries in listed.items():
        if text == name or text.endswith(" " + name):
            return [_option(*entry.split(":")) for entry in entries]
    return []


def options(values: Iterable[str]) -> list[Json]:
    """Listed values as options, in a colour that fits their meaning or else the next of the palette."""
    palette: Sequence[str] = words("colors")
    made: list[Json] = []
    seen: set[str] = set()
    for value in values:
        label = value.strip(" .\"'")
        if (key := slug(label) or _numeric_slug(label)) and key not in seen:
            seen.add(key)
            made.append(_option(label, _meaningful_color(label) or palette[len(made) % len(palette)]))
    return made


def kind_of(phrase: str) -> str:
    """What sort of thing a noun is: `people`, `happenings`, `money`, `work`, or `things` when it is none of them."""
    last = noun_key(phrase).split("_")[-1]
    whole = noun_key(phrase).replace("_", " ")
    for kind in ("people", "happenings", "money", "work"):
        if last in words(kind) or whole in words(kind):
            return kind
    if any(last.endswith(person) for person in words("people") if len(person) > _SHORT_WORD):
        return "people"
    return "things"


def is_person(phrase: str) -> bool:
    """Whether the noun is a person, as far as its ending tells."""
    return kind_of(phrase) == "people" or bool(re.search(r"(?:er|or|ist|ian|ant|eer)\Z", noun_key(phrase)))


def icon_of(phrase: str) -> str:
    """A Material Symbols name for the noun."""
    icons: dict[str, str] = words("icons")
    last = noun_key(phrase).split("_")[-1]
    return icons.get(last) or icons[kind_of(phrase)]


def _option(label: str, color: str) -> dict[str, Json]:
    shown = label if label != label.lower() else humanise(label)
    return {"value": slug(label) or _numeric_slug(label), "label": shown, "color": color}


def _numeric_slug(label: str) -> str:
    parts = _WORD.findall(label.lower())
    return "n" + "_".join(parts) if parts else ""


def _meaningful_color(label: str) -> str:
    meanings: dict[str, list[str]] = words("meaningful_colors")
    text = " ".join(_WORD.findall(label.lower()))
    return next((color for color, meant in meanings.items() if text in meant), "")
