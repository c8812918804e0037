"""The published form of a schema document: a JSON Schema for editors and other programs.

It is built from what the validation itself uses: the keys of documents, the settings of column types, the limits. It
describes documents in canonical form; the validation also takes many other ways of writing one, and judges what no JSON
Schema can say, such as whether a table that a relation names exists.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from schemas import limits
from schemas.column_types import ColumnType, column_types
from schemas.column_types.options import COLORS, MAX_VALUE_LENGTH
from schemas.column_types.relation import ON_DELETE, RELATION_KINDS
from schemas.column_types.settings import Setting
from schemas.document import MANY_TO_MANY, Json
from schemas.format.descriptions import DESCRIPTIONS
from schemas.names import MAX_ID_BYTES, MAX_NAME_BYTES, NAME
from schemas.validation import VERSION
from schemas.validation.indexes import MAX_INDEX_COLUMNS
from schemas.validation.outline import COLUMN, DOCUMENT, FLAG, HINTS, LONGEST, MAX_LABEL, RELATIONSHIP, TABLE, TEXT
from schemas.validation.tables import ACCESS, ICON

FILE: Final = Path(__file__).parent / "v1.json"
"""The JSON Schema as it is committed and served."""

_JSON_TYPES: Final = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}
_NAME: Final = {"$ref": "#/$defs/name"}


def document_format() -> dict[str, Json]:
    """The JSON Schema (2020-12) of a schema document in canonical form."""
    stored = [kind for kind in column_types if "to_table" not in kind.settings]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "VibeCRM schema document",
        "description": "The tables of an application, their columns and the relations between them.",
        **_document(),
        "$defs": {
            "name": {"type": "string", "pattern": _anchored(NAME.pattern), "maxLength": MAX_NAME_BYTES},
            "names": {"type": "array", "items": _NAME, "minItems": 1, "maxItems": MAX_INDEX_COLUMNS},
            "table": _table(),
            "ui_hints": _hints(),
            "column": {"oneOf": [{"$ref": f"#/$defs/{kind.key}_column"} for kind in stored]},
            **{f"{kind.key}_column": _column(kind) for kind in stored},
            "option": _option(),
            "relationship": {"oneOf": [{"$ref": "#/$defs/reference"}, {"$ref": "#/$defs/links"}]},
            "reference": _reference(),
            "links": _links(),
        },
    }


def write() -> None:
    """Writes the JSON Schema to its file."""
    FILE.write_text(json.dumps(document_format(), indent=2, ensure_ascii=False) + "\n")


def _document() -> dict[str, Json]:
    properties = _properties("document", DOCUMENT)
    properties["version"]["pattern"] = _anchored(VERSION.pattern)
    properties["name"] = _described("document", "name", {"type": "string", "minLength": 1, "maxLength": MAX_LABEL})
    properties["tables"] |= {"items": _ref("table"), "minItems": 1, "maxItems": limits.SCHEMA_MAX_TABLES}
    properties["relationships"]["items"] = _ref("relationship")
    return _object(properties, ("name", "tables"))


def _table() -> dict[str, Json]:
    properties = _properties("table", TABLE)
    properties["access"]["enum"] = list(ACCESS)
    properties["ui_hints"] = {**properties["ui_hints"], **_ref("ui_hints")}
    properties["columns"] |= {"items": _ref("column"), "maxItems": limits.SCHEMA_MAX_COLUMNS}
    properties["indexes"]["items"] = _object({"columns": _described("index", "columns", _ref("names"))}, ("columns",))
    properties["unique"]["items"] = _ref("names")
    return _object(properties, ("name", "columns"))


def _hints() -> dict[str, Json]:
    properties = _properties("ui_hints", HINTS)
    properties["icon"]["pattern"] = f"^$|{_anchored(ICON.pattern)}"
    properties["list_columns"]["items"] = _NAME
    return _object(properties, ())


def _column(kind: ColumnType) -> dict[str, Json]:
    properties = _properties("column", COLUMN)
    properties["type"] = {"const": kind.key, "description": properties["type"]["description"]}
    if not kind.no_default:
        properties["default"] = _default(kind)
    properties |= {name: _setting(setting) for name, setting in kind.settings.items()}
    needed = [name for name, setting in kind.settings.items() if not setting.accepts(setting.default)]
    return {"title": kind.label, "description": _prose(kind), **_object(properties, ("name", "type", *needed))}


def _default(kind: ColumnType) -> dict[str, Json]:
    words = ", ".join(f'"{word}"' for word in kind.default_words)
    description = DESCRIPTIONS["column"]["default"] + (f" Computed for each record: {words}." if words else "")
    return {"description": description, "type": [_JSON_TYPES[kind_of_value] for kind_of_value in kind.json_types]}


def _setting(setting: Setting) -> dict[str, Json]:
    expects = setting.expects[0].upper() + setting.expects[1:]
    default = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    needed = not setting.accepts(setting.default)
    return {"description": f"{expects}.", **setting.json_schema, **({} if needed else {"default": default})}


def _option() -> dict[str, Json]:
    forms: dict[str, dict[str, Json]] = {
        "value": {"type": "string", "minLength": 1, "maxLength": MAX_VALUE_LENGTH, "pattern": r"^\S(?:[\s\S]*\S)?$"},
        "label": {"type": "string", "maxLength": MAX_VALUE_LENGTH},
        "color": {"enum": list(COLORS), "default": COLORS[0]},
    }
    return _object({key: _described("option", key, form) for key, form in forms.items()}, ("value",))


def _reference() -> dict[str, Json]:
    kind = column_types.get("relation")
    properties = _relationship() | {"on_delete": _setting(kind.settings["on_delete"])}
    properties["type"] = {"enum": list(RELATION_KINDS), "default": RELATION_KINDS[0]} | properties["type"]
    del properties["type"]["type"]
    optional = {"properties": {"on_delete": {"enum": [word for word in ON_DELETE if word != "set_null"]}}}
    required = {"properties": {"required": {"const": True}}, "required": ["required"]}
    conditions = {"if": required, "then": {**optional, "required": ["on_delete"]}}
    return {"title": kind.label, "description": _prose(kind), **_object(properties, _ENDS), **conditions}


def _links() -> dict[str, Json]:
    kind = column_types.get(MANY_TO_MANY)
    properties = _relationship()
    properties["type"] = {"const": MANY_TO_MANY, "description": properties["type"]["description"]}
    allowed = {key: form for key, form in properties.items() if key not in ("required", "unique", "on_delete")}
    return {"title": kind.label, "description": _prose(kind), **_object(allowed, (*_ENDS, "type"))}


_ENDS: Final = ("from_table", "from_column", "to_table")


def _relationship() -> dict[str, Json]:
    return _properties("relationship", RELATIONSHIP) | {key: _described("relationship", key, _NAME) for key in _ENDS}


def _properties(noun: str, shape: Mapping[str, str]) -> dict[str, dict[str, Json]]:
    """The keys of one kind of object as the validation reads them, described."""
    return {key: _described(noun, key, _form(key, kind)) for key, kind in shape.items()}


def _form(key: str, kind: str) -> dict[str, Json]:
    if key == "name":
        return dict(_NAME)
    if key == "id":
        return {"type": "string", "pattern": _anchored(NAME.pattern), "maxLength": MAX_ID_BYTES}
    if kind == TEXT:
        return {"type": "string", **({"maxLength": LONGEST[key]} if key in LONGEST else {})}
    return (
        {"type": "boolean", "default": False} if kind == FLAG else {"type": "array" if kind == "a list" else "object"}
    )


def _described(noun: str, key: str, form: Mapping[str, Json]) -> dict[str, Json]:
    return {"description": DESCRIPTIONS[noun][key], **form}


def _object(properties: Mapping[str, Json], required: Iterable[str]) -> dict[str, Json]:
    needed = list(required)
    return {
        "type": "object",
        "properties": dict(properties),
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
    }


def _ref(name: str) -> dict[str, Json]:
    return {"$ref": f"#/$defs/{name}"}


def _anchored(pattern: str) -> str:
    r"""A pattern of Python's `match` in the syntax of JSON Schema, which searches."""
    return f"^{pattern.removesuffix(chr(92) + 'Z')}$"


def _prose(kind: ColumnType) -> str:
    """What a type says of itself, in its docstring."""
    return " ".join(inspect.cleandoc(type(kind).__doc__ or "").split())
