"""Records for tests: every field of a model with a value that fits it."""

import math
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from crud import fields
from crud.files import FilesInput
from crud.models import Owned

PASSWORD = "correct horse battery"

in_memory = override_settings(
    SECURE_SSL_REDIRECT=False,
    STORAGES={
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
)
"""For tests of pages: without HTTPS, and with files that are gone afterwards."""


def make_user(password: str | None = None, **options: Any) -> User:
    """An account; without a password, which takes time to store, it is for `force_login`."""
    return User.objects.create_user(f"{uuid4().hex}@example.com", password, **options)


def make(model: type[models.Model], **values: Any) -> Any:
    """A stored record. It belongs to whoever acts: see `crud.access.acting_as`."""
    record = model(**{**sample(model), **values})
    record.full_clean()
    record.save()
    return record


def sample(model: type[models.Model]) -> dict[str, Any]:
    """A value for every field but for relations that may be empty."""
    own = {field.name for field in Owned._meta.get_fields()}
    wanted = [field for field in model._meta.fields if field.name not in own and field.editable]
    return {
        field.name: value_of(field)
        for field in wanted
        if not (isinstance(field, models.ForeignKey) and field.null)
    }


def value_of(field: models.Field) -> Any:
    """A value that fits the field; another one each time where values are told apart."""
    match field:
        case models.ForeignKey():
            target = field.remote_field.model
            return make_user() if target is User else make(target)
        case fields.SelectField():
            return field.flatchoices[0][0]
        case fields.OptionsField():
            return [field.options[0][0]]
        case fields.FilesField():
            return [upload(field)]
        case fields.RichTextField():
            return "<p>Some <strong>text</strong></p>"
        case fields.PhoneField():
            return f"+49 30 {uuid4().int % 10**7:07}"[: field.max_length]
        case models.EmailField():
            return f"{uuid4().hex[:6]}@e.org"[: field.max_length]
        case models.URLField():
            return f"https://e.org/{uuid4().hex[:6]}"[: field.max_length]
        case models.BooleanField():
            return True
        case models.JSONField():
            return {"a": [1, "two"]}
        case models.UUIDField():
            return uuid4()
        case models.DateTimeField():
            return timezone.now().replace(microsecond=0)
        case models.DateField():
            return date(2026, 1, 1) + timedelta(days=uuid4().int % 10_000)
        case models.TimeField():
            return time(9, uuid4().int % 60)
        case models.DurationField():
            return timedelta(minutes=uuid4().int % 10_000)
        case models.DecimalField() | models.IntegerField():
            return number(field)
    return uuid4().hex[: min(field.max_length or 32, 32)]


def number(field: models.DecimalField | models.IntegerField) -> Any:
    """A number within the bounds of the field."""
    low, high = bound(field, MinValueValidator, 0), bound(field, MaxValueValidator, 2**31)
    if isinstance(field, models.DecimalField):
        high = min(high, 10 ** (field.max_digits - field.decimal_places) - 1)
        low = max(low, -high)
    first, last = math.ceil(low), math.floor(high)
    return low if last <= first else type(low)(first + uuid4().int % (last - first + 1))


def bound(field: models.Field, kind: type[BaseValidator], default: int) -> Any:
    """What the validators of a field say of its smallest or largest value."""
    limits = [rule.limit_value for rule in field.validators if isinstance(rule, kind)]
    found = (max if kind is MinValueValidator else min)(limits, default=default)
    if kind is MinValueValidator and found < 0:
        found = 0 if bound(field, MaxValueValidator, 0) >= 0 else found
    return found if isinstance(found, Decimal) else int(found)


def upload(field: fields.FilesField) -> SimpleUploadedFile:
    """A small file of a kind that the field accepts."""
    kind = field.accept[0] if field.accept else "text/plain"
    ending = kind if kind.startswith(".") else ".txt"
    media_type = "text/plain" if kind.startswith(".") else kind.replace("*", "png")
    return SimpleUploadedFile(f"note{ending}", b"hello", media_type)


def form_data(form: forms.BaseForm, model: type[models.Model]) -> dict[str, Any]:
    """What a browser sends for a form as it is shown."""
    sent: dict[str, Any] = {}
    for bound_field in form:
        widget, value = bound_field.field.widget, bound_field.value()
        if isinstance(widget, FilesInput):
            field = model._meta.get_field(bound_field.name)
            assert isinstance(field, fields.FilesField)  # noqa: S101
            # In the place of the files that are there: a record may be full.
            sent[widget.removal_name(bound_field.html_name)] = [file["id"] for file in value or []]
            sent[bound_field.html_name] = upload(field)
        elif isinstance(widget, forms.CheckboxInput):
            sent |= {bound_field.html_name: "on"} if value else {}
        elif isinstance(widget, forms.SelectMultiple | forms.CheckboxSelectMultiple):
            sent[bound_field.html_name] = [str(getattr(one, "pk", one)) for one in value or []]
        elif isinstance(widget, forms.NullBooleanSelect):
            sent[bound_field.html_name] = "" if value is None else str(value).lower()
        elif isinstance(widget, forms.Select):
            sent[bound_field.html_name] = "" if value is None else str(value)
        else:
            sent[bound_field.html_name] = widget.format_value(value) or ""
    return sent
