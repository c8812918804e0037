"""What a list shows around its rows: headers that sort, filters, chips of what is filtered, pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from core.errors import Problem
from dynamic_crud.conditions import Condition, Group
from dynamic_crud.filter_controls import FilterControls, filterable, has_few_choices, lookup_of, words_of
from dynamic_crud.listing import ListQuery, default_ordering
from dynamic_crud.querysets import RecordPage
from dynamic_crud.resources import Resource, ResourceField

PAGE_SIZES: Final = (25, 50, 100, 200)
QUICK_FILTERS: Final = 3
"""How many filters stand beside the search box; the others are in the filter builder."""


@dataclass(frozen=True, slots=True)
class Header:
    """A column's header: where a click sorts; no address where an order would say nothing."""

    field: ResourceField
    url: str
    more_url: str
    """Where a click with the shift key sorts: by what the list is sorted by, and then by this column."""
    sort: str
    """The value of `aria-sort`: ascending, descending, or none."""
    rank: int
    """Its place among the columns that the list is sorted by, from 1; 0 where it is the only one, or none."""


@dataclass(frozen=True, slots=True)
class Control:
    """A filter beside the search box."""

    field: ResourceField
    html: SafeString


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the address of the list without it."""

    text: str
    url: str


@dataclass(frozen=True)
class ListView:
    """What the list's template asks for.

    Args:
        resource: the table.
        query: what the list is asked for.
        page: the rows found.
        controls: how filters are shown.
        columns: the columns to show.
        asked_columns: the parameter that asks for these columns; empty where the address does not.
        base: the address of the list without parameters.
    """

    resource: Resource
    query: ListQuery
    page: RecordPage
    controls: FilterControls
    columns: Sequence[ResourceField]
    asked_columns: str
    base: str

    @property
    def headers(self) -> list[Header]:
        """The columns, each with the order that a click on it leads to."""
        return [self._header(item) for item in self.columns]

    @property
    def is_searchable(self) -> bool:
        """Whether there is text to search in."""
        return any(item.type.searchable for item in self.resource.fields)

    @property
    def quick_controls(self) -> Iterator[Control]:
        """The filters beside the search box: those with a few choices."""
        for item in self._quick_fields:
            name = item.column.name
            html = self.controls.render(item, "exact", self.query.filters.get(name, ""), name)
            yield Control(item, html)

    @property
    def chips(self) -> Iterator[Chip]:
        """The active filters in words."""
        filters, where = self.query.filters, self.query.where
        for name, text in filters.items():
            rest = {key: value for key, value in filters.items() if key != name}
            yield Chip(self.controls.words(Condition(name, text)), self.address(filters=rest, page=1))
        if where and where.joint == "and":
            for part in where.parts:
                left = tuple(each for each in where.parts if each is not part)
                url = self.address(where=Group("and", left) if left else None, page=1)
                yield Chip(self.controls.words(part), url)
        elif where:
            yield Chip(self.controls.words(where), self.address(where=None, page=1))

    @property
    def first(self) -> int:
        """The number of the first row shown, counted from 1."""
        return (self.query.page - 1) * self.query.page_size + 1

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return self.first + len(self.page.rows) - 1

    @property
    def page_count(self) -> int | None:
        """How many pages there are, at least one; None where nobody knows."""
        return max(1, -(-(self.page.total or 0) // self.query.page_size)) if self.page.is_exact else None

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
    def asked(self) -> str:
        """The parameters of this list, for the forms about it and for the way back to it."""
        return urlencode(self._parameters(self.query))

    @property
    def shown(self) -> str:
        """The parameter that says which columns are shown, for rows that are drawn anew."""
        return urlencode({"columns": ",".join(item.column.name for item in self.columns)})

    @property
    def places(self) -> Iterator[tuple[Any, str]]:
        """The rows, each with what the address of its page says of this list: for the next and the previous one."""
        asked = urlencode(self._parameters(replace(self.query, page=1)))
        for number, row in enumerate(self.page.rows, self.first):
            yield row, urlencode({"list": asked, "at": number})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new search keeps of the old one, for hidden inputs."""
        shown = {item.column.name for item in self._quick_fields} | {"search", "page"}
        return [(name, text) for name, text in self._parameters(self.query).items() if name not in shown]

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter hides rows."""
        return bool(self.query.search or self.query.filters or self.query.where)

    def complaints(self, problem: Problem) -> Iterator[str]:
        """What is wrong with the list's address, each in one sentence that names the filter as the page does."""
        if not problem.errors:
            yield problem.detail
        known = filterable(self.resource)
        for error in problem.errors:
            name, lookup = lookup_of(str(error["path"]).rpartition(".")[2])
            is_filter = (
                error["path"].startswith("query.filter") or error["path"].removeprefix("query.") in self.query.filters
            )
            item = known.get(name) if is_filter else None
            words = f"{item.column.title} {words_of(item, lookup)}: " if item else ""
            yield f"{words}{error['detail']} {error['fix']}".strip()

    def address(self, **changes: Any) -> str:
        """The address of this list with something changed."""
        parameters = self._parameters(replace(self.query, **changes))
        return f"{self.base}?{urlencode(parameters)}" if parameters else self.base

    @property
    def _quick_fields(self) -> list[ResourceField]:
        items = (item for item in self.resource.fields if "exact" in item.type.lookups and has_few_choices(item))
        return [item for item, _ in zip(items, range(QUICK_FILTERS))]  # noqa: B905  (as many as there are)

    def _parameters(self, query: ListQuery) -> Mapping[str, str]:
        columns = {"columns": self.asked_columns} if self.asked_columns else {}
        return {**query.parameters(), **columns}

    def _header(self, item: ResourceField) -> Header:
        column = item.column.name
        sorted_by = self.query.ordering or default_ordering(self.resource)
        names = [name.removeprefix("-") for name in sorted_by]
        place = names.index(column) if column in names else None
        if not item.type.sortable:
            return Header(item, "", "", "none", 0)
        sort = "none" if place is None else "descending" if sorted_by[place].startswith("-") else "ascending"
        following = f"-{column}" if sort == "ascending" else column
        end = len(names) if place is None else place
        more = (*sorted_by[:end], following, *sorted_by[end + 1 :])
        rank = end + 1 if place is not None and len(names) > 1 else 0
        url = self.address(ordering=(following,), page=1)
        return Header(item, url, self.address(ordering=more, page=1), sort, rank)
