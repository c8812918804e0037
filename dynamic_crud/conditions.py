"""Conditions: what a list is filtered by, one by one and in groups that AND or OR joins.

The parameter `filter` holds groups as JSON, the same in the API and in the address of a page. A condition is an object
with one filter and its value, `{"price__gte": 100}`; a group is an object with `and` or `or` and a list of conditions
and groups: `{"or": [{"status": "sold"}, {"and": [{"price__gte": 100}, {"agent_id__isnull": true}]}]}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import Any, Final, Literal, cast

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from core.errors import BadRequest
from dynamic_crud.factory import DynamicRow
from dynamic_crud.filters import condition_of, filter_names, join_values, takes_several
from dynamic_crud.resources import Resource

MAX_DEPTH: Final = 4
"""How deep groups may stand in groups."""

MAX_CONDITIONS: Final = 50
MAX_LENGTH: Final = 10_000
"""How many characters the parameter may have."""

JOINTS: Final = ("and", "or")

Fault = dict[str, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter: its parameter's name, and its value as a parameter has it."""

    name: str
    text: str

    def to_json(self) -> dict[str, str]:
        """As the parameter `filter` has it."""
        return {self.name: self.text}


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions and groups, of which all have to hold, or any."""

    joint: Literal["and", "or"]
    parts: tuple[Condition | Group, ...]

    def to_json(self) -> dict[str, Any]:
        """As the parameter `filter` has it."""
        return {self.joint: [part.to_json() for part in self.parts]}

    def to_text(self) -> str:
        """The value of the parameter `filter`."""
        return orjson.dumps(self.to_json()).decode()

    def conditions(self) -> Iterator[Condition]:
        """All conditions, those of groups within too."""
        for part in self.parts:
            yield from [part] if isinstance(part, Condition) else part.conditions()


@dataclass(slots=True)
class GroupReader:
    """Reads the parameter `filter` and collects what is wrong with it, each with its place.

    Args:
        resource: the table that is filtered.
    """

    resource: Resource
    faults: list[Fault] = field(default_factory=list)
    count: int = 0

    def read(self, text: str) -> Group | None:
        """The group that the text describes; None for an empty text, and where something is wrong."""
        if not text.strip():
            return None
        if len(text) > MAX_LENGTH:
            detail = f"The filter has {len(text):,} characters; {MAX_LENGTH:,} are possible."
            self._refuse("query.filter", "too_long", detail, "Filter by less.")
            return None
        try:
            data = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            fix = 'Write JSON such as {"or": [{"status": "sold"}, {"price__gte": 100}]}.'
            self._refuse("query.filter", "invalid_json", f"The filter is no JSON: {error}.", fix)
            return None
        found = self._part(data, "query.filter", 1)
        found = Group("and", (found,)) if isinstance(found, Condition) else found
        return None if self.faults else found

    def _refuse(self, path: str, code: str, detail: str, fix: str) -> None:
        self.faults.append({"code": code, "path": path, "detail": detail, "fix": fix})

    def _part(self, data: Any, path: str, depth: int) -> Condition | Group | None:
        if not isinstance(data, dict) or len(data) != 1:
            fix = 'Write {"price__gte": 100}, or {"and": [...]} or {"or": [...]} for several.'
            self._refuse(path, "invalid_condition", "This is no object with exactly one entry.", fix)
            return None
        ((name, value),) = data.items()
        if name in JOINTS and isinstance(value, list):
            return self._group(name, value, f"{path}.{name}", depth)
        return self._condition(name, value, f"{path}.{name[:80]}")

    def _group(self, joint: str, parts: list[Any], path: str, depth: int) -> Group | None:
        if depth > MAX_DEPTH:
            detail = f"Groups stand in groups more than {MAX_DEPTH} deep."
            self._refuse(path, "too_deep", detail, "Write it with fewer groups.")
            return None
        if not parts:
            self._refuse(path, "empty_group", "This group has no condition.", "Add one, or remove the group.")
            return None
        if len(parts) > MAX_CONDITIONS:
            self._refuse_many(path)
            return None
        found = [self._part(part, f"{path}[{index}]", depth + 1) for index, part in enumerate(parts)]
        known = tuple(part for part in found if part is not None)
        return Group(cast("Literal['and', 'or']", joint), known) if known else None

    def _condition(self, name: str, value: Any, path: str) -> Condition | None:
        self.count += 1
        if self.count > MAX_CONDITIONS:
            if self.count == MAX_CONDITIONS + 1:
                self._refuse_many("query.filter")
            return None
        known = filter_names(self.resource)
        if name not in known:
            column = name.partition("__")[0]
            similar = [each for each in known if each.partition("__")[0] == column]
            fix = f"Use one of: {', '.join(similar)}." if similar else "Use a column of the table, with its lookup."
            self._refuse(path, "unknown_filter", f"There is no filter {name[:80]!r} here.", fix)
            return None
        text = _text_of(value, several=takes_several(name))
        if text is None:
            many = " or a list of these" if takes_several(name) else ""
            detail = f"The value is neither a text nor a number nor true or false{many}."
            self._refuse(path, "invalid_value", detail, f"Write {{{name!r}: ...}} with such a value.")
            return None
        if not text.strip() or "\0" in text:
            fix = f"Write a value, or {name.partition('__')[0]}__isnull where there should be none."
            self._refuse(path, "invalid_value", "The value is empty, or has a NUL character.", fix)
            return None
        return Condition(name, text)

    def _refuse_many(self, path: str) -> None:
        detail = f"The filter has more than {MAX_CONDITIONS} conditions."
        self._refuse(path, "too_many", detail, "Filter by fewer.")


def apply_filters(
    resource: Resource, queryset: QuerySet[DynamicRow], filters: Mapping[str, str], where: Group | None = None
) -> QuerySet[DynamicRow]:
    """The rows that all filters let through, and the group of conditions.

    Raises:
        BadRequest: with an entry for every value that cannot be read, and its place.
    """
    if not filters and where is None:
        return queryset
    faults: list[Fault] = []
    compiler = _Compiler(resource, queryset.db, faults)
    condition = Q()
    for name, text in filters.items():
        condition &= compiler.condition(Condition(name, text), f"query.{name}")
    if where is not None:
        condition &= compiler.group(where, "query.filter")
    if faults:
        names = ", ".join(dict.fromkeys(fault["path"].removeprefix("query.") for fault in faults))
        detail = f"The list cannot be filtered: see the query parameter {names}."
        raise BadRequest(detail, code="invalid_filter", errors=faults)
    return queryset.filter(condition)


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Makes Django conditions of ours, and collects what cannot be read."""

    resource: Resource
    alias: str
    faults: list[Fault]

    def group(self, group: Group, path: str) -> Q:
        joined = and_ if group.joint == "and" else or_
        parts = (self._part(part, f"{path}.{group.joint}[{index}]") for index, part in enumerate(group.parts))
        return reduce(joined, parts)

    def _part(self, part: Condition | Group, path: str) -> Q:
        if isinstance(part, Group):
            return self.group(part, path)
        return self.condition(part, f"{path}.{part.name}")

    def condition(self, condition: Condition, path: str) -> Q:
        try:
            return condition_of(self.resource, self.alias, condition.name, condition.text)
        except ValidationError as error:
            self.faults.extend(
                {"code": each.code or "invalid", "path": path, "detail": each.messages[0], "fix": ""}
                for each in error.error_list
            )
            return Q()


def _text_of(value: Any, *, several: bool) -> str | None:
    """A JSON value as a parameter has it; None where it cannot be one."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float():
            return str(value)
        case list() if several:
            texts = [_text_of(each, several=False) for each in value]
            return None if None in texts else join_values(cast("list[str]", texts))
    return None
