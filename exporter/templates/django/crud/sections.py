"""Sections: what the pages and the API of a table are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import models
from django_filters import FilterSet

from crud.forms import RecordForm
from crud.models import Record
from crud.serializers import RecordSerializer


@dataclass(frozen=True)
class Section:
    """The pages and the API of one table.

    Args:
        slug: the beginning of the addresses.
        model: the records.
        form_class: what records are entered with.
        serializer_class: the records as JSON.
        filterset_class: what lists can be filtered by.
        columns: the fields that lists show.
        search_fields: the fields that a search looks into.
    """

    slug: str
    model: type[Record]
    form_class: type[RecordForm]
    serializer_class: type[RecordSerializer]
    filterset_class: type[FilterSet]
    columns: Sequence[str]
    search_fields: Sequence[str] = ()

    @property
    def title(self) -> str:
        """What the records are called."""
        return str(self.model._meta.verbose_name_plural)

    @property
    def noun(self) -> str:
        """What one record is called."""
        return str(self.model._meta.verbose_name)

    @property
    def fields(self) -> list[str]:
        """Every field that the page of a record shows."""
        options = self.model._meta
        own = [field.name for field in options.fields if field.name not in ("id", "user")]
        links = [field.name for field in options.many_to_many]
        times = ["created_at", "updated_at"]
        return [*(name for name in own if name not in times), *links, *times]

    @property
    def relations(self) -> list[str]:
        """The fields that point to other records."""
        options = self.model._meta
        keys = [field.name for field in options.fields if isinstance(field, models.ForeignKey)]
        return [*(name for name in keys if name != "user"), *(f.name for f in options.many_to_many)]

    @property
    def sortable(self) -> list[str]:
        """The fields that lists can be ordered by."""
        unordered = (models.JSONField, models.ForeignKey)
        options = self.model._meta
        return [
            field.name
            for field in options.fields
            if not isinstance(field, unordered) and field.get_internal_type() != "ArrayField"
        ]

    def queryset(self) -> models.QuerySet[Any]:
        """The records that the user may see, with what their lists show."""
        return self.model.objects.prefetch_related(*self.relations)


def sections() -> list[Section]:
    """All sections, in the order of the navigation."""
    return list(import_module(settings.SECTIONS).SECTIONS)


def section_of(model: object) -> Section | None:
    """The section of a model, if it has one."""
    return next((section for section in sections() if section.model is model), None)
