"""Changes of links: relations from many to many."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from schemas.document import MANY_TO_MANY
from tests.provisioning.differential import documents
from tests.provisioning.differential.mutations import draft
from tests.provisioning.documents import Document


def add_links(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return draft.add_link(random, document, history, MANY_TO_MANY)


def drop_links(random: Random, document: Document, history: Sequence[Document]) -> bool:
    link = draft.pick(random, draft.links(document, many=True))
    if link is None:
        return False
    draft.forget_link(document, link)
    return True


def retarget_links(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return draft.retarget(random, document, draft.links(document, many=True))


def rename_links(random: Random, document: Document, history: Sequence[Document]) -> bool:
    link = draft.pick(random, draft.links(document, many=True))
    if link is None:
        return False
    taken = [each["from_column"] for each in document["relationships"] if each["from_table"] == link["from_table"]]
    link["from_column"] = draft.free_name(random, documents.LINK_NAMES, taken)
    return True
