"""Brings the many ways of writing a schema document to the one that the rest of the product reads.

Aliases of types become types, shorthands are written out, relations move to `relationships`, system columns go, and
everything gets an id. What cannot be understood stays as it is, for `schemas.validation` to report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from schemas import shorthands
from schemas.document import Json, Schema
from schemas.identity import Named, assign_ids
from schemas.names import relation_column_name

Entry = dict[str, Any]

UNNAMED: Final = "Untitled application"
_SHORT_VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+)?\Z")
_ENTRY_PATH: Final = re.compile(r"\$\.(?:tables\[\d+\]\.(?:columns|unique)|relationships)\[\d+\]")
_KEYS_IN_COLUMNS: Final = {".from_column": ".name", ".type": ".relation"}
"""What a relation's keys are called where it stands among a table's columns."""
_TABLE_NULLS: Final = frozenset(
    {"id", "access", "ui_hints", "columns", "indexes", "unique", "description", "renamed_from"}
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """A document in its one form, and where its columns, relations and unique sets stood in the one that was given."""

    data: Json
    origins: Mapping[str, str] = field(default_factory=dict)

    def original_path(self, path: str) -> str:
        """The path in the given document of a path in the normalised one."""
        entry = _ENTRY_PATH.match(path)
        origin = self.origins.get(entry[0]) if entry else None
        if entry is None or origin is None:
            return path
        rest = path[entry.end() :]
        moved = entry[0].startswith("$.relationships") and not origin.startswith("$.relationships")
        return origin + (_KEYS_IN_COLUMNS.get(rest, rest) if moved else rest)


def normalise(data: Json, parent: Schema | None = None) -> Json:
    """The document in its one form, as fresh JSON data.

    Args:
        data: a schema document, or anything else that `json.loads` returns.
        parent: the version that the document follows; its ids are kept for what has the same name.
    """
    return normalise_with_origins(data, parent).data


def normalise_with_origins(data: Json, parent: Schema | None = None) -> Normalised:
    """As `normalise`, and remembers where each column, relation and unique set stood."""
    if not isinstance(data, Mapping):
        return Normalised(data)
    document = shorthands.present(data, {"version", "name", "relationships"})
    document.setdefault("name", parent.name if parent else UNNAMED)
    version = document.setdefault("version", parent.version if parent else "1.0.0")
    if isinstance(version, str) and _SHORT_VERSION.match(version):
        document["version"] = version + ".0" * (2 - version.count("."))
    tables, relationships = document.get("tables"), document.setdefault("relationships", [])
    if not isinstance(tables, list) or not isinstance(relationships, list):
        return Normalised(document)
    reader = _Reader([table.get("name") for table in tables if isinstance(table, Mapping)])
    document["tables"] = [reader.read_table(table, f"$.tables[{i}]") for i, table in enumerate(tables)]
    for i, relation in enumerate(relationships):
        reader.read_relationship(relation, f"$.relationships[{i}]")
    document["relationships"] = reader.relationships
    owned = reader.relationships_by_table()
    for i, table in enumerate(document["tables"]):
        if isinstance(table, dict):
            places = _write_out_references(table, owned.get(_text(table, "name"), []))
            path = f"$.tables[{i}].unique"
            reader.origins |= {f"{path}[{place}]": f"{path}[{origin}]" for place, origin in enumerate(places)}
    _identify(document, owned, parent)
    return Normalised(document, reader.origins)


class _Reader:
    """Collects the relations of a document while its tables are read."""

    def __init__(self, table_names: Sequence[Json]) -> None:
        self.table_names = table_names
        self.relationships: list[Json] = []
        self.origins: dict[str, str] = {}

    def read_table(self, given: Json, path: str) -> Json:
        """The table written out, without its relations and system columns."""
        if not isinstance(given, Mapping):
            return given
        table = shorthands.present(given, _TABLE_NULLS)
        for key, write_out in (("indexes", shorthands.write_out_index), ("unique", shorthands.write_out_unique)):
            if isinstance(table.get(key), list):
                table[key] = [write_out(entry) for entry in table[key]]
        if isinstance(table.get("columns"), list):
            kept: list[Json] = []
            for i, entry in enumerate(table["columns"]):
                for column in self._read_column(entry, f"{path}.columns[{i}]", table.get("name")):
                    self.origins[f"{path}.columns[{len(kept)}]"] = f"{path}.columns[{i}]"
                    kept.append(column)
            table["columns"] = kept
        return table

    def read_relationship(self, given: Json, origin: str) -> None:
        """Adds an entry of `relationships`, or a column that is one."""
        if isinstance(given, Mapping):
            given = shorthands.write_out_relationship(given)
            if shorthands.is_owner_relationship(given, self.table_names):
                return
        self.origins[f"$.relationships[{len(self.relationships)}]"] = origin
        self.relationships.append(given)

    def relationships_by_table(self) -> dict[str, list[Entry]]:
        """The relations by the table that has their column."""
        grouped: dict[str, list[Entry]] = {}
        for relation in _objects(self.relationships):
            grouped.setdefault(_text(relation, "from_table"), []).append(relation)
        return grouped

    def _read_column(self, given: Json, path: str, table_name: Json) -> list[Json]:
        """The column to keep in the table; none when it is a relation or a system column."""
        if not isinstance(given, Mapping):
            return [given]
        column = shorthands.write_out_column(given)
        if shorthands.is_system_column(column, self.table_names):
            return []
        if shorthands.points_elsewhere(column):
            self.read_relationship(shorthands.relationship_of_column(column, table_name), path)
            return []
        return [column]


def _write_out_references(table: Entry, relations: list[Entry]) -> list[int]:
    """Calls relations by their columns' names in hints and indexes; a unique set of one is a unique column.

    Returns:
        Where each of the unique sets that are left stood before.
    """
    columns = {_text(column, "name"): column for column in _objects(table.get("columns"))}
    columns |= {_text(relation, "from_column"): relation for relation in relations}

    def usual(name: Json) -> Json:
        if not isinstance(name, str) or name in columns:
            return name
        return relation_column_name(name) if relation_column_name(name) in columns else name

    def usual_all(names: Json) -> Json:
        return [usual(name) for name in names] if isinstance(names, list) else names

    if isinstance(table.get("ui_hints"), Mapping):
        table["ui_hints"] = {key: usual_all(value) for key, value in table["ui_hints"].items()}
    for index in _objects(table.get("indexes")):
        index |= {key: usual_all(names) for key, names in index.items() if key == "columns"}
    places: list[int] = []
    if isinstance(table.get("unique"), list):
        sets = [usual_all(names) for names in table["unique"]]
        alone = [names for names in sets if len(names) == 1 and names[0] in columns] if _all_names(sets) else []
        for (name,) in alone:
            columns[name]["unique"] = True
        places = [place for place, names in enumerate(sets) if names not in alone]
        table["unique"] = [sets[place] for place in places]
    return places


def _identify(document: Entry, owned: Mapping[str, list[Entry]], parent: Schema | None) -> None:
    """Gives ids to tables and columns, and takes `renamed_from` away where the id now says it."""
    tables = _objects(document["tables"])
    earlier = {table.id: table for table in parent or ()}
    _set_ids([(table, "name") for table in tables], {table.name: table.id for table in parent or ()}, "t", parent)
    for table in tables:
        before = earlier.get(_text(table, "id"))
        known = {column.name: column.id for column in before.columns} if before else {}
        columns = [(column, "name") for column in _objects(table.get("columns"))]
        relations = [(relation, "from_column") for relation in owned.get(_text(table, "name"), [])]
        _set_ids([*columns, *relations], known, "c", parent)


def _set_ids(entries: list[tuple[Entry, str]], known: Mapping[str, str], prefix: str, parent: Schema | None) -> None:
    named = [Named.read(entry, name_key) for entry, name_key in entries]
    for (entry, _), name, entry_id in zip(entries, named, assign_ids(named, known, prefix), strict=True):
        if entry_id and entry.get("id") in (None, ""):
            entry["id"] = entry_id
        done = parent is None or name.name in known or entry_id == known.get(name.renamed_from)
        if name.renamed_from and done:
            del entry["renamed_from"]


def _objects(value: Json) -> list[Entry]:
    """The objects of a list; none of what is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(entry: Mapping[str, Json], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _all_names(sets: list[Json]) -> bool:
    return all(isinstance(names, list) and all(isinstance(name, str) for name in names) for names in sets)
