"""A filter that somebody is building: read from a form's inputs, changed step by step, some of it without a value yet.

The names of the inputs say where they stand: `g` is how the outermost group joins its parts; `g.0.column`,
`g.0.lookup` and `g.0.value` are its first condition, `g.0.of` is the column that the value was given for; `g.1` is a
group within it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from django.http import QueryDict

from dynamic_crud.conditions import MAX_CONDITIONS, MAX_DEPTH, Condition, Group
from dynamic_crud.filter_controls import EMPTY, filterable, lookups_of, value_text
from dynamic_crud.filters import filter_name, takes_several
from dynamic_crud.listing import ListQuery
from dynamic_crud.resources import Resource

ROOT: Final = "g"


def read_draft(resource: Resource, data: QueryDict) -> Group:
    """The group that a form's inputs hold. What they name wrongly becomes the first that there is."""
    return _read_group(resource, data, ROOT, 1)


def step(resource: Resource, draft: Group, action: str, place: str) -> Group:
    """The draft after a step; the same draft where the step says nothing.

    Args:
        resource: the table.
        draft: the outermost group.
        action: `add` adds a condition to a group, `group` adds a group, `remove` takes out a condition or a group.
        place: the group, or what is taken out.
    """
    has_room = sum(1 for _ in draft.conditions()) < MAX_CONDITIONS
    if action == "add" and has_room:
        return _at(draft, ROOT, place, lambda group: _with(group, first_condition(resource)))
    if action == "group" and has_room:
        return _at(draft, ROOT, place, lambda group: _with(group, _opposite(group, first_condition(resource))))
    if action == "remove":
        parent, _, index = place.rpartition(".")
        return _at(draft, ROOT, parent, lambda group: _without(group, index))
    return draft


def complete(draft: Group) -> Group | None:
    """The conditions that have a value, without groups that join nothing; None where there is no condition."""
    known: list[Condition | Group] = []
    for part in draft.parts:
        if isinstance(part, Condition):
            known += [part] if part.text.strip() else []
        elif found := complete(part):
            known.append(found.parts[0] if len(found.parts) == 1 else found)
    return Group(draft.joint, tuple(known)) if known else None


def first_condition(resource: Resource) -> Condition:
    """What a new line starts with."""
    item = resource.title_field or next(iter(filterable(resource).values()))
    lookup = lookups_of(item)[0]
    return Condition(filter_name(item.column.name, lookup), "true" if lookup == "isnull" else "")


def joined(query: ListQuery) -> Group:
    """All that a list is filtered by, as one group."""
    plain = tuple(Condition(name, text) for name, text in query.filters.items())
    where = query.where
    if where is None:
        return Group("and", plain)
    if not plain:
        return where
    return Group("and", (*plain, *(where.parts if where.joint == "and" else (where,))))


def split(group: Group) -> tuple[dict[str, str], Group | None]:
    """A group as plain filters, each name once, and what of it is left: so that addresses stay readable."""
    if group.joint == "or" and len(group.parts) > 1:
        return {}, group
    filters: dict[str, str] = {}
    rest: list[Condition | Group] = []
    for part in group.parts:
        if isinstance(part, Condition) and part.name not in filters:
            filters[part.name] = part.text
        else:
            rest.append(part)
    if len(rest) == 1 and isinstance(rest[0], Group):
        return filters, rest[0]
    return filters, Group("and", tuple(rest)) if rest else None


def _read_group(resource: Resource, data: QueryDict, path: str, depth: int) -> Group:
    joint: Literal["and", "or"] = "or" if data.get(path) == "or" else "and"
    parts: list[Condition | Group] = []
    for index in range(MAX_CONDITIONS):
        place = f"{path}.{index}"
        if f"{place}.column" in data:
            parts.append(_read_condition(resource, data, place))
        elif place in data and depth < MAX_DEPTH:
            parts.append(_read_group(resource, data, place, depth + 1))
        else:
            break
    return Group(joint, tuple(parts))


def _read_condition(resource: Resource, data: QueryDict, path: str) -> Condition:
    known = filterable(resource)
    item = known.get(str(data[f"{path}.column"])) or next(iter(known.values()))
    column, lookups = item.column.name, lookups_of(item)
    asked = str(data.get(f"{path}.lookup", ""))
    if "isnull" in lookups and (asked in _EMPTY_KEYS or lookups[0] == "isnull"):
        return Condition(filter_name(column, "isnull"), _EMPTY_KEYS.get(asked, "true"))
    name = filter_name(column, asked if asked in lookups and asked != "isnull" else lookups[0])
    text = value_text(data.getlist(f"{path}.value"), several=takes_several(name)).replace("\0", "")
    # A value of another column says nothing about this one.
    return Condition(name, text if data.get(f"{path}.of", column) == column else "")


_EMPTY_KEYS: Final = {key: text for text, (key, _) in EMPTY.items()}


def _at(group: Group, path: str, place: str, change: Callable[[Group], Group]) -> Group:
    """The group with the one at `place` changed."""
    if path == place:
        return change(group)
    parts = (
        _at(part, f"{path}.{index}", place, change) if isinstance(part, Group) else part
        for index, part in enumerate(group.parts)
    )
    return Group(group.joint, tuple(parts))


def _with(group: Group, part: Condition | Group) -> Group:
    return Group(group.joint, (*group.parts, part))


def _without(group: Group, index: str) -> Group:
    return Group(group.joint, tuple(part for place, part in enumerate(group.parts) if str(place) != index))


def _opposite(group: Group, condition: Condition) -> Group:
    """A group of two conditions: one that joins as its parent does would say nothing new."""
    return Group("or" if group.joint == "and" else "and", (condition, condition))
