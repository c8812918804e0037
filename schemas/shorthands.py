"""The other ways in which people and models write a column, a relation or an index, and what they mean.

Each function takes one entry and returns it written out. What it does not understand stays in the entry.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from schemas.column_types import column_types, resolve_type
from schemas.column_types.relation import MANY_TO_ONE, ONE_TO_MANY, RELATION_KINDS
from schemas.document import MANY_TO_MANY, Json
from schemas.names import is_name, plural, relation_column_name, singular

Entry = dict[str, Any]

_NULL_MEANS_ABSENT: Final = frozenset(
    {
        "id",
        "label",
        "help_text",
        "required",
        "unique",
        "default",
        "renamed_from",
        "references",
        "description",
        "comment",
    }
    | {"from_column", "to_column", "on_delete"}
)
_SYSTEM_TYPES: Final = {"id": "uuid", "user_id": "uuid", "created_at": "datetime", "updated_at": "datetime"}
_ACCOUNT_TABLES: Final = frozenset({"auth.users", "users", "user"})
_DEFAULT_WORDS: Final = {
    "now()": "now", "current_timestamp": "now", "current_timestamp()": "now", "current_date": "today",
    "gen_random_uuid()": "uuid", "uuid_generate_v4()": "uuid",
}  # fmt: skip
_MANY_TO_MANY: Final = frozenset({MANY_TO_MANY, *column_types.get(MANY_TO_MANY).aliases})
_LINKS_GO: Final = frozenset({None, "cascade", "set_null"})
"""What `on_delete` may say of links to many records: they always go with either end."""
_ID_ENDING: Final = re.compile(r"(?:_ids?)+\Z")
_REFERENCE: Final = re.compile(r"([a-z0-9_.]+?)(?:\.id| ?\( ?id ?\))?\Z")


def present(entry: Mapping[str, Json], nullable: Collection[str]) -> Entry:
    """A copy of the entry without those of the keys whose value is null: null says the same as nothing."""
    return {key: value for key, value in entry.items() if value is not None or key not in nullable}


def write_out_column(entry: Mapping[str, Json]) -> Entry:
    """A column with its type's own name, and with `required`, `help_text`, `default` and settings in their places."""
    column = _write_out_shared(entry)
    if column.get("primary_key") is False:
        del column["primary_key"]
    kind = column.get("type")
    if is_many_to_many(kind):
        column["type"] = MANY_TO_MANY
    elif isinstance(kind, str) and kind in RELATION_KINDS:
        column |= {"type": "relation", "relation": kind}
    target = _reference_target(column.get("references"))
    if target is not None:
        del column["references"]
        column |= {"type": "relation" if column.get("type") != MANY_TO_MANY else MANY_TO_MANY, "to_table": target}
    return _with_type(column)


def write_out_relationship(entry: Mapping[str, Json]) -> Entry:
    """A relation as it stands in `relationships`, seen from the table that has the column."""
    relation = _write_out_shared(entry)
    kind = relation.pop("type", relation.get("relation", MANY_TO_ONE))
    if is_many_to_many(kind):
        return _links_to_many(relation)
    relation = dict(column_types.get("relation").tidy({**relation, "relation": kind}))
    relation["type"] = relation.pop("relation")
    if relation["type"] == ONE_TO_MANY:
        relation = _turned_round(relation)
    if relation.get("to_column") == "id":
        del relation["to_column"]
    name, target = relation.get("from_column"), relation.get("to_table")
    if name is None and is_name(target):
        name = singular(str(target))
    if is_name(name):
        relation["from_column"] = relation_column_name(str(name))
    return relation


def relationship_of_column(column: Mapping[str, Json], table_name: Json) -> Entry:
    """A written-out column that points to a table, as an entry of `relationships`."""
    relation = {key: value for key, value in column.items() if key not in ("name", "type", "relation")}
    kind = MANY_TO_MANY if column.get("type") == MANY_TO_MANY else column.get("relation", MANY_TO_ONE)
    return {**relation, "from_table": table_name, "from_column": column.get("name"), "type": kind}


def is_many_to_many(kind: Json) -> bool:
    """Whether a relation of that kind, however it is spelled, links to any number of records."""
    return isinstance(kind, str) and (kind.strip().lower() in _MANY_TO_MANY or _usual(kind) in _MANY_TO_MANY)


def points_elsewhere(column: Mapping[str, Json]) -> bool:
    """Whether a written-out column is a relation."""
    key = column.get("type")
    return isinstance(key, str) and key in column_types and "to_table" in column_types.get(key).settings


def is_system_column(column: Mapping[str, Json], table_names: Collection[Json]) -> bool:
    """Whether a written-out column is one that every table has anyway.

    Args:
        column: the column.
        table_names: the tables of the document; a `user_id` that points to one of them is no owner.
    """
    name = column.get("name")
    if not isinstance(name, str) or name not in _SYSTEM_TYPES:
        return False
    if name == "user_id" and "to_table" in column:
        return _is_account(column["to_table"], table_names)
    return column.get("type") == _SYSTEM_TYPES[name] or (name == "id" and column.get("primary_key") is True)


def is_owner_relationship(relation: Mapping[str, Json], table_names: Collection[Json]) -> bool:
    """Whether an entry of `relationships` only says that each row has an owner, which every row has anyway."""
    return relation.get("from_column") == "user_id" and _is_account(relation.get("to_table"), table_names)


def write_out_index(entry: Json) -> Json:
    """An index as an object with `columns`; a name of its own is not kept."""
    if isinstance(entry, str):
        return {"columns": [entry]}
    if isinstance(entry, list):
        return {"columns": list(entry)}
    return {key: value for key, value in entry.items() if key != "name"} if isinstance(entry, Mapping) else entry


def write_out_unique(entry: Json) -> Json:
    """A unique set as a list of column names."""
    if isinstance(entry, str):
        return [entry]
    if isinstance(entry, Mapping) and isinstance(entry.get("columns"), list) and entry.keys() <= {"columns", "name"}:
        return list(entry["columns"])
    return entry


def _write_out_shared(entry: Mapping[str, Json]) -> Entry:
    data = present(entry, _NULL_MEANS_ABSENT)
    for name in ("description", "comment"):
        if isinstance(data.get(name), str) and "help_text" not in data:
            data["help_text"] = data.pop(name)
    for name, means_required in (("nullable", False), ("not_null", True)):
        if isinstance(data.get(name), bool) and "required" not in data:
            data["required"] = data.pop(name) is means_required
    if data.get("default") == "":
        del data["default"]
    return data


def _with_type(column: Entry) -> Entry:
    found = resolve_type(column["type"]) if isinstance(column.get("type"), str) else None
    if found is None:
        return column
    key, settings = found
    column_type = column_types.get(key)
    default = column.get("default")
    word = _DEFAULT_WORDS.get(default.strip().lower()) if isinstance(default, str) else None
    if word in column_type.default_words:
        column["default"] = word
    return dict(column_type.tidy({**settings, **column, "type": key}))


def _reference_target(reference: Json) -> str | None:
    """The table that `references` names; None where it names none, or another column than its id."""
    if isinstance(reference, Mapping):
        if not reference.keys() <= {"table", "column"} or reference.get("column") not in (None, "id"):
            return None
        reference = reference.get("table")
    found = _REFERENCE.match(reference.lower()) if isinstance(reference, str) else None
    return found[1] if found else None


def _turned_round(relation: Entry) -> Entry:
    """A one_to_many as the many_to_one of the other table. Its label names the other end, so it goes."""
    named = (relation.get("from_column"), relation.get("to_column"))
    owner, many = relation.get("from_table"), relation.get("to_table")
    column = next((name for name in named if is_name(name) and name != "id"), None)
    turned = {key: value for key, value in relation.items() if key not in ("from_column", "to_column", "label")}
    turned |= {"from_table": many, "to_table": owner, "type": MANY_TO_ONE}
    return turned | ({"from_column": column} if column else {})


def _links_to_many(relation: Entry) -> Entry:
    """A relation to any number of records: no column holds an id, so its name is a plural noun without that ending."""
    data = {key: value for key, value in relation.items() if key != "relation"}
    if _usual(data.get("on_delete")) in _LINKS_GO:
        data.pop("on_delete", None)
    if data.get("to_column") == "id":
        del data["to_column"]
    name, target = data.get("from_column"), data.get("to_table")
    if name in (None, "id") and is_name(target):
        data["from_column"] = target
    elif is_name(name) and _ID_ENDING.search(name):
        data["from_column"] = plural(_ID_ENDING.sub("", name))
    return {**data, "type": MANY_TO_MANY}


def _usual(value: Json) -> Json:
    """`SET NULL` as `set_null`; nothing stays nothing, and what is no text becomes an empty one."""
    text = value if isinstance(value, str) else ""
    return None if value is None else text.strip().lower().replace("-", "_").replace(" ", "_")


def _is_account(target: Json, table_names: Collection[Json]) -> bool:
    return isinstance(target, str) and target in _ACCOUNT_TABLES and target not in table_names
