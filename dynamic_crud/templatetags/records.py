"""How values are shown. Each column type names its cell template; these tags and filters are what cells need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django import template
from django.template import Context
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from core.members import member_name
from dynamic_crud.factory import DynamicRow
from dynamic_crud.file_links import file_icon, file_links
from dynamic_crud.grid import GridColumn, is_number
from dynamic_crud.grid import grid_columns as columns_of_grid
from dynamic_crud.resources import Resource, ResourceField
from dynamic_crud.wording import clock, day, grouped, length, moment, money
from schemas.column_types.attachment import FilesField
from schemas.column_types.options import option_color, option_label
from schemas.column_types.phone import international
from schemas.column_types.rich_text import plain_text, sanitised
from schemas.column_types.user import UserField

register = template.Library()

for wording in (moment, day, clock, money, grouped, international, plain_text):
    register.filter(wording)
register.filter("length_of_time", length)
register.filter(file_icon)
register.filter(is_number)

LINKS_IN_SHORT: Final = 3
"""How many linked records a list names before it counts the rest."""

_EMPTY: Final = SafeString('<span class="vc-muted" aria-hidden="true">&ndash;</span><span class="vc-sr">empty</span>')


@register.simple_tag(takes_context=True)
def cell(context: Context, resource: Resource, item: ResourceField, row: DynamicRow, *, in_full: bool = False) -> str:
    """A value as its column's type shows it, in short or in full; a dash where there is none."""
    stored = item.stored(row)
    if stored is None or stored == "":
        return _EMPTY
    shown: dict[str, Any] = {"value": item.value(row), "settings": item.settings, "in_full": in_full}
    if item.column.is_relation:
        shown |= _targets(context["project"].pk, resource.target(item).table.name, stored, shown["value"], in_full)
    if isinstance(item.model_field, UserField):
        shown["value"] = member_name(context["members"], stored)
    if isinstance(item.model_field, FilesField):
        shown["files"] = file_links(context["project"].pk, resource, row, stored)
    # A context of its own: that of the page would have its processors asked again for every cell.
    return context.template.engine.get_template(item.type.cell).render(Context(shown))  # type: ignore[union-attr]


def _targets(project_id: UUID, table: str, stored: Any, value: Any, in_full: bool) -> dict[str, Any]:
    """What the cells of relations link to."""
    base = _list_url(get_script_prefix(), project_id, table)
    if not isinstance(value, list):
        return {"url": f"{base}{stored}/"}
    shown = value if in_full else value[:LINKS_IN_SHORT]
    links = [(f"{base}{row.pk}/", str(row)) for row in shown]
    return {"links": links, "hidden": len(value) - len(links)}


@lru_cache(maxsize=1024)
def _list_url(prefix: str, project_id: UUID, table: str) -> str:
    """The address of a list, with which those of its records begin."""
    return reverse("record-list", args=[project_id, table])


@register.simple_tag(takes_context=True)
def grid_columns(context: Context, resource: Resource, fields: Sequence[ResourceField]) -> list[GridColumn]:
    """The columns of a grid, as the user may edit them."""
    return columns_of_grid(resource, fields, is_editable="write_records" in context["rights"])


@register.simple_tag(takes_context=True)
def grid_cells(
    context: Context, resource: Resource, columns: Sequence[GridColumn], row: DynamicRow, base: str, place: str
) -> SafeString:
    """The cells of a row: in one tag, because a page has hundreds of them, and each tag more costs as much as a cell.

    Args:
        context: of the page.
        resource: the table.
        columns: those of the grid.
        row: the record.
        base: the address of the list.
        place: what the address of the record's page says of the list.
    """
    title = format_html('<a href="{}{}/?{}">{}</a>', base, row.pk, place, row)
    shown = (
        title if each.is_title else f'<div class="vc-cell">{cell(context, resource, each.field, row)}</div>'
        for each in columns
    )
    return SafeString("".join(f"{each.opening}{html}</td>" for each, html in zip(columns, shown, strict=True)))


@register.simple_tag(takes_context=True)
def record_url(context: Context, name: str, resource: Resource, row: DynamicRow | None = None) -> str:
    """The address of a page of a table, or of one of its records."""
    return reverse(name, args=[context["project"].pk, resource.table.name, *([row.pk] if row else [])])


@register.simple_tag(takes_context=True)
def cell_url(context: Context, resource: Resource, row: DynamicRow, item: ResourceField) -> str:
    """The address of the editor of one value."""
    return reverse("record-cell", args=[context["project"].pk, resource.table.name, row.pk, item.column.name])


@register.filter
def iso(value: date) -> str:
    """A date, with or without a time, as programs read it."""
    return (localtime(value) if isinstance(value, datetime) else value).isoformat()


@register.filter
def badge(value: str, options: Sequence[Mapping[str, Any]]) -> SafeString:
    """An option of a select as a coloured badge."""
    for option in options:
        if option["value"] == value:
            return format_html(
                '<span class="vc-badge vc-badge-{}">{}</span>', option_color(option), option_label(option)
            )
    return format_html('<span class="vc-badge">{}</span>', value)


@register.filter
def formatted(value: str) -> SafeString:
    """Formatted text as markup. Whoever wrote the row: what would run is taken out here once more."""
    return SafeString(sanitised(value))


@register.filter
def stars(value: int, most: int) -> SafeString:
    """A rating as filled and empty stars."""
    filled = "★" * value + "☆" * (most - value)
    return format_html('<span class="vc-stars" role="img" aria-label="{} of {}">{}</span>', value, most, filled)


@register.filter
def pretty_json(value: Any) -> str:
    """JSON as people indent it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


@register.filter
def bare_url(value: str) -> str:
    """An address without what every address has."""
    return value.partition("://")[2].removeprefix("www.").rstrip("/") or value
