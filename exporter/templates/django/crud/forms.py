"""Forms of records."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.forms.models import ModelChoiceIterator
from django.urls import reverse


class PickerMixin:
    """Offers the chosen records; others are looked up while somebody types."""

    choices: Any
    attrs: dict[str, Any]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        every = self.choices
        if not isinstance(every, ModelChoiceIterator):
            return super().get_context(name, value, attrs)  # type: ignore[misc]
        options = reverse(f"{every.queryset.model._meta.model_name}-options")
        self.choices = list(_chosen(every, value))
        try:
            return super().get_context(  # type: ignore[misc]
                name, value, {**(attrs or {}), "data-options": options}
            )
        finally:
            self.choices = every


def _chosen(every: ModelChoiceIterator, value: Any) -> Iterator[tuple[Any, str]]:
    """The records that are chosen, and what stands for none."""
    if every.field.empty_label is not None:
        yield "", str(every.field.empty_label)
    keys = [key for key in (value if isinstance(value, list | tuple) else [value]) if _is_id(key)]
    for record in every.queryset.filter(pk__in=keys) if keys else ():
        yield record.pk, str(record)


class RecordSelect(PickerMixin, forms.Select):
    """Chooses one record."""


class RecordSelectMultiple(PickerMixin, forms.SelectMultiple):
    """Chooses any number of records."""


class RecordForm(forms.ModelForm):
    """A form with the browser's own controls for days and times, and a picker for records."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
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
