"""Reading cells: each as the text form of its column's type, which is what a downloaded CSV file has."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from dynamic_crud.attaching import file_fields
from dynamic_crud.csv_export import unguarded
from dynamic_crud.csv_import.faults import Wrong
from dynamic_crud.resources import Resource, ResourceField
from schemas.column_types.long_text import LongTextType
from schemas.column_types.number import NumericType
from schemas.column_types.options import OptionsType
from schemas.column_types.text import TextType

NOTHING: Final = object()
"""What an empty cell is where the column's default takes its place."""

_REMEMBERED: Final = 5000
_LONGEST_REMEMBERED: Final = 200
_MOST_NAMED: Final = 8
"""Options that a sentence names."""

Reader = Callable[[str], Any]
"""Reads a cell; raises `Wrong`."""


def text_of(cell: str) -> str:
    """What a cell says: without the apostrophe that keeps spreadsheets from running it; blanks alone are nothing."""
    text = unguarded(cell)
    return text if text.strip() else ""


def empty_value(item: ResourceField) -> Any:
    """What an empty cell is: no value. Where one is required the default, if there is any; raises `Wrong`."""
    if not item.column.required:
        return None if item.column.is_stored else []
    if item.column.default is None:
        raise Wrong(f"{item.column.title} is required.", "Write a value, or leave the line out.")
    return NOTHING


def reader(resource: Resource, item: ResourceField) -> Reader:
    """What reads the cells of a column that says all by itself: of one that points to nothing.

    Values often come again in a column, and reading costs more than looking up.
    """
    is_files = item in file_fields(resource)

    def read(text: str) -> tuple[Any, str]:
        try:
            value = _parsed(item, text)
        except ValueError as error:
            return None, str(error) or "This cannot be read."
        return [UUID(file["id"]) for file in value or ()] if is_files else value, ""

    remembered = lru_cache(_REMEMBERED)(read)

    def read_cell(text: str) -> Any:
        if not text:
            return empty_value(item)
        value, fault = (remembered if len(text) <= _LONGEST_REMEMBERED else read)(text)
        if fault:
            raise Wrong(fault, _advice(item))
        return empty_value(item) if value is None else value

    return read_cell


def _parsed(item: ResourceField, text: str) -> Any:
    """The value of a text, or else of the text without the blanks around it."""
    try:
        return item.type.parse(item.column, text)
    except ValueError:
        if text == text.strip():
            raise
        return item.type.parse(item.column, text.strip())


def _advice(item: ResourceField) -> str:
    """How values of the column are written."""
    if isinstance(item.type, OptionsType):
        labels = [label for _, label in item.type.choices(item.column)]
        more = f" or one of {len(labels) - _MOST_NAMED} others" if len(labels) > _MOST_NAMED else ""
        return f"Write one of {', '.join(labels[:_MOST_NAMED])}{more}."
    if type(item.type) not in (TextType, LongTextType) and not isinstance(item.type, NumericType):
        for example in item.type.examples:
            if isinstance(example, str):
                return f"Write it like {example}."
    return "Write another value." if item.column.required else "Write another value, or leave the cell empty."
