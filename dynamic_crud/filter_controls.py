"""Filters as people meet them: what each lookup is called, and the control in which its value is chosen or typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django import forms
from django.db import models
from django.utils.safestring import SafeString

from core.members import Member, member_name
from dynamic_crud.conditions import Condition, Group
from dynamic_crud.filters import (
    ME,
    SYSTEM_LOOKUPS,
    filter_field,
    filter_name,
    join_values,
    split_values,
    takes_several,
)
from dynamic_crud.pickers import LinksSelect, RelationSelect, read_id
from dynamic_crud.querysets import fetch_labels
from dynamic_crud.resources import Resource, ResourceField
from dynamic_crud.widgets import OptionBoxes, control_for
from schemas.column_types.user import UserField
from schemas.document import TIMESTAMPS

ANY: Final = "Any"

_WORDS: Final[Mapping[str, str]] = {
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
}
_WORDS_OF_TIME: Final[Mapping[str, str]] = {"gt": "after", "lt": "before"}

EMPTY: Final[Mapping[str, tuple[str, str]]] = {"true": ("empty", "is empty"), "false": ("filled", "is not empty")}
"""What people choose instead of a value for `isnull`: a name for it, and its words."""


@dataclass(frozen=True)
class FilterControls:
    """What the filters of one list are shown with.

    Args:
        resource: the table.
        labels: what rows and members are called that the list is filtered by, by their ids as they are given.
        members: the members of the project by id.
        search_url: the address at which the picker of a table's records searches.
    """

    resource: Resource
    labels: Mapping[str, str]
    members: Mapping[UUID, Member]
    search_url: Callable[[str], str]

    def fetch(self, alias: str, conditions: Iterable[Condition]) -> FilterControls:
        """The same with the labels that these conditions need. Call it inside the door."""
        wanted: dict[ResourceField, dict[str, UUID]] = {}
        for item, text in _pointed_at(self.resource, conditions):
            if pk := read_id(text):
                wanted.setdefault(item, {})[text] = pk
        labels = dict(self.labels)
        for item, ids in wanted.items():
            known = fetch_labels(self.resource.target(item), alias, ids.values()) if item.column.is_relation else {}
            members = {} if item.column.is_relation else {pk: member_name(self.members, pk) for pk in ids.values()}
            labels |= {text: name for text, pk in ids.items() if (name := (known | members).get(pk))}
        return replace(self, labels=labels)

    def widget(self, item: ResourceField, lookup: str, text: str) -> forms.Widget:
        """The control for the values of a filter, which offers what is chosen already.

        Args:
            item: the column.
            lookup: one of the column's lookups, and not `isnull`.
            text: the value, as the list's address has it.
        """
        several = takes_several(f"__{lookup}")
        chosen = split_values(text) if several else [text] if text else []
        offered = [(value, self.label(item, value)) for value in chosen]
        if item.column.is_relation:
            picker = LinksSelect() if several else RelationSelect()
            picker.offer(offered, self.search_url(self.resource.target(item).table.name), has_more=True, none=ANY)
            return picker
        if isinstance(item.model_field, UserField):
            names = {ME: "Me"} | {str(member.id): member.name for member in self.members.values()} | dict(offered)
            return _choice(names.items(), several=several)
        field = filter_field(self.resource, filter_name(item.column.name, lookup))
        if options := _options(item, field):
            return _choice(options, several=several)
        return control_for(field) or deepcopy(field.widget)

    def render(self, item: ResourceField, lookup: str, text: str, name: str, **attrs: str) -> SafeString:
        """The control as HTML.

        Args:
            item: the column.
            lookup: one of the column's lookups.
            text: the value.
            name: the name of the input.
            **attrs: HTML attributes.
        """
        control = self.widget(item, lookup, text)
        named = {"aria-label": f"{item.column.title} {words_of(item, lookup)}", **attrs}
        shown = named if isinstance(control, forms.CheckboxSelectMultiple) else {"class": "vc-input", **named}
        value = split_values(text) if takes_several(f"__{lookup}") else text
        return SafeString(control.render(name, value, shown))

    def label(self, item: ResourceField, value: str) -> str:
        """What a value of a filter is called."""
        if isinstance(item.model_field, UserField) and value.lower() == ME:
            return ME
        if item in self.resource.expandable:
            return self.labels.get(value, value)
        field = filter_field(self.resource, filter_name(item.column.name, item.type.lookups[0]))
        return dict(_options(item, field)).get(value, value)

    def words(self, part: Condition | Group, *, within: bool = False) -> str:
        """A condition or a group in words, such as `Status is Sold or Price over 100`."""
        if isinstance(part, Group):
            joined = f" {part.joint} ".join(self.words(each, within=True) for each in part.parts)
            return f"({joined})" if within and len(part.parts) > 1 else joined
        name, lookup = lookup_of(part.name)
        item = filterable(self.resource).get(name)
        if item is None:
            return f"{part.name} is {part.text}"
        if lookup == "isnull":
            return f"{item.column.title} {EMPTY.get(part.text.strip().lower(), ('', f'is empty: {part.text}'))[1]}"
        values = split_values(part.text) if takes_several(part.name) else [part.text]
        shown = ", ".join(self.label(item, value.strip()) for value in values)
        return f"{item.column.title} {words_of(item, lookup)} {shown}"


def lookup_of(name: str) -> tuple[str, str]:
    """The column and the lookup of a filter's name."""
    column, _, lookup = name.partition("__")
    return column, lookup or "exact"


def filterable(resource: Resource) -> dict[str, ResourceField]:
    """What people can filter by, by column name: the columns, and when records were added and changed."""
    times = {column.name: resource.field_of(column) for column in TIMESTAMPS if column.name not in resource.by_column}
    return resource.by_column | times


def lookups_of(item: ResourceField) -> tuple[str, ...]:
    """The lookups of a column, those that people need most first."""
    offered = SYSTEM_LOOKUPS.get(item.column.name, item.type.lookups)
    return tuple(sorted(offered, key=lambda lookup: lookup == "isnull"))


def words_of(item: ResourceField, lookup: str) -> str:
    """What a lookup of a column is called."""
    is_time = isinstance(item.model_field, models.DateField | models.TimeField)
    return (_WORDS_OF_TIME.get(lookup) if is_time else None) or _WORDS.get(lookup, "is empty:")


def has_few_choices(item: ResourceField) -> bool:
    """Whether a value of the column is one of a few that a select can hold."""
    field = item.model_field
    return bool(field.choices) or isinstance(field, models.BooleanField | UserField)


def _pointed_at(resource: Resource, conditions: Iterable[Condition]) -> Iterator[tuple[ResourceField, str]]:
    """The ids of rows and members that conditions name, each with its column."""
    expandable = {item.column.name: item for item in resource.expandable}
    for condition in conditions:
        name, lookup = lookup_of(condition.name)
        if name in expandable and lookup in ("exact", "in"):
            values = split_values(condition.text) if lookup == "in" else [condition.text.strip()]
            yield from ((expandable[name], value) for value in values if value.lower() != ME)


def value_text(values: list[str], *, several: bool) -> str:
    """What an input brought, as a parameter has it."""
    return join_values([value for value in values if value.strip()]) if several else (values or [""])[-1]


def _choice(options: Iterable[tuple[str, str]], *, several: bool) -> forms.Widget:
    if not several:
        return forms.Select(choices=[("", ANY), *options])
    boxes = OptionBoxes()
    boxes.choices = list(options)
    boxes.attrs["class"] = "vc-options vc-options-few"
    return boxes


def _options(item: ResourceField, field: forms.Field) -> list[tuple[str, str]]:
    """The values that a column can have, with their labels, where these are few."""
    known = getattr(item.model_field, "base_field", item.model_field).choices
    given = known if known else getattr(field, "choices", ())
    return [(str(value), str(label)) for value, label in given if value not in ("", None)]
