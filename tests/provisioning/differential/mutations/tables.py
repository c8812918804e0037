"""Changes of tables."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.provisioning.differential import documents
from tests.provisioning.differential.mutations import columns, draft
from tests.provisioning.documents import Document


def add_table(random: Random, document: Document, history: Sequence[Document]) -> bool:
    names = [table["name"] for table in document["tables"]]
    table = documents._table(
        random, draft.free_id(document, history, "t_"), draft.free_name(random, documents.TABLE_NAMES, names)
    )
    document["tables"].append(table)
    return True


def drop_table(random: Random, document: Document, history: Sequence[Document]) -> bool:
    pointed = {link["to_table"] for link in document["relationships"] if link["to_table"] != link["from_table"]}
    table = draft.pick(random, [table for table in document["tables"] if table["name"] not in pointed])
    if table is None or len(document["tables"]) == 1:
        return False
    _forget_table(document, table["name"])
    return True


def drop_table_that_others_point_to(random: Random, document: Document, history: Sequence[Document]) -> bool:
    pointed = [link["to_table"] for link in document["relationships"] if link["to_table"] != link["from_table"]]
    if not pointed:
        return False
    gone = random.choice(pointed)
    others = [table["name"] for table in document["tables"] if table["name"] != gone]
    for link in list(document["relationships"]):
        if link["to_table"] == gone and link["from_table"] != gone and random.random() < 0.4:
            link["to_table"] = random.choice(others)
    _forget_table(document, gone)
    return True


def rename_table(random: Random, document: Document, history: Sequence[Document]) -> bool:
    names = [table["name"] for table in document["tables"]]
    _rename_table(document, random.choice(names), draft.free_name(random, documents.TABLE_NAMES, names))
    return True


def swap_tables(random: Random, document: Document, history: Sequence[Document]) -> bool:
    names = [table["name"] for table in document["tables"]]
    if len(names) < 2:
        return False
    one, two = random.sample(names, 2)
    for old, new in ((one, "aside"), (two, one), ("aside", two)):
        _rename_table(document, old, new)
    return True


def rename_table_and_add_column(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return rename_table(random, document, history) and columns.add_column(random, document, history)


def change_access(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    table["access"] = "project" if table["access"] == "private" else "private"
    return True


def change_hints(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    table["ui_hints"] = {**table.get("ui_hints", {}), "label": random.choice(["Thing", 'It\'s "here"', "{0} %s"])}
    table["description"] = random.choice(["One", "Two", "Three"])
    return True


def _rename_table(document: Document, old: str, new: str) -> None:
    for table in document["tables"]:
        if table["name"] == old:
            table["name"] = new
            break
    for link in document["relationships"]:
        for end in ("from_table", "to_table"):
            if link[end] == old:
                link[end] = new


def _forget_table(document: Document, name: str) -> None:
    document["tables"] = [table for table in document["tables"] if table["name"] != name]
    for link in [each for each in document["relationships"] if name in (each["from_table"], each["to_table"])]:
        draft.forget_link(document, link)
