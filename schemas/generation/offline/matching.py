"""Which bundled blueprint a prompt is about, and which of its tables a noun means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from schemas.blueprints import Blueprint, blueprints
from schemas.document import Table
from schemas.generation.offline.lexicon import noun_key

_FIELD_WEIGHT = 3
_TABLE_WEIGHT = 2
_GENERAL = ("projects", "sales_crm", "freelancer", "inventory", "library", "clinic")
"""Blueprints whose tables fit any line of work, in the order in which they are asked; the others follow by title."""


def best_blueprint(prompt: str, field: str, nouns: Iterable[str]) -> Blueprint | None:
    """The blueprint that fits best; None when nothing in the prompt speaks for any.

    Args:
        prompt: all of the user's words.
        field: those of them that name the line of work; they count three times.
        nouns: the things that the prompt names.
    """
    named = list(nouns)

    def score(blueprint: Blueprint) -> int:
        tables = sum(_TABLE_WEIGHT for noun in named if _own_table(blueprint, noun))
        return _hits(blueprint, prompt) + _FIELD_WEIGHT * _hits(blueprint, field) + tables

    best = max(_general_first(), key=score)
    return best if score(best) else None


def speaks_of(blueprint: Blueprint, text: str) -> bool:
    """Whether the text has one of the blueprint's keywords."""
    return _hits(blueprint, text) > 0


def table_of(noun: str, first: Blueprint | None) -> tuple[Blueprint, Table] | None:
    """The bundled table that a noun means: in the chosen blueprint by name or alias, in others by name alone."""
    if first and (table := _own_table(first, noun)):
        return first, table
    key = noun_key(noun)
    for blueprint in _general_first():
        for table in blueprint.document:
            if noun_key(table.name) == key:
                return blueprint, table
    return None


def is_known(noun: str) -> bool:
    """Whether any blueprint has a table of that name or alias."""
    return noun_key(noun) in _known_keys()


@cache
def _general_first() -> tuple[Blueprint, ...]:
    places = {key: place for place, key in enumerate(_GENERAL)}
    return tuple(sorted(blueprints(), key=lambda blueprint: places.get(blueprint.key, len(places))))


@cache
def _known_keys() -> frozenset[str]:
    names = {noun_key(table.name) for blueprint in blueprints() for table in blueprint.document}
    aliases = {noun_key(alias) for blueprint in blueprints() for group in blueprint.aliases.values() for alias in group}
    return frozenset(names | aliases)


@cache
def _own_table(blueprint: Blueprint, noun: str) -> Table | None:
    key = noun_key(noun)
    by_name = {noun_key(table.name): table for table in blueprint.document}
    if key in by_name:
        return by_name[key]
    for name, aliases in blueprint.aliases.items():
        if key in {noun_key(alias) for alias in aliases}:
            return blueprint.document.table(name)
    return None


def _hits(blueprint: Blueprint, text: str) -> int:
    """How many words of the text are keywords, counting the longest ones first and each word once."""
    remaining, hits = f" {' '.join(re.findall(r'[a-zé&]+(?:-[a-zé]+)?', text.lower()))} ", 0
    for keyword in sorted(blueprint.keywords, key=len, reverse=True):
        found = next((form for ending in ("", "s", "es") if (form := f" {keyword}{ending} ") in remaining), "")
        if found:
            hits += len(keyword.split())
            remaining = remaining.replace(found, "  ", 1)
    return hits
