"""What was there before, and comes back."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from random import Random

from tests.provisioning.differential.mutations import draft
from tests.provisioning.documents import Document


def bring_back_table(random: Random, document: Document, history: Sequence[Document]) -> bool:
    """A table with the id of one that went, and those of its relations that have both ends."""
    present = {table["id"] for table in document["tables"]}
    lost = [(each, table) for each in history for table in each["tables"] if table["id"] not in present]
    if not lost:
        return False
    version, table = random.choice(lost)
    table = deepcopy(table)
    old = table["name"]
    ids = {each["name"]: each["id"] for each in version["tables"]}
    table["name"] = draft.free_name(random, [old], [each["name"] for each in document["tables"]])
    document["tables"].append(table)
    names = {each["id"]: each["name"] for each in document["tables"]}
    taken = {link["id"] for link in document["relationships"]}
    for link in deepcopy(version["relationships"]):
        ends = [ids[link["from_table"]], ids[link["to_table"]]]
        if table["id"] not in ends or link["id"] in taken:
            continue
        if all(end in names for end in ends):
            link["from_table"], link["to_table"] = (names[end] for end in ends)
            document["relationships"].append(link)
        elif link["from_table"] == old:
            draft.forget_in_sets(table, link["from_column"])
    return True


def bring_back_column(random: Random, document: Document, history: Sequence[Document]) -> bool:
    """A column, or a relation, with the id of one that went."""
    tables = {table["id"]: table for table in document["tables"]}
    lost: list[tuple[Document, Document, Document]] = []
    for version in history:
        ids = {each["name"]: each["id"] for each in version["tables"]}
        for table in version["tables"]:
            now = tables.get(table["id"])
            if now is None:
                continue
            present = {column["id"] for column in now["columns"]}
            lost += [(now, column, {}) for column in table["columns"] if column["id"] not in present]
        links = {link["id"] for link in document["relationships"]}
        for link in version["relationships"]:
            source, target = tables.get(ids[link["from_table"]]), tables.get(ids[link["to_table"]])
            if source and target and link["id"] not in links:
                lost.append((source, link, target))
    if not lost:
        return False
    table, column, target = random.choice(lost)
    column = deepcopy(column)
    if target:
        column |= {"from_table": table["name"], "to_table": target["name"]}
        document["relationships"].append(column)
    else:
        column["name"] = draft.free_name(random, [column["name"]], draft.names(document, table))
        if random.random() < 0.5:
            column |= {"required": False, "unique": column["type"] == "auto_number"}
        table["columns"].append(column)
    return True
