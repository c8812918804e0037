"""Which tables a description asks for: each thing that it names, and what these link to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.blueprints import Blueprint
from schemas.document import Table
from schemas.generation.offline.lexicon import noun_key, table_name
from schemas.generation.offline.matching import table_of
from schemas.generation.offline.mentions import Mention


@dataclass(frozen=True, slots=True)
class Plan:
    """One table to be: what the text says, and the bundled table that it means."""

    mention: Mention
    name: str
    source: tuple[Blueprint, Table] | None


def plans_of(mentions: Sequence[Mention], blueprint: Blueprint | None) -> list[Plan]:
    """One plan for every mention, and for every certain target of a link that is not mentioned itself."""
    known = {mention.key for mention in mentions}
    targets = [
        Mention(link.target)
        for mention in mentions
        for link in mention.links
        if link.is_certain and noun_key(link.target) not in known
    ]
    plans: dict[str, Plan] = {}
    for mention in (*mentions, *targets):
        name = table_name(mention.phrase)
        source = table_of(mention.phrase, blueprint)
        if source and noun_key(source[1].name) == mention.key:
            name = source[1].name
        if name:
            plans.setdefault(name, Plan(mention, name, source))
    return list(plans.values())
