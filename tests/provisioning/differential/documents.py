"""Random documents: small ones, in which everything that provisioning knows has its place."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any, Final

from schemas.column_types import column_types
from schemas.document import MANY_TO_MANY, Column, Json, Schema
from schemas.validation import validate
from tests.provisioning.documents import Document

TABLE_NAMES: Final = ("alpha", "user", "group", "order", "x" * 40, "select_from", "pg", "delta")
COLUMN_NAMES: Final = ("one", "two", "order", "user", "value", "y" * 63, "table", "time", "a1_b2", "name")
LINK_NAMES: Final = ("first", "second", "third", "fourth", "fifth")
TYPES: Final = tuple(
    kind.key for kind in column_types if kind.key not in ("relation", MANY_TO_MANY, "auto_number", "attachment")
)
OPTIONS: Final = ("open", "closed", "12", "true", "late")
_OFTEN: Final = ("text", "integer", "decimal", "select", "boolean", "date")
ORDERED: Final = tuple(key for key in TYPES if key not in ("json", "long_text", "rich_text", "url", "multi_select"))
"""The types that an index may have."""
TEXTS: Final = (
    "12", "-7", "3.5", "true", "no", "open", "Closed", "2026-11-20", "2026-11-20T12:30:00Z", "a@example.com", "x",
    "O'Hara \u05d0 \U0001f600 \\ %s {x}", "a longer text of more than thirty characters", "https://example.com",
    "12:30", "+49 30 123456", '{"a": 1}', "open, closed",
)  # fmt: skip
_MORE_VALUES: Final[dict[str, tuple[Json, ...]]] = {
    "text": TEXTS,
    "long_text": TEXTS,
    "integer": (1, 2, 3, 12, 10**11),
    "decimal": ("1.00", "2.50", "3.14", "9999999999.99"),
    "currency": ("1.00", "2.50", "12"),
    "date": ("2026-11-20", "2024-02-29"),
    "email": ("a@example.com", "b@example.com"),
    "select": OPTIONS,
    "multi_select": (["open"], ["open", "closed"], ["late"]),
    "rating": (1, 2, 3),
}


def generated(random: Random) -> Schema:
    """A valid schema of one to three tables."""
    while True:
        result = validate(_document(random))
        if result.schema is not None:
            return result.schema


def _document(random: Random) -> Document:
    names = random.sample(TABLE_NAMES, random.choice([1, 2, 2, 2, 3]))
    tables = [_table(random, f"t_{place}", name) for place, name in enumerate(names)]
    document = {"name": "Random", "tables": tables, "relationships": []}
    for _ in range(random.choice([0, 1, 2, 2, 3])):
        document["relationships"].append(relation(random, document))
    for table in tables:
        add_sets(random, document, table)
    return document


def _table(random: Random, table_id: str, name: str) -> Document:
    names = random.sample(COLUMN_NAMES, random.choice([1, 2, 2, 3]))
    columns = [column(random, f"c_{place}", each) for place, each in enumerate(names)]
    if random.random() < 0.15:
        columns.append(number(random, "number"))
    return {
        "id": table_id,
        "name": name,
        "access": random.choice(["private", "project"]),
        "columns": columns,
        "indexes": [],
        "unique": [],
    }


def column(random: Random, column_id: str, name: str, kind: str = "") -> Document:
    """A column that is no relation and no number.

    Args:
        random: where chance comes from.
        column_id: its id.
        name: its name.
        kind: its type; any where none is given.
    """
    kind = kind or random.choice(_OFTEN if random.random() < 0.6 else TYPES)
    data: Document = {"id": column_id, "name": name, "type": kind, **settings(random, kind)}
    data["required"] = random.random() < 0.25
    data["unique"] = kind in ORDERED and random.random() < 0.15
    if random.random() < 0.35:
        data["default"] = default(random, data)
    return {key: value for key, value in data.items() if value is not None}


def settings(random: Random, kind: str) -> Document:
    """Settings of a column of a type."""
    config: Document = dict(column_types.get(kind).example)
    if "options" in config:
        config["options"] = [{"value": value} for value in random.sample(OPTIONS, random.choice([2, 3]))]
    if kind == "text" and random.random() < 0.4:
        config["max_length"] = random.choice([20, 40, 100])
    if kind == "decimal" and random.random() < 0.4:
        config |= random.choice([{"precision": 14, "scale": 4}, {"precision": 6, "scale": 1}])
    return config


def default(random: Random, data: Document) -> Json:
    """A default for a column, None where it can have none."""
    kind = column_types.get(data["type"])
    words = list(kind.default_words)
    found = values(Column.from_json({**data, "default": None}, "$")) if not kind.no_default else ()
    return random.choice([*words, *found]) if words or found else None


def number(random: Random, name: str) -> Document:
    """A column that counts."""
    start = random.choice([0, 1, 500])
    return {"id": "c_number", "name": name, "type": "auto_number", "unique": True, "start": start}


def relation(random: Random, document: Document, kind: str = "") -> Document:
    """A relation between tables of a document, of a kind, or of any."""
    source, target = random.choice(document["tables"]), random.choice(document["tables"])
    kind = kind or random.choice(["many_to_one", "many_to_one", "one_to_one", MANY_TO_MANY])
    taken = {each["from_column"] for each in document["relationships"] if each["from_table"] == source["name"]}
    ids = {each["id"] for each in document["relationships"]}
    free = [name for name in LINK_NAMES if name not in taken and f"{name}_id" not in taken]
    name = random.choice(free or LINK_NAMES)
    column_id = next(f"c_l{place}" for place in range(99) if f"c_l{place}" not in ids)
    data: Document = {"id": column_id, "from_table": source["name"], "to_table": target["name"], "type": kind}
    if kind == MANY_TO_MANY:
        return data | {"from_column": name}
    required = source["name"] < target["name"] and random.random() < 0.3  # so that no circle of them is required
    ways = ["cascade", "restrict"] if required else ["cascade", "restrict", "set_null"]
    unique = kind == "one_to_one"
    name = f"{name}_id"
    return data | {"from_column": name, "required": required, "unique": unique, "on_delete": random.choice(ways)}


def add_sets(random: Random, document: Document, table: Document) -> None:
    """Gives a table an index or a unique set now and then."""
    names = indexable(document, table)
    if names and random.random() < 0.3:
        table["indexes"].append({"columns": random.sample(names, min(len(names), random.choice([1, 2])))})
    if names and random.random() < 0.2:
        others = [*names, "created_at", "user_id"]
        table["unique"].append(random.sample(others, 2))


def indexable(document: Document, table: Document) -> list[str]:
    """The names of a table's columns that an index may have."""
    names = [each["name"] for each in table["columns"] if each["type"] in (*ORDERED, "auto_number")]
    links = [each for each in document["relationships"] if each["from_table"] == table["name"]]
    return names + [each["from_column"] for each in links if each["type"] != MANY_TO_MANY]


def values(column: Column) -> tuple[Any, ...]:
    """Values in JSON that fit a column."""
    return _values(column.type, repr(column.to_json()), _Settings(column))


class _Settings:
    """A column that counts for nothing in the key of a cache: the text beside it says the same."""

    def __init__(self, column: Column) -> None:
        self.column = column

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Settings)

    def __hash__(self) -> int:
        return 0


@cache
def _values(key: str, _settings: str, given: _Settings) -> tuple[Any, ...]:
    kind = column_types.get(key)
    return tuple(data for data in (*kind.examples, *_MORE_VALUES.get(key, ())) if _fits(given.column, data))


def _fits(column: Column, data: Json) -> bool:
    try:
        return column_types.get(column.type).value(column, data) not in (None, "")
    except ValueError:
        return False
