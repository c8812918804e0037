"""Changes of relations."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.provisioning.differential import documents
from tests.provisioning.differential.mutations import draft
from tests.provisioning.documents import Document


def add_relation(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return draft.add_link(random, document, history, random.choice(["many_to_one", "one_to_one"]))


def drop_relation(random: Random, document: Document, history: Sequence[Document]) -> bool:
    link = draft.pick(random, draft.links(document, many=False))
    if link is None:
        return False
    draft.forget_link(document, link)
    return True


def retarget_relation(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return draft.retarget(random, document, draft.links(document, many=False))


def change_on_delete(random: Random, document: Document, history: Sequence[Document]) -> bool:
    link = draft.pick(random, draft.links(document, many=False))
    if link is None:
        return False
    ways = ["cascade", "restrict", *(["set_null"] if not link.get("required") else [])]
    link["on_delete"] = random.choice([way for way in ways if way != link["on_delete"]])
    return True


def change_cardinality(random: Random, document: Document, history: Sequence[Document]) -> bool:
    link = draft.pick(random, draft.links(document, many=False))
    if link is None:
        return False
    link["type"] = "many_to_one" if link["type"] == "one_to_one" else "one_to_one"
    link["unique"] = link["type"] == "one_to_one"
    return True


def add_circle(random: Random, document: Document, history: Sequence[Document]) -> bool:
    """Relations that lead from a table over others back to it."""
    names = [table["name"] for table in document["tables"]]
    ring = random.sample(names, min(len(names), random.choice([1, 2, 3])))
    for source, target in zip(ring, [*ring[1:], ring[0]], strict=True):
        link = documents.relation(random, document, "many_to_one")
        taken = [each["from_column"] for each in document["relationships"] if each["from_table"] == source]
        name = draft.free_name(random, [f"{name}_id" for name in documents.LINK_NAMES], taken)
        link |= {"from_table": source, "to_table": target, "from_column": name, "required": False}
        document["relationships"].append(link | {"id": draft.free_id(document, history, "c_l")})
    return True
