"""Bundled applications: complete schema documents that somebody designed.

The home page shows them as a showcase, the offline engine takes tables from them, and Claude sees one as an example. A
blueprint is one JSON file in this folder, as `README.md` describes it; its document obeys the same rules as any other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from schemas.document import Column, Json, Schema
from schemas.json_values import freeze


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One bundled application.

    Args:
        key: its stable name, also its file's.
        title: what people call it.
        description: one sentence for the showcase.
        icon: a Material Symbols name.
        prompt: a sentence that makes it.
        keywords: words of its field, in lower case, by which a prompt is recognised.
        document: its tables.
        aliases: other words for its tables, in the singular, by table name.
        stand_ins: columns that replace a relation, by (table, column), where its target is left out.
        samples: what sample records are made of, by table name (`schemas.blueprints.samples`).
    """

    key: str
    title: str
    description: str
    icon: str
    prompt: str
    keywords: tuple[str, ...]
    document: Schema
    aliases: Mapping[str, tuple[str, ...]]
    stand_ins: Mapping[tuple[str, str], tuple[Column, ...]]
    samples: Mapping[str, Json]

    def __hash__(self) -> int:
        return hash(self.key)


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Every bundled blueprint, sorted by title."""
    texts = (file.read_text("utf-8") for file in files(__name__).iterdir() if file.name.endswith(".json"))
    return tuple(sorted((_read(text) for text in texts), key=lambda blueprint: blueprint.title))


def blueprint(key: str) -> Blueprint:
    """The blueprint of that key; raises `KeyError`."""
    for candidate in blueprints():
        if candidate.key == key:
            return candidate
    raise KeyError(key)


def _read(text: str) -> Blueprint:
    data = json.loads(text)
    return Blueprint(
        **{key: data[key] for key in ("key", "title", "description", "icon", "prompt")},
        keywords=tuple(data["keywords"]),
        document=Schema.from_json(data["document"]),
        aliases=MappingProxyType({table: tuple(words) for table, words in data["aliases"].items()}),
        stand_ins=MappingProxyType(
            {tuple(place.split(".")): _columns(items) for place, items in data["stand_ins"].items()}
        ),
        samples=freeze(data["samples"]),
    )


def _columns(items: list[dict[str, object]]) -> tuple[Column, ...]:
    return tuple(Column.from_json(item, "$.stand_ins") for item in items)
