"""What a list shows around its rows: headers that sort, filters, chips of what is filtered, pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db import models
from django.http import QueryDict

from core.errors import Problem
from core.members import Member
from dynamic_crud.filters import ME, filter_form, filter_name, split_values
from dynamic_crud.listing import ListQuery
from dynamic_crud.pickers import RelationSelect
from dynamic_crud.querysets import RecordPage
from dynamic_crud.resources import Resource, ResourceField
from dynamic_crud.widgets import control_for
from schemas.column_types.user import UserField

PAGE_SIZES: Final = (25, 50, 100, 200)
QUICK_FILTERS: Final = 3
"""How many filters stand beside the search box; the others are folded away."""

_LOOKUP_WORDS: Final[Mapping[str, str]] = {
    "exact": "is",
    "icontains": "contains",
    "istartswith": "begins with",
    "gt": "over",
    "gte": "from",
    "lt": "under",
    "lte": "to",
    "in": "is one of",
    "contains": "has all of",
    "overlap": "has any of",
    "isnull": "is empty:",
}


@dataclass(frozen=True, slots=True)
class Header:
    """A column's header: where a click sorts; no address where an order would say nothing."""

    field: ResourceField
    url: str
    sort: str
    """The value of `aria-sort`: ascending, descending, or none."""


@dataclass(frozen=True, slots=True)
class Control:
    """One filter of the filter bar: one input, or two for a range."""

    field: ResourceField
    inputs: list[forms.BoundField]
    is_active: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the address of the list without it."""

    text: str
    url: str


@dataclass(frozen=True)
class ListView:
    """What the list's template asks for."""

    resource: Resource
    query: ListQuery
    page: RecordPage
    labels: Mapping[str, str]
    url: Any
    members: Mapping[UUID, Member]

    @property
    def headers(self) -> list[Header]:
        """The columns, each with the order that a click on it leads to."""
        return [self._header(item) for item in self.resource.list_fields]

    @property
    def is_searchable(self) -> bool:
        """Whether there is text to search in."""
        return any(item.type.searchable for item in self.resource.fields)

    @property
    def quick_controls(self) -> list[Control]:
        """The filters beside the search box: those with a few choices."""
        return [control for control in self.controls if _has_choices(control)][:QUICK_FILTERS]

    @property
    def folded_controls(self) -> list[Control]:
        """All other filters."""
        quick = self.quick_controls
        return [control for control in self.controls if control not in quick]

    @property
    def is_unfolded(self) -> bool:
        """Whether one of the folded filters is in use, so that all of them should be seen."""
        return any(control.is_active for control in self.folded_controls)

    @cached_property
    def controls(self) -> list[Control]:
        """All filters, in the order of the columns."""
        filters = self.query.filters
        shown = {item.column.name: list(_control_lookups(item)) for item in self.resource.fields}
        names = {
            column: [filter_name(column, lookup) for lookup in lookups] for column, lookups in shown.items() if lookups
        }
        form = filter_form(self.resource, [name for group in names.values() for name in group], filters)
        controls = []
        for column, group in names.items():
            item = self.resource.by_column[column]
            inputs = [self._dress(form[name], item) for name in group]
            controls.append(Control(item, inputs, is_active=any(name in filters for name in group)))
        return controls

    @property
    def chips(self) -> Iterator[Chip]:
        """The active filters in words."""
        form = filter_form(self.resource, self.query.filters, self.query.filters)
        for name, text in self.query.filters.items():
            column, _, lookup = name.partition("__")
            item = self.resource.by_column.get(column)
            title = item.column.title if item else column
            shown = self.labels.get(name) or _chosen(form.fields[name], text)
            rest = {key: value for key, value in self.query.filters.items() if key != name}
            words = _LOOKUP_WORDS.get(lookup or "exact", lookup)
            yield Chip(f"{title} {words} {shown}", self.address(filters=rest, page=1))

    @property
    def first(self) -> int:
        """The number of the first row shown, counted from 1."""
        return (self.query.page - 1) * self.query.page_size + 1

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return self.first + len(self.page.rows) - 1

    @property
    def page_count(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-(self.page.total or 0) // self.query.page_size))

    @property
    def previous_url(self) -> str:
        """The page before this one, or nothing."""
        return self.address(page=self.query.page - 1) if self.query.page > 1 else ""

    @property
    def next_url(self) -> str:
        """The page after this one, or nothing."""
        return self.address(page=self.query.page + 1) if self.page.has_next else ""

    @property
    def sizes(self) -> list[tuple[int, str]]:
        """The page sizes and their addresses."""
        return [(size, self.address(page_size=size, page=1)) for size in PAGE_SIZES]

    @property
    def has_sizes(self) -> bool:
        """Whether the rows are more than the smallest page holds, so that a size can be chosen."""
        return (self.page.total or 0) > PAGE_SIZES[0]

    @property
    def csv_url(self) -> str:
        """The same rows as a file."""
        address = self.address(page=1)
        return f"{address}{'&' if '?' in address else '?'}format=csv"

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new search keeps of the old one, for hidden inputs."""
        shown = {bound.html_name for control in self.controls for bound in control.inputs}
        asked = self._parameters(self.query)
        return [(name, text) for name, text in asked.items() if name not in {*shown, "search", "page"}]

    def complaints(self, problem: Problem) -> Iterator[str]:
        """What is wrong with the list's address, each in one sentence that names the filter as the page does."""
        if not problem.errors:
            yield problem.detail
        for error in problem.errors:
            name = str(error["path"]).removeprefix("query.")
            column, _, lookup = name.partition("__")
            item = self.resource.by_column.get(column) if name in self.query.filters else None
            words = f"{item.column.title} {_LOOKUP_WORDS.get(lookup or 'exact', lookup)}: " if item else ""
            yield f"{words}{error['detail']} {error['fix']}".strip()

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter hides rows."""
        return bool(self.query.search or self.query.filters)

    def address(self, **changes: Any) -> str:
        """The address of this list with something changed."""
        parameters = QueryDict(mutable=True)
        parameters.update(self._parameters(replace(self.query, **changes)))
        return f"{self.url('record-list')}?{parameters.urlencode()}" if parameters else self.url("record-list")

    def _parameters(self, query: ListQuery) -> dict[str, str]:
        plain = ListQuery()
        parameters = dict(query.filters)
        if query.search:
            parameters["search"] = query.search
        if query.ordering:
            parameters["ordering"] = ",".join(query.ordering)
        if query.page != plain.page:
            parameters["page"] = str(query.page)
        if query.page_size != plain.page_size:
            parameters["page_size"] = str(query.page_size)
        return parameters

    def _header(self, item: ResourceField) -> Header:
        column = item.column.name
        current = self.query.ordering[0] if self.query.ordering else self.resource.table.ui_hints.default_sort
        sort = {column: "ascending", f"-{column}": "descending"}.get(current, "none")
        following = f"-{column}" if sort == "ascending" else column
        url = self.address(ordering=(following,), page=1) if item.type.sortable else ""
        return Header(item, url, sort)

    def _dress(self, bound: forms.BoundField, item: ResourceField) -> forms.BoundField:
        """Gives a filter the control that the form of a record has, and a name for screen readers."""
        field = bound.field
        lookup = bound.name.partition("__")[2]
        chosen = self.query.filters.get(bound.name)
        offered = [(chosen, self.labels.get(bound.name, chosen))] if chosen else []
        if item.column.is_relation:
            field.widget = RelationSelect()
            target = self.resource.target(item).table.name
            field.widget.offer(offered, self.url("record-choices", table=target), has_more=True)
        elif isinstance(item.model_field, UserField):
            names = dict(offered) | {str(member.id): member.name for member in self.members.values()} | {ME: "Me"}
            field.widget = forms.Select(choices=[("", "Any"), *names.items()])
        elif control := control_for(field):
            field.widget = control
        words = _LOOKUP_WORDS[lookup or "exact"]
        is_boxes = isinstance(field.widget, forms.CheckboxSelectMultiple)
        field.widget.attrs |= (
            {"class": "vc-options vc-options-few"}
            if is_boxes
            else {
                "class": "vc-input",
                "aria-label": f"{item.column.title} {words}",
            }
        )
        if item.column.is_relation:
            field.widget.attrs["data-picker-none"] = "Any"
        elif not isinstance(field.widget, forms.Select | forms.CheckboxSelectMultiple):
            field.widget.attrs["placeholder"] = words
        return bound


def _control_lookups(item: ResourceField) -> Iterator[str]:
    """Which of a column's lookups the filter bar offers; the address takes all of them."""
    offered = item.type.lookups
    is_choice = (
        item.column.is_relation
        or item.model_field.choices
        or isinstance(item.model_field, models.BooleanField | UserField)
    )
    if "exact" in offered and is_choice:
        yield "exact"
    elif "overlap" in offered:
        yield "overlap"
    elif "gte" in offered and "lte" in offered:
        yield from ("gte", "lte")
    elif "icontains" in offered:
        yield "icontains"
    elif "exact" in offered:
        yield "exact"


def _chosen(field: forms.Field, text: str) -> str:
    """A filter's value in words."""
    choices: dict[str, str] = dict(getattr(field, "choices", ()))
    values = split_values(text) if choices and text not in choices else [text]
    return ", ".join(str(choices.get(value, value)) for value in values)


def _has_choices(control: Control) -> bool:
    widget = control.inputs[0].field.widget
    return isinstance(widget, forms.Select) and not isinstance(widget, RelationSelect)
