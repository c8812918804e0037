"""The filter builder: conditions and groups as a form, changed step by step, and applied to the list.

Each step answers with the form anew, so it works in place with htmx, and as a page of its own without scripts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.safestring import SafeString

from core.errors import BadRequest
from dynamic_crud.conditions import MAX_DEPTH, Condition, Group
from dynamic_crud.filter_controls import EMPTY, FilterControls, filterable, lookup_of, lookups_of, words_of
from dynamic_crud.filter_draft import ROOT, complete, first_condition, joined, read_draft, split, step
from dynamic_crud.filters import takes_several
from dynamic_crud.list_panel import ListPanel
from dynamic_crud.listing import ListQuery

Choice = tuple[str, str, bool]
"""The value of an option, what people read, and whether it is chosen."""

WHERE: Final = ("filter", "page", "cursor")
"""What of a list's address does not outlive other filters, beside the filters themselves."""


@dataclass(frozen=True, slots=True)
class Row:
    """A condition in the form: where it stands, and its three controls."""

    path: str
    column: str
    title: str
    columns: list[Choice]
    lookups: list[tuple[str, str, bool, str]]
    """As choices are, with the kind of values that a lookup takes: `none`, `one` or `several`."""
    kind: str
    control: SafeString
    is_focused: bool
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A group in the form."""

    path: str
    joint: str
    parts: list[Row | Box]
    is_root: bool
    can_nest: bool
    is_focused: bool
    is_group: bool = True


class RecordFilters(ListPanel):
    """The filter builder of a list."""

    template = "crud/_filter_builder.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Shows the builder, takes a step in it, or goes to the list with what was built."""
        action, _, place = request.GET.get("do", "").partition(":")
        if ROOT not in request.GET:
            draft = self._current()
        else:
            draft = read_draft(self.resource, request.GET)
            if action == "apply":
                return redirect(self.list_url(self._address(complete(draft))))
            draft = step(self.resource, draft, action, place)
        with self.records.reading() as door:
            plain = FilterControls(self.resource, {}, self.records.members, self.search_url)
            controls = plain.fetch(door.alias, draft.conditions())
        drawing = _Drawing(controls, _focus(draft, action, place))
        return self.panel(f"Filter {self.resource.table.label_plural.lower()}", box=drawing.box(draft))

    def _current(self) -> Group:
        """What the list is filtered by now, or one condition to start with."""
        try:
            group = joined(ListQuery.read(self.resource, self.asked(without=("columns",))))
        except BadRequest:
            group = Group("and", ())
        return group if group.parts else Group("and", (first_condition(self.resource),))

    def _address(self, group: Group | None) -> QueryDict:
        """What the list is asked for, filtered by these conditions alone, from its first page on."""
        known = filterable(self.resource).keys() | {"id", "user_id"}
        kept = self.asked(without=WHERE)
        for name in [name for name in kept if lookup_of(name)[0] in known]:
            del kept[name]
        filters, where = split(group) if group else ({}, None)
        kept.update(filters)
        if where:
            kept["filter"] = where.to_text()
        return kept


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws a draft as rows and boxes."""

    controls: FilterControls
    focus: str

    def box(self, group: Group, path: str = ROOT, depth: int = 1) -> Box:
        parts: list[Row | Box] = []
        for index, part in enumerate(group.parts):
            place = f"{path}.{index}"
            parts.append(self.box(part, place, depth + 1) if isinstance(part, Group) else self.row(part, place))
        return Box(path, group.joint, parts, path == ROOT, depth < MAX_DEPTH, path == self.focus)

    def row(self, condition: Condition, path: str) -> Row:
        known = filterable(self.controls.resource)
        name, lookup = lookup_of(condition.name)
        item = known.get(name) or next(iter(known.values()))
        columns = [(column, each.column.title, column == name) for column, each in known.items()]
        lookups = [
            (each, words_of(item, each), each == lookup, _kind(each)) for each in lookups_of(item) if each != "isnull"
        ]
        if "isnull" in lookups_of(item):
            given = condition.text.lower() if lookup == "isnull" else ""
            lookups += [(key, words, given == text, _kind("isnull")) for text, (key, words) in EMPTY.items()]
        control = SafeString("")
        if lookup != "isnull":
            control = self.controls.render(item, lookup, condition.text, f"{path}.value", id=f"{path}.value")
        is_focused = path == self.focus
        return Row(path, name, item.column.title, columns, lookups, _kind(lookup), control, is_focused)


def _kind(lookup: str) -> str:
    """What values a lookup takes."""
    return "none" if lookup == "isnull" else "several" if takes_several(f"__{lookup}") else "one"


def _focus(draft: Group, action: str, place: str) -> str:
    """Where the keyboard goes on after a step: into what is new, and after a removal to its group."""
    if action == "remove":
        return place.rpartition(".")[0]
    if action not in ("add", "group"):
        return ""
    found: Condition | Group = draft
    for index in place.split(".")[1:]:
        if not isinstance(found, Group) or not index.isdigit() or int(index) >= len(found.parts):
            return ""
        found = found.parts[int(index)]
    return f"{place}.{len(found.parts) - 1}" if isinstance(found, Group) else ""
