"""Changes of columns that count."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.provisioning.differential import documents
from tests.provisioning.differential.mutations import draft
from tests.provisioning.documents import Document


def add_number(random: Random, document: Document, history: Sequence[Document]) -> bool:
    free = [table for table in document["tables"] if all(each["type"] != "auto_number" for each in table["columns"])]
    table = draft.pick(random, free)
    if table is None:
        return False
    name = draft.free_name(random, ("number", "code"), draft.names(document, table))
    table["columns"].append(documents.number(random, name))
    return True


def drop_number(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = draft.any_column(random, document, "auto_number")
    if found is None:
        return False
    found[0]["columns"].remove(found[1])
    draft.forget_in_sets(found[0], found[1]["name"])
    return bool(found[0]["columns"])


def change_start(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = draft.any_column(random, document, "auto_number")
    if found is None:
        return False
    found[1]["start"] = random.choice([start for start in (0, 1, 7, 500, 10_000) if start != found[1].get("start", 1)])
    return True
