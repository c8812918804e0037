"""How values are shown. Each column type names its cell template; these tags and filters are what cells need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dynamic_crud.factory import DynamicRow
from dynamic_crud.resources import Resource, ResourceField
from dynamic_crud.wording import clock, day, grouped, moment, money
from schemas.column_types.select import option_color, option_label

register = template.Library()

for wording in (moment, day, clock, money, grouped):
    register.filter(wording)

_NUMBER_CELLS: Final = frozenset(f"crud/cells/{name}.html" for name in ("number", "currency", "percent"))

_EMPTY: Final = SafeString('<span class="vc-muted" aria-hidden="true">&ndash;</span><span class="vc-sr">empty</span>')


@register.simple_tag(takes_context=True)
def cell(context: Context, resource: Resource, item: ResourceField, row: DynamicRow) -> str:
    """A value as its column's type shows it; a dash where there is none."""
    stored = getattr(row, item.model_field.attname)
    if stored is None or stored == "":
        return _EMPTY
    shown: dict[str, Any] = {"value": item.value(row), "settings": item.settings}
    if item.column.is_relation:
        target = resource.target(item).table.name
        shown["url"] = reverse("record-detail", args=[context["project"].pk, target, stored])
    return context.template.engine.get_template(item.type.cell).render(context.new(shown))  # type: ignore[union-attr]


@register.simple_tag(takes_context=True)
def record_url(context: Context, name: str, resource: Resource, row: DynamicRow | None = None) -> str:
    """The address of a page of a table, or of one of its records."""
    return reverse(name, args=[context["project"].pk, resource.table.name, *([row.pk] if row else [])])


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
