"""The OpenAPI 3.1 document of a project's own tables: every call with its columns, filters, answers and problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, get_args

from dynamic_crud.aggregates import MAX_GROUPS
from dynamic_crud.attaching import file_fields
from dynamic_crud.bulk_requests import BULK_LIMIT
from dynamic_crud.conditions import MAX_LENGTH
from dynamic_crud.filters import filter_name
from dynamic_crud.listing import (
    MAX_PAGE,
    MAX_PAGE_SIZE,
    MAX_SEARCH_LENGTH,
    PAGE_SIZE,
    PARAMETERS,
    Count,
    orderable_columns,
)
from dynamic_crud.openapi_columns import JsonSchema, answered, example_of, filter_shape, filters_of, taken
from dynamic_crud.openapi_shared import HEADERS, RESPONSES, SCHEMAS
from dynamic_crud.resources import Resource, Runtime
from schemas.document import SYSTEM_COLUMNS

_RECORD_ID: Final[JsonSchema] = {
    "name": "record_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}
_UUIDS: Final[JsonSchema] = {
    "type": "array",
    "items": {"type": "string", "format": "uuid"},
    "minItems": 1,
    "maxItems": BULK_LIMIT,
}
_READING: Final = ("400", "401", "404", "4XX", "503")
_WRITING: Final = ("400", "401", "403", "404", "409", "413", "415", "4XX", "503")


def document_of(runtime: Runtime, *, title: str, version: str, server: str) -> JsonSchema:
    """The document.

    Args:
        runtime: the project's active version.
        title: the project's name.
        version: the version's number.
        server: the address that all paths are relative to.
    """
    resources = list(runtime.resources.values())
    schemas = {name: shape for resource in resources for name, shape in _schemas(resource)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{title} API",
            "version": version,
            "description": "The records of this application. Amounts are texts, times are in UTC, ids are UUIDs.",
        },
        "servers": [{"url": server}],
        "security": [{"token": []}, {"session": []}],
        "tags": [{"name": each.table.name, "description": _about(each)} for each in resources],
        "paths": {path: calls for resource in resources for path, calls in _paths(resource)},
        "components": {
            "schemas": {**SCHEMAS, **schemas},
            "responses": RESPONSES,
            "headers": HEADERS,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            },
        },
    }


def settable(resource: Resource) -> list[Any]:
    """The fields that callers give values to."""
    return [item for item in resource.fields if not item.type.numbered]


def example_values(resource: Resource) -> dict[str, Any]:
    """A record to send; what would have to name another record is left out."""
    values = ((item.column.name, example_of(item)) for item in settable(resource))
    return {name: value for name, value in values if value is not None}


def _about(resource: Resource) -> str:
    return resource.table.description or resource.table.label_plural


def _ref(name: str, kind: str = "schemas") -> JsonSchema:
    return {"$ref": f"#/components/{kind}/{name}"}


def _names(resource: Resource) -> dict[str, str]:
    """The names of a table's schemas. Models have no underscore in theirs, so none is taken."""
    model = resource.model.__name__
    kinds = ("fields", "page", "groups", "input", "change", "row_change")
    return {"record": model, **{kind: f"{model}_{kind}" for kind in kinds}}


def _schemas(resource: Resource) -> Iterator[tuple[str, JsonSchema]]:
    names = _names(resource)
    columns = ("id", *resource.by_column, *(name for name in SYSTEM_COLUMNS if name != "id"))
    yield (
        names["fields"],
        {
            "type": "object",
            "description": "Those fields of a record that were asked for.",
            "properties": {name: answered(resource, name) for name in columns},
            "additionalProperties": False,
        },
    )
    label = resource.table.label
    yield names["record"], {"title": label, "allOf": [_ref(names["fields"])], "required": list(columns)}
    members = {"count": _optional("integer"), "next": _optional("string"), "previous": _optional("string")}
    results = {"type": "array", "items": _record(names)}
    counted = {"type": "string", "enum": ["exactly", "estimated"], "description": "Of an estimated count."}
    yield names["page"], _object({**members, "counted": counted, "results": results}, (*members, "results"))
    yield names["groups"], {"$ref": "#/components/schemas/Api_Groups"}
    inputs = {item.column.name: taken(resource, item) for item in settable(resource)}
    needed = [item.column.name for item in settable(resource) if item.column.required and item.column.default is None]
    yield names["input"], {**_object(inputs, needed), "examples": [example_values(resource)]}
    yield names["change"], _object({name: _without_default(shape) for name, shape in inputs.items()}, ())
    named = _object({"id": {"type": "string", "format": "uuid"}, **inputs}, ["id"])
    yield names["row_change"], {**named, "description": "The id of a record, and the values that change."}


def _object(properties: JsonSchema, required: Iterable[str]) -> JsonSchema:
    found: JsonSchema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def _optional(kind: str) -> JsonSchema:
    return {"type": [kind, "null"]}


def _without_default(shape: JsonSchema) -> JsonSchema:
    return {name: value for name, value in shape.items() if name != "default"}


def _record(names: dict[str, str]) -> JsonSchema:
    """A record in an answer: complete, or what `fields` asked for."""
    return {"anyOf": [_ref(names["record"]), _ref(names["fields"])]}


def _paths(resource: Resource) -> Iterator[tuple[str, JsonSchema]]:
    base = f"/tables/{resource.table.name}/records"
    yield base, _list_calls(resource)
    yield f"{base}/{{record_id}}", _record_calls(resource)
    if file_fields(resource):
        yield f"/tables/{resource.table.name}/files", {"post": _upload(resource)}
        file_id = {**_RECORD_ID, "name": "file_id"}
        read = _call(resource, "read_file", "Reads a file of a record", [], _READING)
        read["responses"]["200"] = {
            "description": "What is in the file.",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        }
        yield f"{base}/{{record_id}}/files/{{file_id}}", {"parameters": [_RECORD_ID, file_id], "get": read}


def _list_calls(resource: Resource) -> JsonSchema:
    names, label, several = _names(resource), resource.table.label.lower(), resource.table.label_plural.lower()
    listing = _call(resource, "list", f"Lists {several}, or sums them up", _list_parameters(resource), _READING)
    page = {"anyOf": [_ref(names["page"]), _ref(names["groups"])]}
    listing["responses"]["200"] = _json("A page, or with `aggregate` the results.", page)
    many = {"type": "array", "items": _ref(names["input"]), "minItems": 1, "maxItems": BULK_LIMIT}
    create = _call(resource, "create", f"Creates one {label} or many", _shape_parameters(resource), _WRITING)
    create["requestBody"] = _body({"anyOf": [_ref(names["input"]), many]}, example_values(resource))
    created = {"anyOf": [*_record(names)["anyOf"], {"type": "array", "items": _record(names)}]}
    location = {name: _ref(name, "headers") for name in ("Location", "ETag")}
    create["responses"]["201"] = {**_json("What was created.", created), "headers": location}
    matching = [*_matching_parameters(resource), *_shape_parameters(resource)]
    change = _call(resource, "change_many", f"Changes many {several}, all of them or none", matching, _WRITING)
    values = _ref(names["change"])
    rows = {"type": "array", "items": _ref(names["row_change"]), "minItems": 1, "maxItems": BULK_LIMIT}
    change["requestBody"] = _body(
        {"anyOf": [rows, _object({"ids": _UUIDS, "values": values}, ["values"])]}, {"values": example_values(resource)}
    )
    change["responses"]["200"] = _json("The records as they are now.", {"type": "array", "items": _record(names)})
    delete = _call(resource, "delete_many", f"Deletes many {several}, all of them or none", matching, _WRITING)
    delete["requestBody"] = {**_body(_object({"ids": _UUIDS}, ["ids"]), None), "required": False}
    delete["responses"]["200"] = _json("How many.", _object({"deleted": {"type": "integer"}}, ["deleted"]))
    return {"get": listing, "post": create, "patch": change, "delete": delete}


def _record_calls(resource: Resource) -> JsonSchema:
    names, label = _names(resource), resource.table.label.lower()
    shape = _shape_parameters(resource)
    tagged = {**_json("The record.", _record(names)), "headers": {"ETag": _ref("ETag", "headers")}}
    read = _call(resource, "read", f"Reads one {label}", [*shape, _condition("If-None-Match")], _READING)
    read["responses"] |= {"200": tagged, "304": {"description": "It is what the caller has."}}
    guarded = [*shape, _condition("If-Match")]
    calls = {"parameters": [_RECORD_ID], "get": read}
    for method, verb, kind, about in (
        ("put", "replace", "input", f"Replaces one {label}: what is left out gets its default"),
        ("patch", "change", "change", f"Changes some fields of one {label}"),
    ):
        call = _call(resource, verb, about, guarded, (*_WRITING, "412"))
        call["requestBody"] = _body(_ref(names[kind]), example_values(resource))
        call["responses"]["200"] = tagged
        calls[method] = call
    delete = _call(resource, "delete", f"Deletes one {label}", [_condition("If-Match")], (*_WRITING, "412"))
    delete["responses"]["204"] = {"description": "It is gone."}
    return {**calls, "delete": delete}


def _upload(resource: Resource) -> JsonSchema:
    call = _call(resource, "upload_file", "Uploads a file, whose id then goes into a record", [], _WRITING)
    columns = {"type": "string", "enum": [item.column.name for item in file_fields(resource)]}
    form = _object({"column": columns, "file": {"type": "string", "format": "binary"}}, ["column", "file"])
    call["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    call["responses"]["201"] = _json("What is known of the file.", _ref("Api_File"))
    return call


def _call(
    resource: Resource, verb: str, summary: str, parameters: list[JsonSchema], problems: Iterable[str]
) -> JsonSchema:
    table = resource.table.name
    responses = {code: _ref(f"Problem_{code}", "responses") for code in problems}
    found = {"operationId": f"{table}__{verb}", "tags": [table], "summary": f"{summary}.", "responses": responses}
    return {**found, "parameters": parameters} if parameters else found


def _json(description: str, schema: JsonSchema) -> JsonSchema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _body(schema: JsonSchema, example: Any) -> JsonSchema:
    content = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"required": True, "content": {"application/json": content}}


def _query(name: str, schema: JsonSchema, description: str) -> JsonSchema:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _names_of(columns: Iterable[str]) -> JsonSchema:
    return {"type": "array", "items": {"type": "string", "enum": list(columns)}, "uniqueItems": True, "minItems": 1}


def _listed(name: str, columns: Iterable[str], description: str) -> JsonSchema:
    return {**_query(name, _names_of(columns), description), "style": "form", "explode": False}


def _condition(name: str) -> JsonSchema:
    about = "Only while the record is as it was when this ETag was answered."
    if name == "If-None-Match":
        about = "Answer 304 when this ETag is still that of the answer."
    return {"name": name, "in": "header", "schema": {"type": "string", "examples": ['"5f0a-1b"']}, "description": about}


def _shape_parameters(resource: Resource) -> list[JsonSchema]:
    fields = _listed("fields", ("id", *resource.by_column, *SYSTEM_COLUMNS[1:]), "The only fields to answer.")
    names = [item.column.name for item in resource.expandable]
    about = "Answer these as objects with `id` and `label`, related records with all their fields."
    return [_listed("expand", names, about), fields] if names else [fields]


def _matching_parameters(resource: Resource) -> list[JsonSchema]:
    about = "Without `ids`: how many records the search and the filters find. With another number nothing is done."
    expected = _query("expected", {"type": "integer", "minimum": 1, "maximum": BULK_LIMIT}, about)
    return [expected, *_finding_parameters(resource)]


def _finding_parameters(resource: Resource) -> list[JsonSchema]:
    about = "Words that must each begin some word of the record's texts."
    groups = 'Groups of conditions as JSON, such as `{"or": [{"id": "..."}, {"and": [...]}]}`.'
    found = [
        _query("search", {"type": "string", "maxLength": MAX_SEARCH_LENGTH}, about),
        _query("filter", {"type": "string", "maxLength": MAX_LENGTH}, groups),
    ]
    for column, lookup in filters_of(resource):
        name = filter_name(column, lookup)
        name = f"{column}__exact" if name in PARAMETERS else name
        shape = filter_shape(resource, column, lookup)
        about = shape.pop("description")
        parameter = _query(name, shape, about)
        found.append({**parameter, "style": "form", "explode": False} if shape["type"] == "array" else parameter)
    return found


def _list_parameters(resource: Resource) -> list[JsonSchema]:
    orders = [name for column in orderable_columns(resource) for name in (column, f"-{column}")]
    whole = {"type": "integer", "minimum": 1}
    text = {"type": "string", "maxLength": 2000}
    return [
        *_finding_parameters(resource),
        _listed("ordering", orders, "Columns to sort by; a minus sorts descending."),
        _query("page", {**whole, "maximum": MAX_PAGE, "default": 1}, "The page's number."),
        _query("page_size", {**whole, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}, "Records a page."),
        _query(
            "cursor", {"type": "string"}, "Where the list goes on, as `next` and `previous` have it; empty to start."
        ),
        _query("count", {"type": "string", "enum": [*get_args(Count)]}, "How to count what matches."),
        *_shape_parameters(resource),
        _query("aggregate", text, "What to compute instead of listing, such as `count(),sum(price)`."),
        _query("group_by", text, "With `aggregate`: by what, such as `status,created_at:month`."),
        _query("having", text, "With `aggregate`: conditions on groups, such as `count()>=10`."),
        _query("limit", {**whole, "maximum": MAX_GROUPS}, "With `aggregate`: how many groups."),
    ]
