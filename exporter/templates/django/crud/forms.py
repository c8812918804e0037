"""Forms of records."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceIterator
from django.urls import reverse


class PickerMixin:
    """Offers the chosen records; others are looked up while somebody types."""

    choices: Any
    attrs: dict[str, Any]

    def optgroups(
        self, name: str, value: list[str], attrs: dict[str, Any] | None = None
    ) -> list[Any]:
        every = self.choices
        if isinstance(every, ModelChoiceIterator):
            chosen = [key for key in value if _is_id(key)]
            records = every.queryset.filter(pk__in=chosen) if chosen else []
            empty = [("", "---------")] if every.field.empty_label else []
            self.choices = [*empty, *((record.pk, str(record)) for record in records)]
            self.attrs["data-options"] = reverse(f"{every.queryset.model._meta.model_name}-options")
        try:
            return super().optgroups(name, value, attrs)  # type: ignore[misc]
        finally:
            self.choices = every


class RecordSelect(PickerMixin, forms.Select):
    """Chooses one record."""


class RecordSelectMultiple(PickerMixin, forms.SelectMultiple):
    """Chooses any number of records."""


class RecordForm(forms.ModelForm):
    """A form with the browser's own controls for days and times, and a picker for records."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            _furnish(field)


def _furnish(field: forms.Field) -> None:
    """Gives a field the control that suits it."""
    match field:
        case forms.ModelMultipleChoiceField() if _has_pages(field):
            field.widget = RecordSelectMultiple(attrs=field.widget.attrs)
            field.widget.choices = field.choices
        case forms.ModelChoiceField() if _has_pages(field):
            field.widget = RecordSelect(attrs=field.widget.attrs)
            field.widget.choices = field.choices
        case forms.DateTimeField():
            field.widget = forms.DateTimeInput(
                attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"
            )
        case forms.DateField():
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        case forms.TimeField():
            field.widget = forms.TimeInput(attrs={"type": "time", "step": 1}, format="%H:%M:%S")
        case forms.DurationField():
            field.widget.attrs["placeholder"] = "1:30:00"
        case forms.DecimalField():
            field.widget.attrs["step"] = "any"


def _has_pages(field: forms.ModelChoiceField) -> bool:
    from crud.models import Record

    return field.queryset is not None and issubclass(field.queryset.model, Record)


def _is_id(text: Any) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


def clean_search(text: str) -> str:
    """What somebody searches for; PostgreSQL has no text with a null character in it."""
    if "\0" in text:
        raise ValidationError("Null characters are not allowed.")
    return text.strip()
