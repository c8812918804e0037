"""The things that a text names, with their attributes and links, and what becomes of these once all are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.document import Json
from schemas.generation.offline.attributes import role_in
from schemas.generation.offline.lexicon import column_name, is_member, is_shared, noun_key


@dataclass(frozen=True, slots=True)
class Link:
    """That a thing points to another one.

    Args:
        target: the other thing in words.
        is_certain: whether the words can mean nothing else: `bookings for classes` does, `bookings for June` does not.
        is_many: whether it points to many of them.
        is_required: whether it cannot be without one.
        is_single: whether nothing else points to the same one.
        role: what the other thing is to this one, such as `manager`; empty when there is nothing special to it.
        verb: how the words say it, such as `assigned to`.
    """

    target: str
    is_certain: bool = True
    is_many: bool = False
    is_required: bool = False
    is_single: bool = False
    role: str = ""
    verb: str = ""


@dataclass(slots=True)
class Mention:
    """A thing that the text names, and what it says about it so far."""

    phrase: str
    columns: list[dict[str, Json]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What makes two mentions the same thing."""
        return noun_key(self.phrase)


def settled(mentions: Mapping[str, Mention]) -> tuple[Mention, ...]:
    """All mentions; an attribute that turned out to be a thing is a link to it, a link to a member an attribute."""
    for mention in mentions.values():
        for data in [item for item in mention.columns if set(item) <= {"name", "required"}]:
            if link := _link_instead(data, mention, mentions):
                mention.columns.remove(data)
                give(mention, link, mentions)
        for link in [link for link in mention.links if noun_key(link.target) not in mentions]:
            if is_member(link.target):
                mention.links.remove(link)
                mention.columns.append({"name": column_name(link.verb or link.target), "type": "user"})
    return tuple(mentions.values())


def give(mention: Mention, link: Link, mentions: Mapping[str, Mention]) -> None:
    """Gives the mention a link; of what it has many of, each points back to it, unless many share the same."""
    owned = mentions.get(noun_key(link.target))
    if link.is_many and owned and not is_shared(link.target):
        owned.links.append(Link(mention.phrase))
    else:
        mention.links.append(link)


def _link_instead(data: Mapping[str, Json], mention: Mention, mentions: Mapping[str, Mention]) -> Link | None:
    """The link that an attribute is: `patient` where there are patients, `parent category` of a category."""
    name, is_required = data["name"], bool(data.get("required"))
    key = noun_key(name)
    if key in mentions and key != mention.key:
        return Link(key.replace("_", " "), is_required=is_required, is_many=name != key)
    played = role_in(name.replace("_", " "))
    if played and noun_key(played.noun) in mentions:
        return Link(played.noun, is_required=is_required, role=f"{played.role}_{noun_key(played.noun)}")
    return None
