"""Values as people read them, in lists, on pages and in titles."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils import formats, timezone
from django.utils.duration import duration_string

from crud import fields
from crud.html import plain_text


def shown(record: models.Model, name: str) -> str:
    """The value of a record's field as text; empty for none."""
    field = field_of(record, name)
    if isinstance(field, models.ManyToManyField):
        return ", ".join(str(linked) for linked in getattr(record, name).all())
    if isinstance(field, models.ForeignKey):
        return str(related(record, field) or "")
    return text(field, getattr(record, name))


def field_of(record: models.Model | type[models.Model], name: str) -> models.Field:
    """A field of a model."""
    return cast("models.Field", record._meta.get_field(name))


def related(record: models.Model, field: models.ForeignKey) -> models.Model | None:
    """What a record points to; None for nothing, and for what the reader may not see."""
    try:
        return getattr(record, field.name)
    except ObjectDoesNotExist:
        return None


def text(field: models.Field, value: Any) -> str:
    """A value as text."""
    if value is None or value == "":
        return ""
    match field:
        case fields.SelectField():
            return dict(field.flatchoices).get(value, value)
        case fields.OptionsField():
            return ", ".join(dict(field.options).get(item, item) for item in value)
        case fields.FilesField():
            return ", ".join(file["name"] for file in value)
        case fields.AutoNumberField():
            return field.shown(value)
        case fields.CurrencyField():
            return f"{number(value)} {field.currency}".strip()
        case fields.PercentField():
            return f"{number(value)} %"
        case fields.RatingField():
            return "★" * value + "☆" * (field.most - value)
        case fields.RichTextField():
            return plain_text(value)
        case models.JSONField():
            return json.dumps(value, ensure_ascii=False)
    return plain(value)


def plain(value: Any) -> str:
    """A value of one of Python's own types as text."""
    match value:
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case date():
            return formats.date_format(value)
        case time():
            return formats.time_format(value)
        case timedelta():
            return duration_string(value)
        case int() | Decimal():
            return number(value)
    return str(value)


def number(value: int | Decimal) -> str:
    """A number with separators between its thousands."""
    return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
