"""A table as JSON Schema, draft 2020-12: its records as PostgreSQL and PostgREST write them as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from exporter.column_context import ColumnContext
from exporter.context import TableContext

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_ID: Final = {"type": "string", "format": "uuid"}
_MOMENT: Final = {"type": "string", "format": "date-time"}
_SYSTEM: Final[Mapping[str, Mapping[str, Any]]] = {
    "id": {"title": "Id", **_ID, "readOnly": True},
    "user_id": {"title": "Owner", **_ID},
    "created_at": {"title": "Created", **_MOMENT, "readOnly": True},
    "updated_at": {"title": "Changed", **_MOMENT, "readOnly": True},
}
_FORMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
    "choices": {"type": "array", "uniqueItems": True},
    "date": {"type": "string", "format": "date"},
    "datetime": _MOMENT,
    "decimal": {"type": "number"},
    "duration": {"type": "string"},
    "email": {"type": "string", "format": "email"},
    "files": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": {
                "id": _ID,
                "name": {"type": "string"},
                "size": {"type": "integer", "minimum": 0},
                "type": {"type": "string"},
            },
            "required": ["id", "name", "size", "type"],
            "additionalProperties": False,
        },
    },
    "integer": {"type": "integer"},
    "json": {},
    "number": {"type": "integer", "minimum": 0, "readOnly": True},
    "relation": _ID,
    # JSON Schema's `time` has an offset, PostgreSQL's has none.
    "time": {"type": "string", "pattern": r"^\d{2}:\d{2}:\d{2}(\.\d{1,6})?$"},
    "url": {"type": "string", "format": "uri"},
    "user": _ID,
    "uuid": _ID,
}
"""What a value is in JSON, by how it is entered; a text where it is not here."""

_MEASURED: Final = ("email", "long_text", "text", "url")
"""Texts of any length, up to that of the column."""


def record_schema(table: TableContext) -> dict[str, Any]:
    """The schema of a table's records. Every column is there in every record, if only as null."""
    properties = dict(_SYSTEM) | {column.name: _property(column) for column in table.stored_columns}
    described = {"description": table.description} if table.description else {}
    return {
        "$schema": _DRAFT,
        "$id": f"{table.name}.schema.json",
        "title": table.label,
        **described,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _property(column: ColumnContext) -> dict[str, Any]:
    found: dict[str, Any] = {"title": column.label}
    if column.help_text:
        found["description"] = column.help_text
    if column.reference:
        found["$comment"] = f"The id of a row of {column.reference.table}."
    found |= _FORMS.get(column.kind, {"type": "string"})
    found |= _limits(column)
    if column.default is not None and not column.default_is_computed:
        found["default"] = _number(column.default) if column.kind == "decimal" else column.default
    return found if column.required or column.numbered else _nullable(found)


def _limits(column: ColumnContext) -> dict[str, Any]:
    """What the column itself asks of a value."""
    values = [option.value for option in column.options]
    limits: dict[str, Any] = {
        "enum": values if column.kind == "choice" else None,
        "items": {"enum": values} if column.kind == "choices" else None,
        "maxItems": column.settings["max_files"] if column.kind == "files" else None,
        "maxLength": column.longest if column.kind in _MEASURED else None,
        "minimum": _number(column.minimum),
        "maximum": _number(column.maximum),
        "pattern": column.pattern.replace(r"\A", "^").replace(r"\Z", "$") or None,
    }
    return {name: value for name, value in limits.items() if value is not None}


def _nullable(found: dict[str, Any]) -> dict[str, Any]:
    if "type" in found:
        found["type"] = [found["type"], "null"]
    if "enum" in found:
        found["enum"] = [*found["enum"], None]
    return found


def _number(value: Any) -> int | float | None:
    """A number as JSON has it."""
    if value is None:
        return None
    exact = Decimal(str(value))
    return int(exact) if exact == exact.to_integral_value() else float(exact)
