"""Changes of unique sets and indexes."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.provisioning.differential import documents
from tests.provisioning.differential.mutations import draft
from tests.provisioning.documents import Document


def add_unique_set(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    names = [*documents.indexable(document, table), "created_at", "user_id"]
    columns = random.sample(names, random.choice([2, min(3, len(names))]))
    if sorted(columns) in [sorted(each) for each in table["unique"]]:
        return False
    table["unique"].append(columns)
    return True


def drop_unique_set(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = draft.pick(random, [table for table in document["tables"] if table["unique"]])
    if table is None:
        return False
    table["unique"].remove(random.choice(table["unique"]))
    return True


def add_index(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    names = [*documents.indexable(document, table), "created_at"]
    index = {"columns": random.sample(names, random.choice([1, min(2, len(names))]))}
    if index in table["indexes"]:
        return False
    table["indexes"].append(index)
    return True


def drop_index(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = draft.pick(random, [table for table in document["tables"] if table["indexes"]])
    if table is None:
        return False
    table["indexes"].remove(random.choice(table["indexes"]))
    return True
