"""The page of a table: its records, searched, filtered and ordered as its address says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, QueryDict

from core.errors import BadRequest, Problem
from core.permissions import projects_in_reach
from core.tenancy import acting_as
from dynamic_crud.csv_export import csv_file
from dynamic_crud.filter_controls import FilterControls
from dynamic_crud.filter_draft import joined
from dynamic_crud.list_columns import COLUMNS, chosen_columns, names_of, read_columns
from dynamic_crud.list_view import ListView
from dynamic_crud.listing import ListQuery
from dynamic_crud.querysets import RecordPage, fetch_page
from dynamic_crud.resources import Resource, ResourceField
from dynamic_crud.views import RecordsView


class RecordList(RecordsView):
    """The list of a table's records."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Shows the list, or sends it as CSV."""
        parameters = request.GET.copy()
        as_csv = parameters.pop("format", []) == ["csv"]
        columns_asked = QueryDict(mutable=True)
        columns_asked.setlist(COLUMNS, parameters.pop(COLUMNS, []))
        query, columns, problem = ListQuery(), None, None
        controls = FilterControls(self.resource, {}, self.records.members, self.search_url)
        page = RecordPage(rows=[], total=0, has_next=False)
        try:
            query = ListQuery.read(self.resource, parameters)
            columns = read_columns(self.resource, columns_asked)
            with self.records.reading() as door:
                if as_csv:
                    return _download(self.resource, csv_file(self.resource, door.alias, query, self.records.members))
                page, query = _fetch(self.resource, door.alias, query)
                controls = controls.fetch(door.alias, joined(query).conditions())
        except BadRequest as refused:
            problem = refused
        return self.show(query, page, controls, columns, problem)

    def show(
        self,
        query: ListQuery,
        page: RecordPage,
        controls: FilterControls,
        columns: Sequence[ResourceField] | None,
        problem: Problem | None,
    ) -> HttpResponseBase:
        """The page, with what is wrong with its address."""
        asked = names_of(columns) if columns else ""
        user, title = self.records.user, self.resource.table.label_plural
        with acting_as(user.pk):
            projects = projects_in_reach(user)
            shown = columns or chosen_columns(user, self.records.project, self.resource)
        view = ListView(self.resource, query, page, controls, shown, asked, self.url("record-list"))
        complaints = list(view.complaints(problem)) if problem else []
        status = problem.status if problem else 200
        return self.page("crud/list.html", title, status, projects, view=view, complaints=complaints)


def _fetch(resource: Resource, alias: str, query: ListQuery) -> tuple[RecordPage, ListQuery]:
    """The page, or the last one when the asked one is behind it. Many rows are not counted to the last."""
    page = fetch_page(resource, alias, replace(query, count="estimated"))
    if page.rows or query.page == 1 or not page.total:
        return page, query
    total = page if page.is_exact else fetch_page(resource, alias, query)
    last = replace(query, page=max(1, -(-(total.total or 0) // query.page_size)))
    return fetch_page(resource, alias, replace(last, count="estimated")), last


def _download(resource: Resource, file: Any) -> FileResponse:
    return FileResponse(file, as_attachment=True, filename=f"{resource.table.name}.csv", content_type="text/csv")
