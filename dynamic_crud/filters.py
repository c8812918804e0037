"""The filters of a list: a django-filter FilterSet built from what each column's type can look up.

Parameters carry column names, `price__gte` or `agent_id`; an exact match needs no suffix. They are the same in the API
and in the address of a page.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django_filters import FilterSet
from django_filters.filters import BaseInFilter, CharFilter, ChoiceFilter, Filter, UUIDFilter
from django_filters.filterset import FILTER_FOR_DBFIELD_DEFAULTS

from core.errors import BadRequest
from dynamic_crud.factory import DynamicRow, current_user
from dynamic_crud.links import rows_linked_to
from dynamic_crud.resources import Resource, ResourceField, derived
from schemas.column_types.auto_number import AutoNumberField
from schemas.column_types.duration import LengthField, LengthFormField
from schemas.column_types.multi_select import ChosenField
from schemas.column_types.phone import PhoneField
from schemas.column_types.user import UserField

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


class ParameterBoxes(forms.CheckboxSelectMultiple):
    """Options to tick, each written so that `split_values` reads it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """The values of one parameter."""
        return split_values(data.get(name) or "")

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One box."""
        return super().create_option(name, join_values([str(value)]), *args, **kwargs)


class OptionsParameter(forms.MultipleChoiceField):
    """Several options, separated by commas; one with a comma in it stands in double quotes."""

    widget = ParameterBoxes


class OptionsFilter(Filter):
    """A filter by several options."""

    field_class = OptionsParameter


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


class RecordFilterSet(FilterSet):
    """The filters of one table. Only those that are asked for are made: a table may have hundreds."""

    all_filters: ClassVar[dict[str, Filter]] = {}
    """Every filter of the table by its parameter. Parameters are no attributes: they may have any name."""

    FILTER_DEFAULTS = {
        **FILTER_FOR_DBFIELD_DEFAULTS,
        models.BooleanField: {"filter_class": YesNoFilter},
        LengthField: {"filter_class": LengthFilter},
    }

    def __init__(self, data: Mapping[str, str], queryset: QuerySet[Any], names: Iterable[str]) -> None:
        self.base_filters = {name: self.all_filters[name] for name in names}
        super().__init__(data, queryset=queryset)


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
    for item in resource.fields:
        for lookup in item.type.lookups:
            made = _make_filter(item.model_field, lookup) if item.column.is_stored else _link_filter(item, lookup)
            filters |= _named(item.column.name, lookup, made)
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


def _link_filter(item: ResourceField, lookup: str) -> Filter:
    """A filter by what rows link to, which counts each row once. Links to what the door hides do not count."""
    kinds: dict[str, type[Filter]] = {"exact": UUIDFilter, "in": UUIDInFilter, "isnull": YesNoFilter}

    def narrow(rows: QuerySet[DynamicRow], _name: str, value: Any) -> QuerySet[DynamicRow]:
        linked = rows_linked_to(item, rows.db, OuterRef("pk"))
        if lookup == "isnull":
            return rows.filter(~Exists(linked) if value else Exists(linked))
        return rows.filter(Exists(linked.filter(pk__in=value if lookup == "in" else [value])))

    return kinds[lookup](field_name=item.name, method=narrow)
