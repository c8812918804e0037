"""A list as a CSV file: all rows that its filters let through, each value in the text form of its column's type.

What is written is what a reader gets back, exactly: `unguarded` undoes what keeps spreadsheets from running a text as
a formula, then `ColumnType.parse` reads the value. An empty cell is null: no value's text form is empty. Columns named
`... (label)` only say what links and members are called. Readers in Python raise `csv.field_size_limit` first: cells
may be long.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from tempfile import TemporaryFile
from typing import IO, Any, Final
from uuid import UUID

from core.members import Member, member_name
from dynamic_crud.factory import DynamicRow
from dynamic_crud.listing import ListQuery
from dynamic_crud.querysets import find_rows, ordered_rows, with_related
from dynamic_crud.resources import Resource, ResourceField
from schemas.column_types import column_types
from schemas.document import TIMESTAMPS, Column

_FETCHED_AT_ONCE: Final = 1000
_FORMULA: Final = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet may run, and what is guarded already: a text may begin with an apostrophe of its own."""

_NUMBER: Final = re.compile(r"[+-][0-9]*\.?[0-9]+")


def csv_file(resource: Resource, alias: str, query: ListQuery, members: Mapping[UUID, Member]) -> IO[bytes]:
    """The rows of a question on all its pages, in a temporary file. Call it inside the door.

    A file and not a stream: the door must not stay open for as long as someone's connection is slow.

    Args:
        resource: the table.
        alias: the database of the open door.
        query: the question.
        members: the members of the project by id.
    """
    binary = TemporaryFile()  # noqa: SIM115  (the response closes it)
    # The mark at the start tells Excel that this is UTF-8.
    text = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(_header(resource))
    rows = ordered_rows(resource, with_related(resource, find_rows(resource, alias, query)), query.ordering)
    writer.writerows(_line(resource, row, members) for row in rows.iterator(chunk_size=_FETCHED_AT_ONCE))
    text.detach()
    binary.seek(0)
    return binary


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula. Numbers stay as they are."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _header(resource: Resource) -> list[str]:
    labels = [f"{relation.name} (label)" for relation in resource.expandable]
    return ["id", *resource.by_column, *(column.name for column in TIMESTAMPS), *labels]


def _line(resource: Resource, row: DynamicRow, members: Mapping[UUID, Member]) -> list[str]:
    values = [_text(item.column, item.stored(row)) for item in resource.fields]
    times = [_text(column, getattr(row, column.name)) for column in TIMESTAMPS]
    labels = [_label(item, row, members) for item in resource.expandable]
    return [guarded(text) for text in (str(row.pk), *values, *times, *labels)]


def _label(item: ResourceField, row: DynamicRow, members: Mapping[UUID, Member]) -> str:
    """What people call what a column points to; nothing where it points nowhere or to what they may not see."""
    value = item.value(row)
    if value is None:
        return ""
    if not item.column.is_relation:
        return member_name(members, value)
    return str(value) if item.column.is_stored else ", ".join(str(each) for each in value)


def _text(column: Column, value: Any) -> str:
    return "" if value is None else column_types.get(column.type).text(column, value)
