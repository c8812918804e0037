"""What lists can be filtered by."""

from django.db import models
from django_filters import FilterSet, ModelChoiceFilter, ModelMultipleChoiceFilter
from django_filters.filterset import FILTER_FOR_DBFIELD_DEFAULTS

from crud.forms import RecordSelect


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
            is_record = isinstance(found, ModelChoiceFilter | ModelMultipleChoiceFilter)
            if is_record and not found.field.queryset.model._meta.swappable:
                found.extra["widget"] = RecordSelect
