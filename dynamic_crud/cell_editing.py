"""Editing one value of a record where a list shows it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from core.errors import BadRequest, NotFound, Problem
from dynamic_crud.factory import DynamicRow
from dynamic_crud.forms import RecordForm
from dynamic_crud.grid import grid_columns, is_edited_in_place
from dynamic_crud.list_columns import COLUMNS, read_columns
from dynamic_crud.resources import ResourceField
from dynamic_crud.views import RecordFormView

SEEN: Final = "seen"
"""The input that says when the record was last changed, as whoever edits it knows."""


class RecordCell(RecordFormView):
    """The editor of a cell. Saved, it answers with the row as it is then."""

    def get(self, request: HttpRequest, record_id: UUID, column: str) -> HttpResponseBase:
        """Shows the editor with the value as it is now."""
        item = self._item(column)
        with self.records.door() as door:
            row = self.records.read(door, record_id)
            form = self.form(door, row, only=item.name)
        return self._editor(form, row, item)

    def post(self, request: HttpRequest, record_id: UUID, column: str) -> HttpResponseBase:
        """Saves the value; shows the editor again when it is refused, or when somebody else was faster."""
        item = self._item(column)
        saved = form = None
        try:
            with self.records.writing() as door:
                row = self.records.lock(door, record_id)
                form = self.form(door, row, request.POST, only=item.name)
                is_stale = request.POST.get(SEEN) != row.updated_at.isoformat()
                if not is_stale and form.is_valid():
                    form.save()
                    saved = True
                current = self.records.read(door, record_id)
        except Problem as problem:
            if form is None or isinstance(problem, NotFound):
                raise
            form.add_problem(problem)
            return self._editor(form, row, item, status=422)
        if saved:
            return self._row(current)
        return self._editor(form, current, item, status=409 if is_stale else 422, is_stale=is_stale)

    def _item(self, column: str) -> ResourceField:
        item = self.resource.by_column.get(column)
        if item is None or not is_edited_in_place(item):
            raise NotFound(f"This table has no column {column!r} that is edited in a list.")
        return item

    def _editor(
        self, form: RecordForm, row: DynamicRow, item: ResourceField, status: int = 200, *, is_stale: bool = False
    ) -> HttpResponse:
        form.auto_id = "cell_%s"
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        shown = {
            "form": form,
            "field": form[item.name],
            "item": item,
            "row": row,
            "is_stale": is_stale,
            "place": given.get("place", ""),
            COLUMNS: given.get(COLUMNS, ""),
        }
        return self._part("crud/_cell_editor.html", status, **shown)

    def _row(self, row: DynamicRow) -> HttpResponse:
        try:
            columns = read_columns(self.resource, self.request.POST)
        except BadRequest:
            columns = None
        response = self._part(
            "crud/_grid_row.html",
            row=row,
            columns=grid_columns(self.resource, columns or self.resource.list_fields, is_editable=True),
            base=self.url("record-list"),
            place=self.request.POST.get("place", ""),
        )
        response["HX-Retarget"] = f"#row-{row.pk}"
        response["HX-Reswap"] = "outerHTML"
        return response

    def _part(self, template: str, status: int = 200, **context: object) -> HttpResponse:
        known: dict[str, object] = {"resource": self.resource, "members": self.records.members}
        known |= {"project": self.records.project, "rights": {self.right}}
        return render(self.request, template, {**known, **context}, status=status)
