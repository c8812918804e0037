"""A schema with a column of every registered type: a new type is in it without an edit here."""

from __future__ import annotations

from schemas.column_types import column_types
from schemas.document import Json, Schema
from schemas.validation import validate

TABLE = "everything"


def every_type_document() -> Json:
    """The document, with relations written among the columns as people may."""
    columns = [{"name": f"{kind.key}_value", "type": kind.key, **kind.example} for kind in column_types]
    targets = sorted({kind.example["to_table"] for kind in column_types if "to_table" in kind.example})
    return {
        "name": "Every type",
        "tables": [
            {"name": TABLE, "columns": columns, "ui_hints": {"title_column": "text_value"}},
            *({"name": name, "columns": [{"name": "name", "type": "text"}]} for name in targets),
        ],
    }


def every_type_schema() -> Schema:
    """The validated schema. Its table `everything` has one column a type, named `<type>_value` or `<type>_value_id`."""
    result = validate(every_type_document())
    assert result.schema is not None, result.errors
    return result.schema
