"""A document that is being changed: what is found in it, and what goes with a thing that goes."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from schemas.document import MANY_TO_MANY
from tests.provisioning.differential import documents
from tests.provisioning.documents import Document


def pick(random: Random, found: Sequence[Document]) -> Document | None:
    return random.choice(found) if found else None


def any_column(random: Random, document: Document, *kinds: str) -> tuple[Document, Document] | None:
    """A table and a column of it that is no relation."""
    found = [
        (table, column)
        for table in document["tables"]
        for column in table["columns"]
        if (not kinds and column["type"] != "auto_number") or column["type"] in kinds
    ]
    return random.choice(found) if found else None


def links(document: Document, *, many: bool) -> list[Document]:
    return [link for link in document["relationships"] if (link["type"] == MANY_TO_MANY) == many]


def free_id(document: Document, history: Sequence[Document], prefix: str) -> str:
    taken = {table["id"] for each in (document, *history) for table in each["tables"]}
    taken |= {column["id"] for each in (document, *history) for table in each["tables"] for column in table["columns"]}
    taken |= {link["id"] for each in (document, *history) for link in each["relationships"]}
    return next(f"{prefix}{place}" for place in range(999) if f"{prefix}{place}" not in taken)


def free_name(random: Random, names: Sequence[str], taken: Sequence[str]) -> str:
    free = [name for name in names if name not in taken]
    return random.choice(free) if free else f"more_{len(taken)}"


def rename_in_sets(table: Document, names: dict[str, str]) -> None:
    for index in table["indexes"]:
        index["columns"] = [names.get(name, name) for name in index["columns"]]
    table["unique"] = [[names.get(name, name) for name in columns] for columns in table["unique"]]


def forget_in_sets(table: Document, name: str) -> None:
    table["indexes"] = [index for index in table["indexes"] if name not in index["columns"]]
    table["unique"] = [columns for columns in table["unique"] if name not in columns]


def forget_link(document: Document, link: Document) -> None:
    document["relationships"].remove(link)
    for table in document["tables"]:
        if table["name"] == link["from_table"]:
            forget_in_sets(table, link["from_column"])


def names(document: Document, table: Document) -> list[str]:
    links = [link["from_column"] for link in document["relationships"] if link["from_table"] == table["name"]]
    return [column["name"] for column in table["columns"]] + links


def add_link(random: Random, document: Document, history: Sequence[Document], kind: str) -> bool:
    link = documents.relation(random, document, kind)
    link["id"] = free_id(document, history, "c_l")
    document["relationships"].append(link)
    return True


def retarget(random: Random, document: Document, links: Sequence[Document]) -> bool:
    link = pick(random, links)
    others = [table["name"] for table in document["tables"] if link and table["name"] != link["to_table"]]
    if link is None or not others:
        return False
    link["to_table"] = random.choice(others)
    return True
