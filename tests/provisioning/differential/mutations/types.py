"""Changes of the types of columns, and of how much a type holds."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from tests.provisioning.differential import documents
from tests.provisioning.differential.mutations import draft
from tests.provisioning.documents import Document

_LOSSLESS: Final = {
    "text": ("long_text", "rich_text"),
    "integer": ("decimal", "text"),
    "decimal": ("text",),
    "currency": ("decimal", "text"),
    "boolean": ("text",),
    "date": ("datetime", "text"),
    "select": ("text", "multi_select"),
    "email": ("text", "long_text"),
    "phone": ("text",),
    "url": ("long_text",),
    "rating": ("integer", "text"),
    "uuid": ("user", "text"),
    "duration": ("text",),
    "time": ("text",),
    "datetime": ("text",),
    "percent": ("decimal", "text"),
    "multi_select": ("text", "json"),
    "long_text": ("rich_text",),
}
_LOSSY: Final = {
    "text": ("integer", "boolean", "select", "date", "email", "json", "decimal", "multi_select"),
    "long_text": ("text", "integer"),
    "decimal": ("integer", "rating"),
    "currency": ("integer",),
    "integer": ("rating", "percent"),
    "datetime": ("date", "time"),
    "multi_select": ("select",),
    "json": ("text",),
    "rich_text": ("text",),
    "email": ("phone", "select"),
    "url": ("text",),
}


def change_type_without_loss(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return _retype(random, document, _LOSSLESS)


def change_type_with_loss(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return _retype(random, document, _LOSSY)


def _retype(random: Random, document: Document, ways: dict[str, tuple[str, ...]]) -> bool:
    found = draft.any_column(random, document, *ways)
    if found is None:
        return False
    table, column = found
    new = random.choice(ways[column["type"]])
    drawn = documents.column(random, column["id"], column["name"], new)
    if new in ("text", "email", "phone", "url") and ways is _LOSSLESS:
        drawn.pop("max_length", None)
    place = table["columns"].index(column)
    table["columns"][place] = {**drawn, "required": column.get("required", False) and random.random() < 0.5}
    if new not in documents.ORDERED:
        draft.forget_in_sets(table, column["name"])
    return True


def change_digits(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = draft.any_column(random, document, "decimal")
    if found is None:
        return False
    digits = [(12, 2), (14, 4), (6, 1), (12, 1), (20, 8)]
    column = found[1]
    column.pop("default", None)
    precision, scale = random.choice([each for each in digits if each[0] != column.get("precision", 12)])
    column["precision"], column["scale"] = precision, scale
    return True


def change_length(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = draft.any_column(random, document, "text", "email")
    if found is None:
        return False
    column = found[1]
    column.pop("default", None)
    column["max_length"] = random.choice([length for length in (10, 30, 60, 200) if length != column.get("max_length")])
    return True
