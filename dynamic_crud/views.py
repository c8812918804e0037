"""The pages of records: list, detail, create, edit, delete. What is shown is fetched in `records` and friends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.text import Truncator
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from core.errors import NotFound, Problem
from core.models import Project
from core.rights import Right
from core.tenancy import Door
from core.uploads import take_files
from core.workspace import page_context
from dynamic_crud.attaching import Received
from dynamic_crud.factory import DynamicRow
from dynamic_crud.files import limits_of, receive
from dynamic_crud.forms import RecordForm, form_class
from dynamic_crud.merge_pages import RESTORE, bring_back, gone_page, merge_page
from dynamic_crud.merging import BASE, Merge, left_to_them, packed, values_of
from dynamic_crud.neighbours import fetch_neighbours
from dynamic_crud.pickers import PICKER_OPTIONS
from dynamic_crud.querysets import all_rows, find_choices
from dynamic_crud.records import Records
from dynamic_crud.related import fetch_sections, foresee_delete
from dynamic_crud.resources import Resource
from dynamic_crud.trash.entries import last_batch
from schemas.column_types.user import CURRENT_USER


class RecordsView(LoginRequiredMixin, View):
    """A page about one table of a project."""

    records: Records
    right: Right | None = None
    """What a member needs to see the page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Finds the table, or answers 404 without telling whether it exists."""
        if request.user.is_authenticated:
            self.records = Records.access(request.user, kwargs.pop("project_id"), kwargs.pop("table"), self.right)
            _ = self.records.members  # which pages show, and ask for with a door open
        return super().dispatch(request, *args, **kwargs)

    @property
    def resource(self) -> Resource:
        """The table's resource."""
        return self.records.resource

    def url(self, name: str, *args: Any, table: str | None = None) -> str:
        """The address of a page of this table, or of another of the same project."""
        return reverse(name, args=[self.records.project.pk, table or self.resource.table.name, *args])

    def search_url(self, table: str) -> str:
        """Where the pickers of a table's records search."""
        return self.url("record-choices", table=table)

    def page(
        self, template: str, title: str, status: int = 200, projects: list[Project] | None = None, **context: Any
    ) -> HttpResponse:
        """The rendered page; see `page_context`."""
        frame = page_context(self.request, title=title, project=self.records.project, projects=projects)
        known = {"resource": self.resource, "members": self.records.members}
        return render(self.request, template, {**frame, **known, **context}, status=status)

    def in_short(self, row: DynamicRow) -> str:
        """What a message calls a record: a title may be longer than a message should be."""
        return f'{self.resource.table.label} "{Truncator(str(row)).chars(80)}"'

    def say_undoable(self, text: str, batch: UUID | None) -> None:
        """Tells what was done on the next page, with a button that undoes it (base/_messages.html)."""
        undo = reverse("trash-restore", args=[self.records.project.pk, batch]) if batch else ""
        messages.success(self.request, text, extra_tags=undo)

    @property
    def crumb(self) -> dict[str, str]:
        """The way back to the list, for the pages below it."""
        return {"title": self.resource.table.label_plural, "url": self.url("record-list")}


class RecordDetail(RecordsView):
    """One record, and what points to it."""

    def get(self, request: HttpRequest, record_id: UUID) -> HttpResponse:
        """Shows the record."""
        with self.records.door() as door:
            row = self.records.read(door, record_id)
            sections = fetch_sections(self.resource, door.alias, row)
        neighbours = fetch_neighbours(self.records, record_id, request.GET)
        crumb = self.crumb
        if neighbours and neighbours.list_query:
            crumb["url"] += f"?{neighbours.list_query}"
        shown: dict[str, Any] = {"row": row, "sections": sections, "neighbours": neighbours}
        return self.page("crud/detail.html", title=str(row), crumb=crumb, **shown)


@method_decorator(csrf_exempt, name="dispatch")
class RecordFormView(RecordsView):
    """The form of a new or an existing record."""

    right = Right.WRITE_RECORDS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Checks the CSRF token here and not earlier: the check reads the form, and so takes its files."""
        take_files(request, lambda: limits_of(request, kwargs["project_id"], kwargs["table"]))
        return csrf_protect(super().dispatch)(request, *args, **kwargs)

    @property
    def place(self) -> str:
        """Where the form stands in another form's page: how many are open there; empty where it is its own page."""
        given = self.request.GET.get("in_place", "")
        return given if given.isascii() and given.isdigit() and len(given) < 3 else ""

    def form(
        self,
        door: Door,
        row: DynamicRow | None,
        data: Mapping[str, Any] | None = None,
        received: Mapping[str, Received] | None = None,
        only: str = "",
    ) -> RecordForm:
        """The form, with its pickers filled; with the name of a field, that field alone."""
        form = form_class(self.resource)(
            data,
            instance=row,
            initial=self.initial(row),
            door=door,
            members=self.records.members,
            received=received,
        )
        if only:
            form.keep_fields([only])
        form.offer_choices(lambda target: self.search_url(target.table.name))
        form.offer_new(lambda target: self.url("record-create", table=target.table.name))
        if row is not None:
            form.show_links(lambda file_id: self.url("record-file", row.pk, file_id))
        return form

    def initial(self, row: DynamicRow | None) -> dict[str, Any]:
        """What a new record starts with: what the address says (`?agent_id=...`), else the columns' defaults."""
        if row is not None:
            return {}
        given = self.request.GET
        start = {item.name: item.type.initial(item.column) for item in self.resource.fields}
        for item in self.resource.member_fields:
            if item.column.default == CURRENT_USER:
                start[item.name] = self.records.user.pk
        return start | {item.name: given[name] for name, item in self.resource.by_column.items() if name in given}

    def show(self, form: RecordForm, row: DynamicRow | None, base: str = "") -> HttpResponse:
        """The page, with status 422 when the form has errors.

        Args:
            form: the form.
            row: its record; None for a new one.
            base: what the record was when the form was opened, as `merging` packs it.
        """
        label = self.resource.table.label
        title = f"Edit {label.lower()}" if row else f"New {label.lower()}"
        back = self.url("record-detail", row.pk) if row else self.url("record-list")
        status = 422 if form.errors else 200
        if self.place:
            form.auto_id = f"new{self.place}_%s"  # the page's own form may have fields of the same names
            in_place = {"form": form, "title": title, "address": self.request.get_full_path()}
            return render(self.request, "crud/_form_in_place.html", in_place, status=status)
        shown: dict[str, Any] = {"form": form, "row": row, "back": back, "base": base}
        return self.page("crud/form.html", title, status, crumb=self.crumb, **shown)

    def save(self, request: HttpRequest, record_id: UUID | None) -> HttpResponse:
        """Saves what was sent, or shows it again with what is wrong."""
        if record_id and request.FILES:
            self.records.get(record_id)  # nothing is stored for a record that is not there
        received = receive(self.records, request)
        row = form = merge = None
        try:
            with self.records.writing() as door:
                row = self.records.lock(door, record_id) if record_id else None
                theirs = values_of(self.resource, row) if row else {}
                data: QueryDict = request.POST
                if row and (names := left_to_them(self.resource, data)):
                    data = self.form(door, row).as_shown(data, names)
                    received = {name: found for name, found in received.items() if name not in names}
                form = self.form(door, row, data, received)
                if form.is_valid():
                    merge = Merge.of(form, request.POST, theirs) if row else None
                    if merge:
                        merge = merge.in_words(door.alias, self.records.members)
                    else:
                        saved = form.save()
        except Problem as problem:
            if form is None or isinstance(problem, NotFound):
                raise
            form.add_problem(problem)
        if form.errors:
            return self.show(form, row, request.POST.get(BASE, ""))
        if row and merge:
            return merge_page(self, row, merge, data, received)
        if self.place:
            return JsonResponse({"id": saved.pk, "label": str(saved)}, status=201)
        messages.success(request, f"{self.in_short(saved)} was {'saved' if row else 'added'}.")
        again = "record-create" if "save_and_add" in request.POST else None
        return redirect(self.url(again) if again else self.url("record-detail", saved.pk))


class RecordCreate(RecordFormView):
    """Adds a record."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Shows an empty form."""
        with self.records.door() as door:
            form = self.form(door, None)
        return self.show(form, None)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Adds the record."""
        return self.save(request, None)


class RecordEdit(RecordFormView):
    """Changes a record."""

    def get(self, request: HttpRequest, record_id: UUID) -> HttpResponse:
        """Shows the record's form."""
        with self.records.door() as door:
            row = self.records.read(door, record_id)
            form = self.form(door, row)
            base = packed(row.pk, values_of(self.resource, row))
        return self.show(form, row, base)

    def post(self, request: HttpRequest, record_id: UUID) -> HttpResponse:
        """Saves the record."""
        if BASE not in request.POST:
            return self.save(request, record_id)  # not our page: whoever sends it says what becomes of the record
        try:
            if RESTORE in request.POST:
                bring_back(self, record_id)
            return self.save(request, record_id)
        except Problem as problem:
            return gone_page(self, record_id, problem)


class RecordDelete(RecordsView):
    """Asks, says what else will go, and deletes."""

    right = Right.WRITE_RECORDS

    def get(self, request: HttpRequest, record_id: UUID) -> HttpResponse:
        """Asks."""
        return self.ask(record_id)

    def post(self, request: HttpRequest, record_id: UUID) -> HttpResponse:
        """Deletes the record."""
        row = self.records.get(record_id)
        try:
            self.records.delete(record_id)
        except NotFound:
            raise
        except Problem as problem:
            return self.ask(record_id, problem)
        self.say_undoable(f"{self.in_short(row)} was deleted.", self.last_batch(record_id))
        return redirect(self.url("record-list"))

    def last_batch(self, record_id: UUID) -> UUID | None:
        """What the trash has of the delete."""
        with self.records.door() as door:
            return last_batch(door, self.resource.table.id, record_id)

    def ask(self, record_id: UUID, problem: Problem | None = None) -> HttpResponse:
        """The confirmation page; after a refusal with its reason."""
        with self.records.door() as door:
            row = self.records.read(door, record_id)
            rows = all_rows(self.resource, door.alias).filter(pk=record_id)
            consequences = foresee_delete(self.resource, door.alias, rows)
        return self.page(
            "crud/delete.html",
            title=f"Delete {row}?",
            status=problem.status if problem else 200,
            crumb=self.crumb,
            row=row,
            consequences=consequences,
            blocked=any(each.effect == "block" for each in consequences),
            problem=problem,
        )


class RecordChoices(RecordsView):
    """What a picker finds: ids and labels, nothing else."""

    def get(self, request: HttpRequest) -> JsonResponse:
        """The first matches for `?q=`."""
        text = request.GET.get("q", "").replace("\0", "")[:200]
        with self.records.door() as door:
            found = find_choices(self.resource, door.alias, text, PICKER_OPTIONS + 1)
        results = [{"id": pk, "label": label} for pk, label in found[:PICKER_OPTIONS]]
        return JsonResponse({"results": results, "more": len(found) > PICKER_OPTIONS})
