"""A list as a CSV file: all rows that its filters let through, as the API writes them, with the names of links."""

from __future__ import annotations

import csv
import io
import json
from tempfile import TemporaryFile
from typing import IO, Any, Final

from dynamic_crud.factory import DynamicRow
from dynamic_crud.listing import ListQuery
from dynamic_crud.querysets import find_rows, ordered_rows, with_related
from dynamic_crud.resources import Resource
from dynamic_crud.serializers import represent

_FETCHED_AT_ONCE: Final = 1000
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_file(resource: Resource, alias: str, query: ListQuery) -> IO[bytes]:
    """The rows of a question on all its pages, in a temporary file. Call it inside the door.

    A file and not a stream: the door must not stay open for as long as someone's connection is slow.
    """
    binary = TemporaryFile()  # noqa: SIM115  (the response closes it)
    # The mark at the start tells Excel that this is UTF-8.
    text = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(_header(resource))
    rows = ordered_rows(resource, with_related(resource, find_rows(resource, alias, query)), query.ordering)
    writer.writerows(_line(resource, row) for row in rows.iterator(chunk_size=_FETCHED_AT_ONCE))
    text.detach()
    binary.seek(0)
    return binary


def _columns(resource: Resource) -> list[str]:
    return ["id", *resource.by_column, "created_at", "updated_at"]


def _header(resource: Resource) -> list[str]:
    return _columns(resource) + [f"{relation.name} (label)" for relation in resource.relations]


def _line(resource: Resource, row: DynamicRow) -> list[str]:
    data = represent(resource, row)
    labels = [relation.value(row) for relation in resource.relations]
    values = [data[column] for column in _columns(resource)] + [str(label) if label else None for label in labels]
    return [_cell(value) for value in values]


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
        case str() if value.startswith(_FORMULA_STARTS) and not _is_number(value):
            return f"'{value}"  # a spreadsheet would run it as a formula
    return str(value)


def _is_number(text: str) -> bool:
    digits = text[1:].replace(".", "", 1)
    return text[0] in "+-" and digits.isascii() and digits.isdigit()
