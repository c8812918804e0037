"""A column of the schema document: what all types share, and where it stands in JSON.

In memory a relation is a column like any other (its target in `config`), so that whatever loops over columns needs no
second loop. In JSON it stands in `relationships`, where people and models look for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from schemas.json_values import Json, freeze, read_flag, read_object, read_text, thaw
from schemas.names import MAX_ID_BYTES, humanise

SYSTEM_COLUMNS = ("id", "user_id", "created_at", "updated_at")
"""Columns that every provisioned table has without its document saying so."""

_SHARED_KEYS = frozenset({"id", "label", "help_text", "required", "unique", "default", "renamed_from"})
_COLUMN_KEYS = _SHARED_KEYS | {"name", "type"}
_RELATIONSHIP_KEYS = _SHARED_KEYS | {"from_table", "from_column", "to_table", "type", "on_delete"}

MANY_TO_MANY: Final = "many_to_many"
"""The kind of relation that has no column in PostgreSQL but a junction table (schemas/junctions.py)."""


_USER: Final = "user"


def stable_id(prefix: str, name: str) -> str:
    """The id given to a table or column that has none: derived from its name, at most `MAX_ID_BYTES` long."""
    plain = f"{prefix}_{name}"
    if len(plain) <= MAX_ID_BYTES:
        return plain
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{plain[: MAX_ID_BYTES - 9].rstrip('_')}_{digest}"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what all types share as fields, what only its type knows in `config`.

    A document's `renamed_from` is not kept: `schemas.normalise` turns it into the id of what was renamed.
    """

    id: str
    name: str
    type: str
    label: str = ""
    help_text: str = ""
    required: bool = False
    unique: bool = False
    default: Json = None
    config: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "config", freeze(self.config))
        object.__setattr__(self, "default", freeze(self.default))

    def __hash__(self) -> int:
        return hash((self.id, self.name, self.type))

    @property
    def title(self) -> str:
        """The label a person reads: the given one, else the name in words."""
        return self.label or humanise(self.name)

    @property
    def is_relation(self) -> bool:
        """Whether the column points to a table (and so stands in `relationships` in JSON)."""
        return "to_table" in self.config

    @property
    def is_stored(self) -> bool:
        """Whether the column is one in PostgreSQL too: all are but those that link to many rows."""
        return self.type != MANY_TO_MANY

    @property
    def is_reference(self) -> bool:
        """Whether the column holds the id of a row of another table: it is a foreign key."""
        return self.is_relation and self.is_stored

    @property
    def can_be_title(self) -> bool:
        """Whether a record can be named by its value here. What points to a record or a member is no name of it."""
        return not self.is_relation and self.type != _USER

    def to_json(self) -> dict[str, Json]:
        """The column as it stands in a table's `columns`."""
        data: dict[str, Json] = {"id": self.id, "name": self.name, "type": self.type}
        data |= _without_defaults(self)
        data |= {key: thaw(value) for key, value in self.config.items()}
        return data

    def to_relationship(self, table: str) -> dict[str, Json]:
        """The column as it stands in the document's `relationships`."""
        data: dict[str, Json] = {"id": self.id, "from_table": table, "from_column": self.name}
        data |= _without_defaults(self)
        data |= {key: thaw(value) for key, value in self.config.items() if key != "relation"}
        data["type"] = self.config.get("relation", "many_to_one") if self.is_stored else MANY_TO_MANY
        return data

    @classmethod
    def from_json(cls, data: Json, path: str) -> Column:
        """Reads one entry of `columns`; raises `DocumentError`."""
        entry = read_object(data, path)
        name = read_text(entry, "name", path)
        config = {key: value for key, value in entry.items() if key not in _COLUMN_KEYS}
        return cls(
            id=read_text(entry, "id", path, stable_id("c", name)),
            name=name,
            type=read_text(entry, "type", path),
            config=config,
            **_shared_fields(entry, path),
        )

    @classmethod
    def from_relationship(cls, data: Json, path: str) -> tuple[str, Column]:
        """Reads one entry of `relationships` as (table name, column); raises `DocumentError`."""
        entry = read_object(data, path)
        name = read_text(entry, "from_column", path)
        kind = read_text(entry, "type", path, "many_to_one")
        config: dict[str, Json] = {"to_table": read_text(entry, "to_table", path)}
        if kind != MANY_TO_MANY:
            config |= {"relation": kind, "on_delete": read_text(entry, "on_delete", path, "set_null")}
        config |= {key: value for key, value in entry.items() if key not in _RELATIONSHIP_KEYS}
        column = cls(
            id=read_text(entry, "id", path, stable_id("c", name)),
            name=name,
            type=MANY_TO_MANY if kind == MANY_TO_MANY else "relation",
            config=config,
            **_shared_fields(entry, path),
        )
        return read_text(entry, "from_table", path), column


TIMESTAMPS = tuple(Column(id=name, name=name, type="datetime") for name in ("created_at", "updated_at"))
"""The system columns that people may want to see in a list."""


def _without_defaults(column: Column) -> dict[str, Json]:
    data = {key: getattr(column, key) for key in ("label", "help_text", "required", "unique")}
    data = {key: value for key, value in data.items() if value}
    return data | ({"default": thaw(column.default)} if column.default is not None else {})


def _shared_fields(entry: Mapping[str, Json], path: str) -> dict[str, Json]:
    return {
        "label": read_text(entry, "label", path, ""),
        "help_text": read_text(entry, "help_text", path, ""),
        "required": read_flag(entry, "required", path),
        "unique": read_flag(entry, "unique", path),
        "default": entry.get("default"),
    }
