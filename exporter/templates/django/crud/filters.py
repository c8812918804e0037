"""What lists can be filtered by."""

from django import forms
from django.db import models
from django.utils.text import capfirst
from django_filters import DateFilter, DateTimeFilter, FilterSet, ModelChoiceFilter
from django_filters.filterset import FILTER_FOR_DBFIELD_DEFAULTS

from crud.forms import RecordSelect
from crud.models import Record

BOUNDS = {"gte": " from", "lte": " to"}
CONTROLS = {DateFilter: "date", DateTimeFilter: "datetime-local"}


class RecordFilterSet(FilterSet):
    """Filters that look records up instead of listing all of them."""

    FILTER_DEFAULTS = {
        **FILTER_FOR_DBFIELD_DEFAULTS,
        models.ForeignKey: {
            **FILTER_FOR_DBFIELD_DEFAULTS[models.ForeignKey],
            "extra": lambda field: {"queryset": field.remote_field.model._default_manager.all()},
        },
    }

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        for found in self.filters.values():
            words = capfirst(self._meta.model._meta.get_field(found.field_name).verbose_name)
            found.label = f"{words}{BOUNDS.get(found.lookup_expr, '')}"
            if isinstance(found, ModelChoiceFilter):
                if issubclass(found.extra["queryset"].model, Record):
                    found.extra["widget"] = RecordSelect
            elif kind := CONTROLS.get(type(found)):
                found.extra["widget"] = forms.DateTimeInput(attrs={"type": kind})
        self.form.label_suffix = ""
