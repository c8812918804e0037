"""The page of a table: its records, searched, filtered and ordered as its address says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponseBase

from core.errors import BadRequest, Problem
from core.members import Member, member_name
from dynamic_crud.csv_export import csv_file
from dynamic_crud.filters import ME
from dynamic_crud.list_view import ListView
from dynamic_crud.listing import ListQuery
from dynamic_crud.querysets import RecordPage, fetch_labels, fetch_page
from dynamic_crud.resources import Resource
from dynamic_crud.views import RecordsView


class RecordList(RecordsView):
    """The list of a table's records."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Shows the list, or sends it as CSV."""
        parameters = request.GET.copy()
        as_csv = parameters.pop("format", []) == ["csv"]
        problem: Problem | None = None
        query, members = ListQuery(), self.records.members
        try:
            query = ListQuery.read(self.resource, parameters)
            with self.records.reading() as door:
                if as_csv:
                    return _download(self.resource, csv_file(self.resource, door.alias, query, members))
                page, query = _fetch(self.resource, door.alias, query)
                labels = _labels(self.resource, door.alias, query, members)
        except BadRequest as refused:
            problem, labels = refused, {}
            page = RecordPage(rows=[], total=0, has_next=False)
        view = ListView(self.resource, query, page, labels, self.url, members)
        complaints = list(view.complaints(problem)) if problem else []
        status = problem.status if problem else 200
        return self.page("crud/list.html", self.resource.table.label_plural, status, view=view, complaints=complaints)


def _fetch(resource: Resource, alias: str, query: ListQuery) -> tuple[RecordPage, ListQuery]:
    """The page, or the last one when the asked one is behind it."""
    page = fetch_page(resource, alias, query)
    if not page.rows and page.total and query.page > 1:
        query = replace(query, page=-(-page.total // query.page_size))
        page = fetch_page(resource, alias, query)
    return page, query


def _labels(resource: Resource, alias: str, query: ListQuery, members: Mapping[UUID, Member]) -> dict[str, str]:
    """What the related rows and the members that the list is filtered by are called, by parameter."""
    labels = {}
    for item in resource.expandable:
        column = item.column.name
        for name in (column, f"{column}__exact", f"{column}__in"):
            given = [text.strip() for text in query.filters.get(name, "").split(",") if text.strip()]
            if not given:
                continue
            ids = {text: UUID(text) for text in given if text.lower() != ME}
            if item.column.is_relation:
                known = fetch_labels(resource.target(item), alias, ids.values())
            else:
                known = {pk: member_name(members, pk) for pk in ids.values()}
            labels[name] = ", ".join(known.get(ids[text], text) if text in ids else text for text in given)
    return labels


def _download(resource: Resource, file: Any) -> FileResponse:
    return FileResponse(file, as_attachment=True, filename=f"{resource.table.name}.csv", content_type="text/csv")
