"""The grid of a list: what all cells of a column have in common, put together once for all rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from dynamic_crud.resources import Resource, ResourceField
from schemas.column_types.attachment import FilesField
from schemas.column_types.rich_text import RichTextField
from schemas.document import TIMESTAMPS

_NUMBER_CELLS: Final = frozenset(f"crud/cells/{name}.html" for name in ("number", "currency", "percent"))
_TIMES: Final = frozenset(column.name for column in TIMESTAMPS)


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of a grid.

    Args:
        field: the column.
        opening: the tag that begins each of its cells.
        is_title: whether its cells lead to their records.
    """

    field: ResourceField
    opening: SafeString
    is_title: bool


def grid_columns(resource: Resource, fields: Iterable[ResourceField], *, is_editable: bool) -> list[GridColumn]:
    """The columns of a grid.

    Args:
        resource: the table.
        fields: the columns, in their order.
        is_editable: whether the user may change values in the list.
    """
    return [_grid_column(item, is_title=item == resource.title_field, is_editable=is_editable) for item in fields]


def is_edited_in_place(item: ResourceField) -> bool:
    """Whether a cell has room for what the column's values are entered with."""
    is_small = not isinstance(item.model_field, FilesField | RichTextField)
    return is_small and not item.type.numbered and item.column.name not in _TIMES


def is_number(item: ResourceField) -> bool:
    """Whether the column's values are compared digit by digit, and so stand at the right."""
    return item.type.cell in _NUMBER_CELLS


def _grid_column(item: ResourceField, *, is_title: bool, is_editable: bool) -> GridColumn:
    kind = SafeString('class="vc-title" ' if is_title else 'class="vc-num" ' if is_number(item) else "")
    edit = format_html(' data-edit="{}"', item.column.name) if is_editable and is_edited_in_place(item) else ""
    opening = format_html('<td {}data-label="{}" tabindex="-1"{}>', kind, item.column.title, edit)
    return GridColumn(item, opening, is_title)
