"""The form of Claude's reply, and how it becomes a draft.

Structured output knows no optional keys to speak of (24 a request), no free-form objects and no recursion, so the reply
has every key always, with empty texts and lists for nothing, and settings as lists of key and value. Endpoints that do
not hold a model to the form may answer in a document's own; both are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from schemas.column_types import column_types
from schemas.column_types.options import COLORS
from schemas.column_types.relation import ON_DELETE, RELATION_KINDS
from schemas.document import MANY_TO_MANY, Json
from schemas.generation.draft import INTENTS, OUTCOMES, Draft
from schemas.generation.json_text import read_value
from schemas.generation.operations import operations

_HINTS: Final = ("label", "label_plural", "icon", "title_column", "list_columns", "default_sort")
_TEXTS: Final = ("label", "help_text", "type", "currency", "to_table", "on_delete", "prefix", "country")
_FACTS: Final = ("label", "help_text", "required", "unique")
_RELATION_KEYS: Final = ("from_table", "from_column", "to_table", "type", "required", "label", "on_delete")
_OURS: Final = ("id", "renamed_from", "access")
"""What no reply has a say in: which table or column of an earlier version is meant, and who sees whose rows."""
_NO_RELATION_FACTS: Final = {"label": "", "required": False, "on_delete": "cascade"}


def reply_schema() -> dict[str, Json]:
    """The JSON schema of the reply, within what structured output accepts."""
    text, flag = {"type": "string"}, {"type": "boolean"}
    types = [kind.key for kind in column_types if "to_table" not in kind.settings]
    pair = _object(key=text, value=text)
    option = _object(value=text, label=text, color={"type": "string", "enum": list(COLORS)})
    column = _object(
        name=text, type={"type": "string", "enum": types}, label=text, help_text=text, required=flag, unique=flag,
        default=text, options=_list(option), settings=_list(pair),
    )  # fmt: skip
    table = _object(
        name=text, label=text, label_plural=text, description=text, icon=text, title_column=text,
        list_columns=_list(text), default_sort=text, columns=_list(column),
    )  # fmt: skip
    kinds = {"type": "string", "enum": [*RELATION_KINDS, MANY_TO_MANY]}
    relationship = _object(
        from_table=text, from_column=text, to_table=text, type=kinds, required=flag, label=text,
        on_delete={"type": "string", "enum": list(ON_DELETE)},
    )  # fmt: skip
    operation = _object(
        op={"type": "string", "enum": operations.names()}, table=text, column=text, new_name=text,
        tables=_list(table), columns=_list(column), relationships=_list(relationship), set=_list(pair),
        options=_list(option),
    )  # fmt: skip
    return _object(
        intent={"type": "string", "enum": list(INTENTS)}, outcome={"type": "string", "enum": list(OUTCOMES)},
        reasoning=text, message=text, warnings=_list(text), suggestions=_list(text), name=text,
        tables=_list(table), relationships=_list(relationship), operations=_list(operation),
    )  # fmt: skip


def to_draft(data: Mapping[str, Json]) -> Draft:
    """The reply as a draft. What is missing or strange stays as it is for the validator to report."""
    steps = tuple(_operation(item) for item in _items(data.get("operations")))
    intent = next((known for known in INTENTS if known == data.get("intent")), "MODIFY" if steps else "CREATE")
    return Draft(
        outcome=next((known for known in OUTCOMES if known == data.get("outcome")), "schema"),
        intent=intent,
        message=_text(data.get("message")),
        reasoning=_text(data.get("reasoning")),
        document=_document(data) if intent == "CREATE" else None,
        operations=steps,
        warnings=_texts(data.get("warnings")),
        suggestions=_texts(data.get("suggestions")),
    )


def from_document(document: Mapping[str, Json]) -> dict[str, Json]:
    """A document in the form of the reply, for the example that the model is shown."""
    return {
        "intent": "CREATE",
        "outcome": "schema",
        "reasoning": "",
        "message": "",
        "warnings": [],
        "suggestions": [],
        "name": document["name"],
        "tables": [_shown_table(table) for table in document["tables"]],
        "relationships": [_shown_relationship(item) for item in document["relationships"]],
        "operations": [],
    }


def from_operations(steps: Iterable[Mapping[str, Json]]) -> list[Json]:
    """Operations in the form of the reply's `operations`."""
    return [_shown_operation(step) for step in steps]


def _document(data: Mapping[str, Json]) -> Json:
    """The document; some models put it under `schema_json` or `schema`."""
    inner = next(
        (data[key] for key in ("schema_json", "schema", "document") if isinstance(data.get(key), Mapping)), data
    )
    return {
        "name": inner.get("name") or "Application",
        "tables": [_table(item) for item in _items(inner.get("tables"))],
        "relationships": [_relationship(item) for item in _items(inner.get("relationships"))],
    }


def _table(data: Json) -> Json:
    if not isinstance(data, Mapping):
        return data
    read = (*_HINTS, *_OURS, "columns")
    kept = {key: value for key, value in data.items() if key not in read and value not in ("", None)}
    hints = dict(data["ui_hints"]) if isinstance(data.get("ui_hints"), Mapping) else {}
    hints |= {key: data[key] for key in _HINTS if data.get(key)}
    return kept | {"ui_hints": hints, "columns": [_column(item) for item in _items(data.get("columns"))]}


def _column(data: Json) -> Json:
    if not isinstance(data, Mapping):
        return data
    known = (*_FACTS, *_OURS, "settings", "options", "default")
    made = {key: value for key, value in data.items() if key not in known}
    made |= {key: data[key] for key in (*_FACTS, "options") if data.get(key)}
    made |= _pairs(data.get("settings"))
    default = data.get("default")
    if default not in ("", None):
        made["default"] = _literal(default, data.get("type"))
    return made


def _relationship(data: Json) -> Json:
    if not isinstance(data, Mapping):
        return data
    return {key: value for key, value in data.items() if key not in _OURS and value != ""}


def _operation(data: Json) -> Json:
    """An operation as `schemas.generation.operations` reads it."""
    if not isinstance(data, Mapping):
        return data
    made = {key: data[key] for key in ("op", "table", "column", "new_name") if data.get(key)}
    tables, columns, relations = (_items(data.get(key)) for key in ("tables", "columns", "relationships"))
    if tables:
        made["table"] = _table(tables[0])
    if columns:
        made["column"] = _column(columns[0])
    if relation := next(iter(relations), data.get("relationship")):
        made["relationship"] = _relationship(relation)
    facts = _pairs(data.get("set")) | ({"options": data["options"]} if data.get("options") else {})
    return made | ({"set": facts} if facts else {})


def _pairs(data: Json) -> dict[str, Json]:
    """Settings as an object, from a list of key and value or from an object."""
    if isinstance(data, Mapping):
        return dict(data)
    pairs = [item for item in _items(data) if isinstance(item, Mapping) and isinstance(item.get("key"), str)]
    return {item["key"]: item.get("value") if item["key"] in _TEXTS else _value(item.get("value")) for item in pairs}


def _value(text: Json) -> Json:
    """`12` and `true` as the number and the truth value, anything else as the text."""
    try:
        return read_value(text) if isinstance(text, str) else text
    except ValueError:
        return text


def _literal(default: Json, type_name: Json) -> Json:
    """A default in the JSON type that the column's values have; texts stay texts, whatever they look like."""
    is_text = (
        isinstance(type_name, str) and type_name in column_types and column_types.get(type_name).typescript == "string"
    )
    return default if is_text else _value(default)


def _items(data: Json) -> list[Json]:
    return list(data) if isinstance(data, list | tuple) else []


def _text(data: Json) -> str:
    return data if isinstance(data, str) else ""


def _texts(data: Json) -> tuple[str, ...]:
    return tuple(item for item in _items(data) if isinstance(item, str) and item.strip())


def _shown_operation(step: Mapping[str, Any]) -> dict[str, Json]:
    table, column, relation, facts = (step.get(key) for key in ("table", "column", "relationship", "set"))
    facts = dict(facts or {})
    options = facts.pop("options", [])
    return {
        "op": step["op"],
        "table": table if isinstance(table, str) else "",
        "column": column if isinstance(column, str) else "",
        "new_name": step.get("new_name", ""),
        "tables": [_shown_table(table)] if isinstance(table, Mapping) else [],
        "columns": [_shown_column(column)] if isinstance(column, Mapping) else [],
        "relationships": [_shown_relationship(relation)] if relation else [],
        "set": _shown_pairs(facts),
        "options": list(options),
    }


def _shown_relationship(relation: Mapping[str, Any]) -> dict[str, Json]:
    return _NO_RELATION_FACTS | {key: value for key, value in relation.items() if key in _RELATION_KEYS}


def _shown_pairs(facts: Mapping[str, Any]) -> list[Json]:
    return [
        {"key": key, "value": value if isinstance(value, str) else json.dumps(value)} for key, value in facts.items()
    ]


def _shown_table(table: Mapping[str, Any]) -> dict[str, Json]:
    hints = table.get("ui_hints", {})
    return {
        "name": table["name"],
        **{key: hints.get(key, "") for key in _HINTS if key != "list_columns"},
        "description": table.get("description", ""),
        "list_columns": list(hints.get("list_columns", ())),
        "columns": [_shown_column(column) for column in table["columns"]],
    }


def _shown_column(column: Mapping[str, Any]) -> dict[str, Json]:
    own = {"id", "name", "type", "default", "options", *_FACTS}
    default = column.get("default", "")
    return {
        "name": column["name"],
        "type": column["type"],
        "label": column.get("label", ""),
        "help_text": column.get("help_text", ""),
        "required": column.get("required", False),
        "unique": column.get("unique", False),
        "default": default if isinstance(default, str) else json.dumps(default),
        "options": list(column.get("options", ())),
        "settings": _shown_pairs({key: value for key, value in column.items() if key not in own}),
    }


def _object(**properties: Json) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Json) -> dict[str, Json]:
    return {"type": "array", "items": items}
