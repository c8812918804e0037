"""What a list is asked for: search, order, page, filters. Pages and API read the same parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args

from django.http import QueryDict

from core.errors import BadRequest
from dynamic_crud.conditions import Group, GroupReader
from dynamic_crud.filters import filter_names, takes_several
from dynamic_crud.resources import Resource
from schemas.document import SYSTEM_COLUMNS

PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 200
MAX_PAGE: Final = 1_000_000
MAX_SEARCH_LENGTH: Final = 200
MAX_ADDRESS: Final = 20_000
"""How many characters of a list's parameters a page keeps for the way back."""

PARAMETERS: Final = (
    "search", "ordering", "page", "page_size", "cursor", "expand", "fields", "aggregate", "count", "filter",
)  # fmt: skip
"""Query parameters of every list. A column of the same name is filtered by `<name>__exact`."""

Count = Literal["exact", "estimated", "none"]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One question to a list, its parameters known and of the right form.

    Args:
        search: words that must each begin some word of a searchable column.
        ordering: column names, with a minus for descending.
        page: counted from 1.
        page_size: rows a page.
        expand: columns that point somewhere, to show as objects.
        fields: the only fields to show; all of them where none are named.
        cursor: where the list goes on, for the API; empty for its start, None where pages are asked for by number.
        count: whether the total is wanted, to the last row or about.
        filters: the parameters that are filters, as given.
        where: the conditions of the parameter `filter`.
    """

    search: str = ""
    ordering: tuple[str, ...] = ()
    page: int = 1
    page_size: int = PAGE_SIZE
    expand: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    cursor: str | None = None
    count: Count = "exact"
    filters: Mapping[str, str] = field(default_factory=dict)
    where: Group | None = None

    @classmethod
    def read(cls, resource: Resource, parameters: QueryDict) -> ListQuery:
        """Reads the parameters of a request; raises `BadRequest` that names every one that is wrong."""
        reader = _Reader(resource, parameters)
        query = cls(
            search=reader.search(),
            ordering=reader.ordering(),
            page=reader.number("page", 1, MAX_PAGE),
            page_size=reader.number("page_size", PAGE_SIZE, MAX_PAGE_SIZE),
            expand=reader.expand(),
            fields=reader.fields(),
            cursor=reader.cursor(),
            count=reader.count(),
            filters=reader.filters(),
            where=reader.where(),
        )
        reader.finish()
        return query

    def parameters(self) -> dict[str, str]:
        """The parameters that ask for the same rows, in the same order, of the same page."""
        plain = ListQuery()
        given = {
            "search": self.search,
            "filter": self.where.to_text() if self.where else "",
            "ordering": ",".join(self.ordering),
            "page": "" if self.page == plain.page else str(self.page),
            "page_size": "" if self.page_size == plain.page_size else str(self.page_size),
        }
        return {**self.filters, **{name: text for name, text in given.items() if text}}


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of a record is shown.

    Args:
        expand: columns that point somewhere, to show as objects.
        fields: the only fields to show; all of them where none are named.
    """

    expand: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


WHOLE: Final = Shape()
"""All of a record, with ids for what it points to."""


def read_shape(resource: Resource, parameters: QueryDict) -> Shape:
    """Reads the parameters of a single record, `expand` and `fields`; raises `BadRequest`."""
    reader = _Reader(resource, parameters)
    shape = Shape(reader.expand(), reader.fields())
    for name in parameters:
        if name not in ("expand", "fields"):
            detail = f"There is no parameter {name[:80]!r} here."
            reader.refuse(name[:80], "unknown_parameter", detail, "Use expand or fields, or none.")
    reader.finish()
    return shape


def orderable_columns(resource: Resource) -> tuple[str, ...]:
    """The columns that a list can be ordered by."""
    return (*(item.column.name for item in resource.fields if item.type.sortable), *SYSTEM_COLUMNS)


def default_ordering(resource: Resource) -> tuple[str, ...]:
    """The order of a list that nobody asks another one of: the table's own, else newest first."""
    hinted = resource.table.ui_hints.default_sort
    known = orderable_columns(resource)
    return (hinted,) if hinted.removeprefix("-") in known else ("-created_at",)


class _Reader:
    """Reads parameters and collects what is wrong with them."""

    def __init__(self, resource: Resource, parameters: QueryDict) -> None:
        self.resource = resource
        self.parameters = parameters
        self.errors: list[dict[str, Any]] = []
        for name, values in parameters.lists():
            if len(values) > 1 and not takes_several(name):
                self.refuse(name, "repeated_parameter", f"{name} is given {len(values)} times.", "Give it once.")
            if any("\0" in value for value in values) or "\0" in name:
                self.refuse(name, "invalid_text", f"{name} has a NUL character.", "Remove it.")

    def refuse(self, name: str, code: str, detail: str, fix: str) -> None:
        self.errors.append({"code": code, "path": f"query.{name}", "detail": detail, "fix": fix})

    def finish(self) -> None:
        if self.errors:
            names = ", ".join(dict.fromkeys(error["path"].removeprefix("query.") for error in self.errors))
            raise BadRequest(
                f"The list cannot be shown: see the query parameter {names}.",
                code="invalid_parameters",
                errors=self.errors,
            )

    def search(self) -> str:
        text = self.parameters.get("search", "").strip()
        if len(text) > MAX_SEARCH_LENGTH:
            detail = f"The search has {len(text)} characters; {MAX_SEARCH_LENGTH} are possible."
            self.refuse("search", "too_long", detail, "Search for less.")
        return text

    def number(self, name: str, default: int, most: int) -> int:
        text = self.parameters.get(name, "")
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
            detail = f"{text[:50]!r} is not a whole number from 1 to {most}."
            self.refuse(name, "invalid_number", detail, f"Use a number from 1 to {most}.")
            return default
        return int(text)

    def ordering(self) -> tuple[str, ...]:
        given = tuple(_split(self.parameters.get("ordering", "")))
        known = orderable_columns(self.resource)
        self._check_columns("ordering", (name.removeprefix("-") for name in given), known)
        return given

    def expand(self) -> tuple[str, ...]:
        given = tuple(dict.fromkeys(_split(self.parameters.get("expand", ""))))
        self._check_columns("expand", given, tuple(item.column.name for item in self.resource.expandable))
        return given

    def fields(self) -> tuple[str, ...]:
        given = tuple(dict.fromkeys(_split(self.parameters.get("fields", ""))))
        self._check_columns("fields", given, (*self.resource.by_column, *SYSTEM_COLUMNS))
        for name in self.expand() if given and not self.errors else ():
            if name not in given:
                detail = f"{name!r} is to be expanded, but `fields` leaves it out."
                self.refuse("fields", "left_out", detail, "Name it in fields too, or do not expand it.")
        return given

    def _check_columns(self, parameter: str, names: Iterable[str], known: tuple[str, ...]) -> None:
        for name in names:
            if name not in known:
                detail = f"{name[:80]!r} is not a column that can be used here."
                fix = f"Use {', '.join(known)}." if known else "Leave it out: this table has no such column."
                self.refuse(parameter, "unknown_column", detail, fix)

    def cursor(self) -> str | None:
        given = self.parameters.get("cursor")
        if given is not None and "page" in self.parameters:
            detail = "A list goes on at a cursor or at a page, not at both."
            self.refuse("cursor", "invalid_choice", detail, "Leave out page or cursor.")
        return given

    def count(self) -> Count:
        given = self.parameters.get("count") or "exact"
        for known in get_args(Count):
            if given == known:
                return cast("Count", known)
        fix = f"Use one of: {', '.join(get_args(Count))}."
        self.refuse("count", "invalid_choice", f"{given[:50]!r} is no way of counting.", fix)
        return "none"

    def filters(self) -> dict[str, str]:
        known = filter_names(self.resource)
        found: dict[str, str] = {}
        for name in self.parameters:
            if name in PARAMETERS:
                continue
            if name in known:
                found[name] = ",".join(self.parameters.getlist(name))  # boxes that were ticked come one by one
            else:
                self._refuse_filter(name, known)
        return {name: text for name, text in found.items() if text.strip()}

    def where(self) -> Group | None:
        groups = GroupReader(self.resource)
        found = groups.read(self.parameters.get("filter", ""))
        self.errors += groups.faults
        return found

    def _refuse_filter(self, name: str, known: tuple[str, ...]) -> None:
        column = name.partition("__")[0]
        similar = [each for each in known if each.partition("__")[0] == column] or [*PARAMETERS, "a column"]
        fix = f"Use one of: {', '.join(similar)}."
        self.refuse(name[:80], "unknown_parameter", f"There is no parameter {name[:80]!r} here.", fix)


def _split(text: str) -> Iterator[str]:
    return (part for part in (piece.strip() for piece in text.split(",")) if part)
