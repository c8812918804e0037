"""The filters of a list: a django-filter FilterSet built from what each column's type can look up.

Parameters carry column names, `price__gte` or `agent_id`; an exact match needs no suffix. They are the same in the API
and in the address of a page.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, TypeVar

from django import forms
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django_filters import FilterSet
from django_filters.constants import EMPTY_VALUES
from django_filters.filters import BaseInFilter, CharFilter, ChoiceFilter, Filter, UUIDFilter
from django_filters.filterset import FILTER_FOR_DBFIELD_DEFAULTS

from dynamic_crud.factory import current_user
from dynamic_crud.links import rows_linked_to
from dynamic_crud.resources import Resource, ResourceField, derived
from schemas.column_types.auto_number import AutoNumberField
from schemas.column_types.duration import LengthField, LengthFormField
from schemas.column_types.multi_select import ChosenField
from schemas.column_types.phone import PhoneField
from schemas.column_types.user import UserField

T = TypeVar("T")

SYSTEM_LOOKUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("exact", "in"),
    "user_id": ("exact", "in"),
    "created_at": ("exact", "gt", "gte", "lt", "lte"),
    "updated_at": ("exact", "gt", "gte", "lt", "lte"),
}
"""What can be looked up in the columns that documents do not list."""

ME: Final = "me"
"""The member who asks, in a filter by members."""


class BooleanParameter(forms.TypedChoiceField):
    """`true` or `false`; anything else is an error, where Django's own field would read it as no filter at all."""

    def __init__(self, **options: Any) -> None:
        options.pop("null_label", None)
        options["choices"] = [("", "Any"), ("true", "Yes"), ("false", "No")]
        super().__init__(coerce=lambda text: text == "true", empty_value=None, **options)

    def to_python(self, value: Any) -> str:
        """Upper-case spellings are accepted."""
        return str(super().to_python(value)).lower()


class ColumnParameter(forms.CharField):
    """A value that the column itself reads, such as `INV-0012` or a phone number of its country.

    Args:
        column: the model's field.
        **options: as of every form field.
    """

    def __init__(self, column: models.Field[Any, Any], **options: Any) -> None:
        super().__init__(**options)
        self.column = column

    def to_python(self, value: Any) -> Any:
        """The value as rows have it; raises `ValidationError`."""
        text = super().to_python(value)
        return self.column.to_python(text) if text else None


class ColumnFilter(Filter):
    """A filter by a value that the column itself reads."""

    field_class = ColumnParameter


class LengthFilter(Filter):
    """A filter by a duration, as people write it."""

    field_class = LengthFormField


class OptionsFilter(Filter):
    """A filter by several options."""

    field_class = forms.MultipleChoiceField


class YesNoFilter(Filter):
    """A filter that is true or false."""

    field_class = BooleanParameter


class ChoiceInFilter(BaseInFilter, ChoiceFilter):
    """Several options, separated by commas."""


class UUIDInFilter(BaseInFilter, UUIDFilter):
    """Several ids, separated by commas."""


class MemberParameter(forms.UUIDField):
    """The id of a member of the project, or `me` for whoever asks."""

    def to_python(self, value: Any) -> Any:
        """The id, or what PostgreSQL takes for it; raises `ValidationError`."""
        return current_user() if str(value).strip().lower() == ME else super().to_python(value)


class MemberFilter(Filter):
    """A filter by a member of the project."""

    field_class = MemberParameter


class MemberInFilter(BaseInFilter, MemberFilter):
    """Several members, separated by commas."""


Narrowing = Callable[[str, Any], Q]
"""Makes the condition of a database, by its alias, and a value."""


class RecordFilterSet(FilterSet):
    """The filters of one table."""

    all_filters: ClassVar[dict[str, Filter]] = {}
    """Every filter of the table by its parameter. Parameters are no attributes: they may have any name."""
    narrowings: ClassVar[dict[str, Narrowing]] = {}
    """The conditions of those filters that look into other tables."""

    FILTER_DEFAULTS = {
        **FILTER_FOR_DBFIELD_DEFAULTS,
        models.BooleanField: {"filter_class": YesNoFilter},
        LengthField: {"filter_class": LengthFilter},
    }


def split_values(text: str) -> list[str]:
    """The values that a text with commas between them has, as CSV reads them."""
    try:
        parts = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:  # a line break between values
        parts = [text]
    return [part.strip() for part in parts if part.strip()]


def join_values(values: Iterable[str]) -> str:
    """Values as one text, which `split_values` takes apart again."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def takes_several(name: str) -> bool:
    """Whether a parameter has several values, with commas between them."""
    return name.endswith(("__in", "__contains", "__overlap"))


def filter_name(column: str, lookup: str) -> str:
    """The parameter that filters a column: `price` for exact matches, else `price__gte`."""
    return column if lookup == "exact" else f"{column}__{lookup}"


@derived
def filter_set(resource: Resource) -> type[RecordFilterSet]:
    """The FilterSet class of a resource."""
    filters: dict[str, Filter] = {}
    narrowings: dict[str, Narrowing] = {}
    for item in resource.fields:
        for lookup in item.type.lookups:
            if item.column.is_stored:
                filters |= _named(item.column.name, lookup, _make_filter(item.model_field, lookup))
            else:
                filters |= _named(item.column.name, lookup, _LINK_FILTERS[lookup](field_name=item.name))
                narrowings |= _named(item.column.name, lookup, _link_narrowing(item, lookup))
    for name, lookups in SYSTEM_LOOKUPS.items():
        for lookup in lookups:
            filters |= _named(name, lookup, _make_filter(resource.model._meta.get_field(name), lookup))
    members = {"all_filters": filters, "narrowings": narrowings}
    return type(f"{resource.model.__name__}Filters", (RecordFilterSet,), members)


@derived
def filter_names(resource: Resource) -> tuple[str, ...]:
    """Every parameter that filters the resource's list."""
    return tuple(filter_set(resource).all_filters)


def filter_field(resource: Resource, name: str) -> forms.Field:
    """The form field that reads the values of a filter. It is shared: copy it before you change it."""
    return filter_set(resource).all_filters[name].field


def condition_of(resource: Resource, alias: str, name: str, text: str) -> Q:
    """The condition of one filter.

    Args:
        resource: the table.
        alias: the database of the open door.
        name: one of `filter_names`.
        text: the value, as a parameter has it. An empty one lets all rows through.

    Raises:
        ValidationError: when the value cannot be read.
    """
    filters = filter_set(resource)
    value = filter_field(resource, name).clean(split_values(text) if takes_several(name) else text)
    if value in EMPTY_VALUES:
        return Q()
    if narrow := filters.narrowings.get(name):
        return narrow(alias, value)
    made = filters.all_filters[name]
    return Q((f"{made.field_name}__{made.lookup_expr}", value))


def _named(column: str, lookup: str, made: T) -> dict[str, T]:
    names = {filter_name(column, lookup)} | ({f"{column}__exact"} if lookup == "exact" else set())
    return dict.fromkeys(sorted(names), made)


def _make_filter(model_field: Any, lookup: str) -> Filter:
    if lookup == "isnull":
        return YesNoFilter(field_name=model_field.name, lookup_expr=lookup)
    if isinstance(model_field, models.ForeignKey):
        return (UUIDInFilter if lookup == "in" else UUIDFilter)(field_name=model_field.attname, lookup_expr=lookup)
    if isinstance(model_field, UserField):
        return (MemberInFilter if lookup == "in" else MemberFilter)(field_name=model_field.name, lookup_expr=lookup)
    if isinstance(model_field, ChosenField):
        chosen = model_field.base_field.choices
        return OptionsFilter(field_name=model_field.name, lookup_expr=lookup, choices=chosen)
    if isinstance(model_field, AutoNumberField | PhoneField) and lookup not in ("icontains", "istartswith"):
        return ColumnFilter(field_name=model_field.name, lookup_expr=lookup, column=model_field)
    if lookup == "icontains":
        return CharFilter(field_name=model_field.name, lookup_expr=lookup)
    if model_field.choices and lookup in ("exact", "in"):
        kind = ChoiceFilter if lookup == "exact" else ChoiceInFilter
        options = {"choices": model_field.choices, "empty_label": "Any"}
        return kind(field_name=model_field.name, lookup_expr=lookup, **options)
    return RecordFilterSet.filter_for_field(model_field, model_field.name, lookup)


_LINK_FILTERS: Final[Mapping[str, type[Filter]]] = {"exact": UUIDFilter, "in": UUIDInFilter, "isnull": YesNoFilter}


def _link_narrowing(item: ResourceField, lookup: str) -> Narrowing:
    """A condition on what rows link to, which counts each row once. Links to what the door hides do not count."""

    def narrow(alias: str, value: Any) -> Q:
        linked = rows_linked_to(item, alias, OuterRef("pk"))
        if lookup == "isnull":
            return ~Q(Exists(linked)) if value else Q(Exists(linked))
        return Q(Exists(linked.filter(pk__in=value if lookup == "in" else [value])))

    return narrow
