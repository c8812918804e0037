"""Tags of the pages of records."""

import json
from typing import Any

from django import template
from django.db import models
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from crud import fields, formats
from crud.html import sanitised
from crud.sections import Section, sections

register = template.Library()


@register.simple_tag
def all_sections() -> list[Section]:
    """What the navigation lists."""
    return sections()


@register.simple_tag
def label(model: type[models.Model], name: str) -> str:
    """What a field is called."""
    field = formats.field_of(model, name)
    return capfirst(str(field.verbose_name))


@register.inclusion_tag("crud/value.html")
def value(record: models.Model, name: str, *, is_full: bool = False) -> dict[str, Any]:
    """A value with its links and badges.

    Args:
        record: the record.
        name: the field.
        is_full: whether all of it is shown, as on the page of a record.
    """
    field = formats.field_of(record, name)
    found: dict[str, Any] = {"record": record, "name": name, "is_full": is_full}
    if isinstance(field, models.ManyToManyField):
        return found | {"kind": "records", "records": getattr(record, name).all()}
    if isinstance(field, models.ForeignKey):
        target = formats.related(record, field)
        is_hidden = target is None and getattr(record, field.attname) is not None
        return found | {"kind": "record", "target": target, "is_hidden": is_hidden}
    stored = getattr(record, name)
    found |= {"kind": _kind(field), "value": stored, "text": formats.text(field, stored)}
    if isinstance(field, fields.SelectField | fields.OptionsField) and stored:
        chosen = [stored] if isinstance(stored, str) else stored
        labels = dict(getattr(field, "options", None) or field.flatchoices)
        found["badges"] = [(labels.get(one, one), field.colors.get(one, "gray")) for one in chosen]
    return found


def _kind(field: models.Field) -> str:
    """How a value is shown."""
    match field:
        case fields.SelectField() | fields.OptionsField():
            return "badges"
        case fields.FilesField():
            return "files"
        case fields.RichTextField():
            return "rich_text"
        case models.EmailField():
            return "email"
        case models.URLField():
            return "address"
        case fields.PhoneField():
            return "phone"
        case models.JSONField():
            return "json"
        case models.IntegerField() | models.DecimalField():
            return "number"
    return "text"


@register.filter
def rich_text(markup: str) -> SafeString:
    """Formatted text, cleaned once more on its way to the page."""
    return mark_safe(sanitised(markup))  # noqa: S308


@register.filter
def pretty_json(data: Any) -> str:
    """JSON on several lines."""
    return json.dumps(data, indent=2, ensure_ascii=False)


@register.filter
def url_name(model: type[models.Model] | models.Model, action: str) -> str:
    """The name of the address of a page, such as `contact-list`."""
    return f"{model._meta.model_name}-{action}"
