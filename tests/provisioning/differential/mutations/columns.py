"""Changes of columns, except of their types."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.provisioning.differential import documents
from tests.provisioning.differential.mutations import draft
from tests.provisioning.documents import Document


def add_column(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    name = draft.free_name(random, documents.COLUMN_NAMES, draft.names(document, table))
    table["columns"].append(documents.column(random, draft.free_id(document, history, "c_"), name))
    return True


def drop_column(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = draft.any_column(random, document)
    if found is None:
        return False
    table, column = found
    table["columns"].remove(column)
    draft.forget_in_sets(table, column["name"])
    table["ui_hints"] = {}
    return bool(table["columns"])


def rename_column(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    column = random.choice(table["columns"])
    new = draft.free_name(random, documents.COLUMN_NAMES, draft.names(document, table))
    draft.rename_in_sets(table, {column["name"]: new})
    table["ui_hints"] = {}
    column["name"] = new
    return True


def swap_columns(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = draft.pick(random, [table for table in document["tables"] if len(table["columns"]) > 1])
    if table is None:
        return False
    one, two = random.sample(table["columns"], 2)
    draft.rename_in_sets(table, {one["name"]: two["name"], two["name"]: one["name"]})
    one["name"], two["name"] = two["name"], one["name"]
    return True


def require(random: Random, document: Document, history: Sequence[Document]) -> bool:
    columns = [column for table in document["tables"] for column in table["columns"]]
    free = [column for column in columns if not column.get("required") and column["type"] != "auto_number"]
    column = draft.pick(random, free)
    if column is None:
        return False
    column["required"] = True
    column.pop("default", None)
    return True


def require_with_default(random: Random, document: Document, history: Sequence[Document]) -> bool:
    columns = [column for table in document["tables"] for column in table["columns"]]
    column = draft.pick(random, [column for column in columns if not column.get("required")])
    found = documents.default(random, column) if column else None
    if column is None or found is None:
        return False
    column |= {"required": True, "default": found}
    return True


def make_optional(random: Random, document: Document, history: Sequence[Document]) -> bool:
    columns = [column for table in document["tables"] for column in table["columns"]]
    column = draft.pick(random, [*(each for each in (*columns, *document["relationships"]) if each.get("required"))])
    if column is None:
        return False
    column["required"] = False
    return True


def change_default(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = draft.any_column(random, document)
    value = documents.default(random, found[1]) if found else None
    if found is None or value == found[1].get("default"):
        return False
    found[1]["default"] = value
    return True


def add_option(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = draft.any_column(random, document, "select", "multi_select")
    if found is None:
        return False
    known = {option["value"] for option in found[1]["options"]}
    new = [value for value in (*documents.OPTIONS, "extra") if value not in known]
    found[1]["options"].insert(random.randrange(len(known) + 1), {"value": random.choice(new)})
    return True


def drop_option(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = draft.any_column(random, document, "select", "multi_select")
    if found is None or len(found[1]["options"]) < 2:
        return False
    gone = random.choice(found[1]["options"])
    found[1]["options"].remove(gone)
    found[1].pop("default", None)
    return True


def add_unique(random: Random, document: Document, history: Sequence[Document]) -> bool:
    columns = [column for table in document["tables"] for column in table["columns"]]
    free = [column for column in columns if not column.get("unique") and column["type"] in documents.ORDERED]
    column = draft.pick(random, free)
    if column is None:
        return False
    column["unique"] = True
    return True


def drop_unique(random: Random, document: Document, history: Sequence[Document]) -> bool:
    columns = [column for table in document["tables"] for column in table["columns"]]
    column = draft.pick(random, [each for each in columns if each.get("unique") and each["type"] != "auto_number"])
    if column is None:
        return False
    column["unique"] = False
    return True
