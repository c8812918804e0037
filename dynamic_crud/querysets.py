"""How rows are found: searched, ordered, with the labels of what they point to, in one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, OrderBy, Prefetch, QuerySet
from django.db.models.functions import Cast

from dynamic_crud.conditions import apply_filters
from dynamic_crud.factory import DynamicRow
from dynamic_crud.links import linked_rows
from dynamic_crud.listing import ListQuery
from dynamic_crud.ordering import Term, order_terms
from dynamic_crud.resources import Resource
from dynamic_crud.search import search_condition
from dynamic_crud.totals import Total, count_rows

Rows = QuerySet[DynamicRow]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of a list, fetched.

    Args:
        rows: the page's rows, with the related rows that their labels need.
        total: how many there are on all pages; None when nobody asked.
        has_next: whether another page follows.
        is_exact: whether the total was counted; else it is about right.
    """

    rows: list[DynamicRow]
    total: int | None
    has_next: bool
    is_exact: bool = True


def all_rows(resource: Resource, alias: str) -> Rows:
    """The rows of a table that the open door shows."""
    return resource.model.objects.using(alias)


def with_related(resource: Resource, rows: Rows) -> Rows:
    """The rows with the titles of what their relations point to.

    What one row points to comes in the same query, links to many rows in one more for each such column.
    """
    rows = rows.prefetch_related(*_linked(resource, rows.db))
    if not resource.relations:
        return rows
    wanted = [column.attname for column in resource.model._meta.concrete_fields]
    for relation in resource.relations:
        wanted += [f"{relation.name}__{name}" for name in ("id", *_title_names(resource.target(relation)))]
    return rows.select_related(*(relation.name for relation in resource.relations)).only(*wanted)


def _linked(resource: Resource, alias: str) -> Iterator[Prefetch[str, Rows, str]]:
    for item in resource.links:
        titles = linked_rows(item, alias).only("id", *_title_names(resource.target(item)))
        yield Prefetch(item.name, titles)


def fetch_page(resource: Resource, alias: str, query: ListQuery) -> RecordPage:
    """The page that a question asks for. Call it inside the door; nothing is left to fetch afterwards."""
    rows = find_rows(resource, alias, query)
    total = _total(rows, query)
    first = (query.page - 1) * query.page_size
    if total is not None and total.is_exact and first >= total.number:
        return RecordPage(rows=[], total=total.number, has_next=False)
    ordered = ordered_rows(resource, with_related(resource, rows), query.ordering)
    found = list(ordered[first : first + query.page_size + 1])
    has_next = len(found) > query.page_size
    if total is None:
        return RecordPage(found[: query.page_size], None, has_next)
    return RecordPage(found[: query.page_size], total.number, has_next, total.is_exact)


def _total(rows: Rows, query: ListQuery) -> Total | None:
    if query.count == "none":
        return None
    return Total(rows.count()) if query.count == "exact" else count_rows(rows)


def find_rows(resource: Resource, alias: str, query: ListQuery) -> Rows:
    """The rows that match the question's filters and search, in no order."""
    rows = apply_filters(resource, all_rows(resource, alias), query.filters, query.where)
    return rows.filter(search_condition(resource, query.search)) if query.search else rows


def ordered_rows(resource: Resource, rows: Rows, ordering: Iterable[str]) -> Rows:
    """The rows in the asked order, else the table's own, else newest first; always a total order, so pages fit."""
    return rows.order_by(*(_order_by(term) for term in order_terms(resource, ordering)))


def find_choices(resource: Resource, alias: str, text: str, limit: int) -> list[tuple[str, str]]:
    """Rows to point to, as (id, label): those whose label has every word of `text`, in the order of labels."""
    title = resource.title_field
    rows = all_rows(resource, alias)
    if title is None:
        return [(str(row.pk), str(row)) for row in rows.order_by("-created_at", "id")[:limit]]
    rows = rows.only("id", title.name).annotate(_label=Cast(title.name, CharField()))
    searched = title.name if title.type.searchable else "_label"
    for word in text.split():
        rows = rows.filter((f"{searched}__icontains", word))
    return [(str(row.pk), str(row)) for row in rows.order_by(title.name, "id")[:limit]]


def fetch_labels(resource: Resource, alias: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    """What rows are called, those that the door shows."""
    return {pk: str(row) for pk, row in all_rows(resource, alias).in_bulk(list(ids)).items()}


def _order_by(term: Term) -> OrderBy:
    # PostgreSQL puts nulls first when descending; people look for the greatest value there.
    nulls_last = True if term.descending and term.nullable else None
    return OrderBy(F(term.path), descending=term.descending, nulls_last=nulls_last)


def _title_names(resource: Resource) -> tuple[Any, ...]:
    return (resource.title_field.name,) if resource.title_field else ()
