"""Calls of the records API to copy, made of a table's own columns."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from dynamic_crud.aggregates import aggregates_of, groupable_columns
from dynamic_crud.attaching import file_fields
from dynamic_crud.filters import filter_name
from dynamic_crud.openapi import example_values
from dynamic_crud.openapi_columns import filters_of
from dynamic_crud.resources import Resource


@dataclass(frozen=True, slots=True)
class Example:
    """A call to copy.

    Args:
        about: what it does.
        curl: the command. `$TOKEN` stands for the caller's token.
    """

    about: str
    curl: str


def examples_of(resource: Resource, server: str) -> Iterator[Example]:
    """Calls for a table, which work as they stand but for the ids in angle brackets."""
    base = f"{server}/tables/{resource.table.name}/records"
    label, several = resource.table.label.lower(), resource.table.label_plural.lower()
    values = example_values(resource) | _pointers(resource)
    yield Example(
        f"List {several}, newest first", _curl(_with_query(base, {"ordering": "-created_at", "page_size": 20}))
    )
    if found := next(
        ((column, lookup) for column, lookup in filters_of(resource) if lookup in ("icontains", "gte")), None
    ):
        yield Example("Filter", _curl(_with_query(base, {filter_name(*found): values.get(found[0], "a")})))
    yield Example(f"Create a {label}", _curl(base, "POST", values))
    yield Example(f"Read one {label}", _curl(f"{base}/<id>"))
    some = _change(resource, values)
    yield Example(
        "Change some of its fields, unless others have", _curl(f"{base}/<id>", "PATCH", some, "If-Match: <etag>")
    )
    yield Example("Change many", _curl(base, "PATCH", {"ids": ["<id>", "<another id>"], "values": some}))
    yield Example("Delete one", _curl(f"{base}/<id>", "DELETE"))
    grouped = next((name for name, column in groupable_columns(resource).items() if column.type == "select"), None)
    summed = [f"sum({item.column.name})" for item in resource.fields if "sum" in aggregates_of(item.column)]
    query = {"aggregate": ",".join(["count()", *summed[:1]]), "group_by": grouped or "created_at:month"}
    yield Example("Sum up", _curl(_with_query(base, query)))
    for item in file_fields(resource)[:1]:
        form = f" \\\n  -F column={item.column.name} -F file=@file.pdf"
        yield Example("Upload a file", _curl(f"{server}/tables/{resource.table.name}/files", "POST") + form)


def _change(resource: Resource, values: Mapping[str, Any]) -> dict[str, Any]:
    """One value that several records may have; the first one where there is none such."""
    alone = {name for names in resource.table.unique for name in names}
    alone |= {item.column.name for item in resource.fields if item.column.unique}
    name = next((name for name in values if name not in alone), next(iter(values), None))
    return {name: values[name]} if name else {}


def _pointers(resource: Resource) -> dict[str, Any]:
    """Places for the ids that a record needs."""
    needed = [item for item in resource.relations if item.column.required]
    return {item.column.name: f"<id of {resource.target(item).table.name}>" for item in needed}


def _curl(url: str, method: str = "GET", body: Any = None, *headers: str) -> str:
    # Double quotes where the shell has to read a variable; all else is quoted so that nothing of it is.
    parts = ['-H "Authorization: Bearer $TOKEN"', *(f"-H {shlex.quote(header)}" for header in headers)]
    if body is not None:
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(orjson.dumps(body).decode())}"]
    verb = "" if method == "GET" else f"-X {method} "
    return " \\\n  ".join([f"curl {verb}{shlex.quote(url)}", *parts])


def _with_query(url: str, query: dict[str, Any]) -> str:
    return f"{url}?{urlencode(query, safe='(),:')}"
