"""The columns of a list: which, and in what order. The address says, else what the user chose last, else the schema.

The title is always there, and always first: it is what opens a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from core.errors import BadRequest
from core.models import Project, User
from core.tenancy import acting_as
from dynamic_crud.filter_controls import filterable
from dynamic_crud.list_panel import ListPanel
from dynamic_crud.models import ListPreference
from dynamic_crud.resources import Resource, ResourceField

COLUMNS: Final = "columns"
"""The parameter of a list's page that names its columns, separated by commas."""


def read_columns(resource: Resource, parameters: QueryDict) -> tuple[ResourceField, ...] | None:
    """The columns that an address asks for, None where it asks for none; raises `BadRequest` for unknown ones."""
    given = [name.strip() for text in parameters.getlist(COLUMNS) for name in text.split(",") if name.strip()]
    if not given:
        return None
    known = filterable(resource)
    unknown = [name for name in dict.fromkeys(given) if name not in known]
    if unknown:
        fix = f"Use {', '.join(known)}."
        raise BadRequest(
            "The list cannot be shown: see the query parameter columns.",
            code="invalid_parameters",
            errors=[
                {
                    "code": "unknown_column",
                    "path": f"query.{COLUMNS}",
                    "detail": f"There is no column {name[:80]!r}.",
                    "fix": fix,
                }
                for name in unknown[:10]
            ],
        )
    return title_first(resource, [known[name] for name in dict.fromkeys(given)])


def title_first(resource: Resource, columns: Iterable[ResourceField]) -> tuple[ResourceField, ...]:
    """The columns with the title before them."""
    title = resource.title_field
    return (*([title] if title else []), *(item for item in columns if item != title))


def chosen_columns(user: User, project: Project, resource: Resource) -> tuple[ResourceField, ...]:
    """The columns that the user chose for the table, else those of the schema. Call it inside the user's door."""
    found = ListPreference.objects.filter(user=user, project=project, table=resource.table.id)
    ids = found.values_list("columns", flat=True).first()
    by_id = {item.column.id: item for item in filterable(resource).values()}
    known = [by_id[each] for each in ids or () if each in by_id]  # a column may have left the schema since
    return title_first(resource, known) if known else resource.list_fields


def choose_columns(user: User, project: Project, resource: Resource, columns: Sequence[ResourceField]) -> None:
    """Remembers the columns for the user; none means those of the schema. Call it outside of any door."""
    key: dict[str, Any] = {"user": user, "project": project, "table": resource.table.id}
    with acting_as(user.pk):
        if columns:
            ids = {"columns": [item.column.id for item in columns]}
            ListPreference.objects.update_or_create(**key, defaults=ids)
        else:
            ListPreference.objects.filter(**key).delete()


def names_of(columns: Iterable[ResourceField]) -> str:
    """The columns as the parameter has them."""
    return ",".join(item.column.name for item in columns)


class RecordColumns(ListPanel):
    """The form in which the columns of a list are chosen and ordered."""

    template = "crud/_columns.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Shows all columns, the chosen ones first and in their order."""
        return self.show(self._current())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Remembers the choice, and shows the list with it."""
        records, asked = self.records, self.asked(without=(COLUMNS,))
        if "reset" in request.POST:
            choose_columns(records.user, records.project, self.resource, ())
            return redirect(self.list_url(asked))
        columns = read_columns(self.resource, request.POST) or title_first(self.resource, ())
        choose_columns(records.user, records.project, self.resource, columns)
        asked[COLUMNS] = names_of(columns)
        return redirect(self.list_url(asked))

    def show(self, chosen: Sequence[ResourceField]) -> HttpResponse:
        """The form."""
        others = [item for item in filterable(self.resource).values() if item not in chosen]
        columns = [(item, item in chosen) for item in (*chosen, *others) if item != self.resource.title_field]
        return self.panel(f"Columns of {self.resource.table.label_plural.lower()}", columns=columns)

    def _current(self) -> Sequence[ResourceField]:
        try:
            asked = read_columns(self.resource, self.asked())
        except BadRequest:
            asked = None
        if asked:
            return asked
        with acting_as(self.records.user.pk):
            return chosen_columns(self.records.user, self.records.project, self.resource)
