"""Sentences that say how many of a thing go with another, or that a thing goes with others of its own kind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import bare, column_name, noun_key, self_role, type_of, words


@dataclass(frozen=True, slots=True)
class Bond:
    """What such a sentence says.

    Args:
        thing: what it is about, in words.
        target: what that is linked to; empty for another of the same.
        role: what the other is to it, such as `manager`.
        is_many: whether each may have many of the other.
    """

    thing: str
    target: str
    role: str = ""
    is_many: bool = False


def bond_of_sentence(text: str) -> Bond | None:
    """`projects and tags are many-to-many`, in which `and` does not separate."""
    found = pattern("both_ways").match(text) or pattern("both_ways_after").match(text)
    return Bond(found["thing"], found["rest"], is_many=True) if found else None


def bond_of(text: str, mentioned: Collection[str]) -> Bond | None:
    """`employees report to another employee`, `each has a manager who is an employee`, `students take many courses`.

    Args:
        text: the words between two separators.
        mentioned: the keys of all things that are mentioned: a manager is one of the same unless managers are, too.
    """
    if found := pattern("self_link").match(text) or pattern("reports_to").match(text):
        target = bare(found["rest"] or "")
        is_superior = target.lower() in words("superiors") and noun_key(target) not in mentioned
        is_same = is_superior or noun_key(target) in ("", "one", noun_key(found["thing"]))
        return Bond(found["thing"], "" if is_same else target, self_role(found["verb"]) if is_same else "")
    if found := pattern("role_is_thing").match(text):
        return Bond(found["thing"], bare(found["rest"]), column_name(found["role"]))
    if found := pattern("goes_with_many").match(text):
        return Bond(found["thing"], found["rest"], is_many=True)
    return None


def single_target(text: str) -> str:
    """`exactly one locker` as `locker`, which no other row has; empty for an attribute, such as a status."""
    found = pattern("single").match(text)
    return bare(found["rest"]) if found and type_of(found["rest"]) == "text" else ""
