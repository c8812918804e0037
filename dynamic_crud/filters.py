"""The filters of a list: a django-filter FilterSet built from what each column's type can look up.

Parameters carry column names, `price__gte` or `agent_id`; an exact match needs no suffix. They are the same in the API
and in the address of a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.db import models
from django.db.models import QuerySet
from django_filters import FilterSet
from django_filters.filters import BaseInFilter, ChoiceFilter, Filter, UUIDFilter
from django_filters.filterset import FILTER_FOR_DBFIELD_DEFAULTS

from core.errors import BadRequest
from dynamic_crud.factory import DynamicRow
from dynamic_crud.resources import Resource, derived

SYSTEM_LOOKUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("exact", "in"),
    "user_id": ("exact", "in"),
    "created_at": ("exact", "gt", "gte", "lt", "lte"),
    "updated_at": ("exact", "gt", "gte", "lt", "lte"),
}
"""What can be looked up in the columns that documents do not list."""


class BooleanParameter(forms.TypedChoiceField):
    """`true` or `false`; anything else is an error, where Django's own field would read it as no filter at all."""

    def __init__(self, **options: Any) -> None:
        options.pop("null_label", None)
        options["choices"] = [("", "Any"), ("true", "Yes"), ("false", "No")]
        super().__init__(coerce=lambda text: text == "true", empty_value=None, **options)

    def to_python(self, value: Any) -> str:
        """Upper-case spellings are accepted."""
        return str(super().to_python(value)).lower()


class YesNoFilter(Filter):
    """A filter that is true or false."""

    field_class = BooleanParameter


class ChoiceInFilter(BaseInFilter, ChoiceFilter):
    """Several options, separated by commas."""


class UUIDInFilter(BaseInFilter, UUIDFilter):
    """Several ids, separated by commas."""


class RecordFilterSet(FilterSet):
    """The filters of one table. Only those that are asked for are made: a table may have hundreds."""

    all_filters: ClassVar[dict[str, Filter]] = {}
    """Every filter of the table by its parameter. Parameters are no attributes: they may have any name."""

    FILTER_DEFAULTS = {**FILTER_FOR_DBFIELD_DEFAULTS, models.BooleanField: {"filter_class": YesNoFilter}}

    def __init__(self, data: Mapping[str, str], queryset: QuerySet[Any], names: Iterable[str]) -> None:
        self.base_filters = {name: self.all_filters[name] for name in names}
        super().__init__(data, queryset=queryset)


def filter_name(column: str, lookup: str) -> str:
    """The parameter that filters a column: `price` for exact matches, else `price__gte`."""
    return column if lookup == "exact" else f"{column}__{lookup}"


@derived
def filter_set(resource: Resource) -> type[RecordFilterSet]:
    """The FilterSet class of a resource."""
    filters: dict[str, Filter] = {}
    for item in resource.fields:
        for lookup in item.type.lookups:
            filters |= _named(item.column.name, lookup, _make_filter(item.model_field, lookup))
    for name, lookups in SYSTEM_LOOKUPS.items():
        for lookup in lookups:
            filters |= _named(name, lookup, _make_filter(resource.model._meta.get_field(name), lookup))
    return type(f"{resource.model.__name__}Filters", (RecordFilterSet,), {"all_filters": filters})


@derived
def filter_names(resource: Resource) -> tuple[str, ...]:
    """Every parameter that filters the resource's list."""
    return tuple(filter_set(resource).all_filters)


def apply_filters(
    resource: Resource, queryset: QuerySet[DynamicRow], filters: Mapping[str, str]
) -> QuerySet[DynamicRow]:
    """The rows that all filters let through; raises `BadRequest` that names every value that cannot be read."""
    if not filters:
        return queryset
    filtering = filter_set(resource)(dict(filters), queryset, filters)
    if not filtering.is_valid():
        raise BadRequest(
            f"The list cannot be filtered: see the query parameter {', '.join(filtering.errors)}.",
            code="invalid_filter",
            errors=[
                {"code": error.code or "invalid", "path": f"query.{name}", "detail": error.messages[0], "fix": ""}
                for name, faults in filtering.errors.as_data().items()
                for error in faults
            ],
        )
    return filtering.qs


def filter_form(resource: Resource, names: Iterable[str], filters: Mapping[str, str]) -> forms.Form:
    """A form of the named filters, filled with the values of a list's question."""
    return filter_set(resource)(dict(filters), resource.model.objects.none(), names).form


def _named(column: str, lookup: str, made: Filter) -> dict[str, Filter]:
    names = {filter_name(column, lookup)} | ({f"{column}__exact"} if lookup == "exact" else set())
    return dict.fromkeys(sorted(names), made)


def _make_filter(model_field: Any, lookup: str) -> Filter:
    if lookup == "isnull":
        return YesNoFilter(field_name=model_field.name, lookup_expr=lookup)
    if isinstance(model_field, models.ForeignKey):
        return (UUIDInFilter if lookup == "in" else UUIDFilter)(field_name=model_field.attname, lookup_expr=lookup)
    if model_field.choices and lookup in ("exact", "in"):
        kind = ChoiceFilter if lookup == "exact" else ChoiceInFilter
        options = {"choices": model_field.choices, "empty_label": "Any"}
        return kind(field_name=model_field.name, lookup_expr=lookup, **options)
    return RecordFilterSet.filter_for_field(model_field, model_field.name, lookup)
