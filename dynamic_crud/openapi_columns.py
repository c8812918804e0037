"""Columns as JSON Schema 2020-12, as OpenAPI 3.1 has it: what the API answers, what it takes, what it filters by.

What a column allows is read from its field in the API, so that the document says what the API does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from rest_framework import serializers

from dynamic_crud.api_fields import Length
from dynamic_crud.file_fields import FilesOfRecord
from dynamic_crud.filters import SYSTEM_LOOKUPS
from dynamic_crud.resources import Resource, ResourceField
from dynamic_crud.serializers import reader
from schemas.column_types import column_types
from schemas.column_types.attachment import FilesField
from schemas.column_types.user import UserField
from schemas.document import Column, thaw

JsonSchema = dict[str, Any]

_UUID: Final[JsonSchema] = {"type": "string", "format": "uuid"}
_SYSTEM: Final[Mapping[str, tuple[str, JsonSchema]]] = {
    "id": ("The record's id.", _UUID),
    "user_id": ("Who owns the record: whoever created it.", _UUID),
    "created_at": ("When the record was created.", {"type": "string", "format": "date-time"}),
    "updated_at": ("When the record was changed last.", {"type": "string", "format": "date-time"}),
}

_TIME: Final = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"
_DURATION: Final = r"^-?(\d+ )?\d{2}:\d{2}:\d{2}(\.\d{6})?$"
_DECIMAL: Final = r"^-?\d+(\.\d+)?$"

_SHAPES: Final[tuple[tuple[type[Any], Callable[[Any], JsonSchema]], ...]] = (
    (FilesOfRecord, lambda field: {"type": "array", "items": {"$ref": "#/components/schemas/Api_File"}}),
    (serializers.UUIDField, lambda field: _UUID),
    (serializers.BooleanField, lambda field: {"type": "boolean"}),
    (serializers.IntegerField, lambda field: {"type": "integer", "format": "int64", **_bounds(field)}),
    (serializers.DecimalField, lambda field: {"type": "string", "format": "decimal", "pattern": _DECIMAL}),
    (serializers.DateTimeField, lambda field: {"type": "string", "format": "date-time"}),
    (serializers.DateField, lambda field: {"type": "string", "format": "date"}),
    (serializers.TimeField, lambda field: {"type": "string", "pattern": _TIME}),
    (serializers.DurationField, lambda field: {"type": "string", "pattern": _DURATION}),
    (serializers.MultipleChoiceField, lambda field: {"type": "array", "items": {"enum": list(field.choices)}}),
    (serializers.ChoiceField, lambda field: {"type": "string", "enum": list(field.choices)}),
    (serializers.ListField, lambda field: {"type": "array", "items": _shape(field.child)}),
    (serializers.JSONField, lambda field: {}),
    (serializers.EmailField, lambda field: {"type": "string", "format": "email", **_length(field)}),
    (serializers.CharField, lambda field: {"type": "string", **_length(field)}),
)
"""How the fields of the API look in JSON, the special before the general."""

_LOOKUPS: Final[Mapping[str, str]] = {
    "exact": "{} is this.",
    "in": "{} is one of these.",
    "gt": "{} is more or later than this.",
    "gte": "{} is this, or more or later.",
    "lt": "{} is less or earlier than this.",
    "lte": "{} is this, or less or earlier.",
    "icontains": "{} has this in it, in any case of letters.",
    "istartswith": "{} begins with this, in any case of letters.",
    "contains": "{} has all of these.",
    "overlap": "{} has any of these.",
    "isnull": "{} is empty (true) or not (false).",
}


def answered(resource: Resource, name: str) -> JsonSchema:
    """What a field of a record is in an answer.

    Args:
        resource: the table.
        name: a column of the document, or one that every table has.
    """
    if name in _SYSTEM:
        text, shape = _SYSTEM[name]
        return {**shape, "description": text, "readOnly": True}
    item = resource.by_column[name]
    shape = _shape(reader(resource).fields[name])
    if item in resource.expandable:
        labelled = {"$ref": "#/components/schemas/Api_Labelled"}
        either = {"anyOf": [_UUID, labelled]}
        shape = either if item.column.is_stored else {"type": "array", "items": either}
    found = {**_nullable(shape, is_nullable=item.is_nullable), **_words(item)}
    return {**found, "readOnly": True} if item.type.numbered else found


def taken(resource: Resource, item: ResourceField) -> JsonSchema:
    """What a column takes in a request."""
    field = reader(resource).fields[item.column.name]
    shape = _shape(field)
    if isinstance(field, FilesOfRecord):
        named = {"type": "object", "required": ["id"], "properties": {"id": _UUID}}
        shape = {"type": "array", "items": {"anyOf": [named, _UUID]}, "maxItems": item.settings["max_files"]}
    elif isinstance(field, serializers.DecimalField):
        shape = {"type": ["string", "number"]}
    elif isinstance(field, Length | serializers.TimeField):
        shape = {"type": "string"}
    default = {} if item.column.default is None else {"default": thaw(item.column.default)}
    return {**_nullable(shape, is_nullable=item.is_nullable), **_words(item), **default}


def filter_shape(resource: Resource, column: str, lookup: str) -> JsonSchema:
    """The value of a filter's parameter, and what it does."""
    title = resource.by_column[column].column.title if column in resource.by_column else column
    described = {"description": _LOOKUPS[lookup].format(title)}
    if lookup == "isnull":
        return {"type": "boolean", **described}
    if column in _SYSTEM:
        shape: JsonSchema = _SYSTEM[column][1]
    else:
        item = resource.by_column[column]
        shape = _shape(reader(resource).fields[column])
        shape = shape.get("items", shape)
        if lookup in ("icontains", "istartswith") or item.type.numbered or item in resource.member_fields:
            shape = {"type": "string"}
    if lookup in ("in", "contains", "overlap"):
        return {"type": "array", "items": shape, "minItems": 1, **described}
    return {**shape, **described}


def filters_of(resource: Resource) -> list[tuple[str, str]]:
    """Every column of a table with a lookup that its list can be filtered by."""
    found = [(item.column.name, lookup) for item in resource.fields for lookup in item.type.lookups]
    return [*found, *((name, lookup) for name, lookups in SYSTEM_LOOKUPS.items() for lookup in lookups)]


def example_of(item: ResourceField) -> Any:
    """A value to copy; None where it would have to name something that is there already."""
    column, kind = item.column, item.type
    options = [dict(option)["value"] for option in column.config.get("options") or () if isinstance(option, Mapping)]
    if options:
        return options[:1] if list in kind.json_types else options[0]
    is_named = column.is_relation or kind.numbered or isinstance(item.model_field, FilesField | UserField)
    return None if is_named else thaw(next(iter(kind.examples), None))


def _shape(field: Any) -> JsonSchema:
    return next(make(field) for kind, make in _SHAPES if isinstance(field, kind))


def _nullable(shape: JsonSchema, *, is_nullable: bool) -> JsonSchema:
    if not is_nullable or not shape:
        return dict(shape)
    if "anyOf" in shape:
        return {**shape, "anyOf": [*shape["anyOf"], {"type": "null"}]}
    kinds = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    found = {**shape, "type": [*kinds, "null"]}
    return {**found, "enum": [*found["enum"], None]} if "enum" in found else found


def _words(item: ResourceField) -> JsonSchema:
    text = " ".join(part for part in (item.column.help_text, _note(item.column)) if part)
    return {"title": item.column.title, **({"description": text} if text else {})}


def _note(column: Column) -> str:
    kind = column_types.get(column.type)
    if column.is_relation:
        target = column.config["to_table"]
        return f"The id of one of {target}." if column.is_stored else f"The ids of any number of {target}."
    options = [dict(option) for option in column.config.get("options") or () if isinstance(option, Mapping)]
    labels = "; ".join(f"`{option['value']}` is {option.get('label') or option['value']}" for option in options[:20])
    currency = f" in {kind.setting(column, 'currency')}" if "currency" in kind.settings else ""
    return f"{kind.label}{currency}.{f' {labels}.' if labels else ''}"


def _length(field: Any) -> JsonSchema:
    bounds = {"maxLength": field.max_length, "minLength": field.min_length}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _bounds(field: Any) -> JsonSchema:
    bounds = {"minimum": field.min_value, "maximum": field.max_value}
    return {name: bound for name, bound in bounds.items() if bound is not None}
