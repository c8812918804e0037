"""How values are shown. Each column type names its cell template; these tags and filters are what cells need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.members import member_name
from dynamic_crud.cell_editing import is_edited_in_place
from dynamic_crud.factory import DynamicRow
from dynamic_crud.file_links import file_icon, file_links
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
register.filter(is_edited_in_place)

_NUMBER_CELLS: Final = frozenset(f"crud/cells/{name}.html" for name in ("number", "currency", "percent"))

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
    return context.template.engine.get_template(item.type.cell).render(context.new(shown))  # type: ignore[union-attr]


def _targets(project_id: UUID, table: str, stored: Any, value: Any, in_full: bool) -> dict[str, Any]:
    """What the cells of relations link to."""
    if not isinstance(value, list):
        return {"url": reverse("record-detail", args=[project_id, table, stored])}
    shown = value if in_full else value[:LINKS_IN_SHORT]
    links = [(reverse("record-detail", args=[project_id, table, row.pk]), str(row)) for row in shown]
    return {"links": links, "hidden": len(value) - len(links)}


@register.simple_tag(takes_context=True)
def record_url(context: Context, name: str, resource: Resource, row: DynamicRow | None = None) -> str:
    """The address of a page of a table, or of one of its records."""
    return reverse(name, args=[context["project"].pk, resource.table.name, *([row.pk] if row else [])])


@register.simple_tag(takes_context=True)
def cell_url(context: Context, resource: Resource, row: DynamicRow, item: ResourceField) -> str:
    """The address of the editor of one value."""
    return reverse("record-cell", args=[context["project"].pk, resource.table.name, row.pk, item.column.name])


@register.filter
def is_number(item: ResourceField) -> bool:
    """Whether the column's values are compared digit by digit, and so stand at the right."""
    return item.type.cell in _NUMBER_CELLS


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
