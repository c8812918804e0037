"""Editing or deleting many rows of a list: the pages that ask, and the way to the job where they are very many."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from core import jobs
from core.errors import Conflict, NotFound, Problem
from core.models import Job
from core.rights import Right
from core.tenancy import Door
from core.views import job_page_url
from dynamic_crud import chosen as names
from dynamic_crud.bulk_work import AT_ONCE, CHANGED, JOB_KIND, Action, BulkWork
from dynamic_crud.chosen import Chosen
from dynamic_crud.forms import RecordForm
from dynamic_crud.related import foresee_delete
from dynamic_crud.views import RecordsView


class BulkView(RecordsView):
    """What becomes of the chosen rows of a list. A first post asks, a second one with their number does it."""

    http_method_names = ["post"]
    right = Right.WRITE_RECORDS
    action: ClassVar[Action]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Asks, or does what was confirmed."""
        work = BulkWork(self.records, Chosen.read(self.resource, request.POST), self.action, request.POST)
        if work.chosen.expected is None:
            return self.ask(work)
        try:
            if problem := self.refusal(work):
                return problem
            return self.confirmed(work, work.chosen.expected)
        except Conflict as conflict:
            return self.ask(work, problem=conflict)

    def refusal(self, work: BulkWork) -> HttpResponse | None:
        """The page again where what was sent cannot be done."""
        return None

    def confirmed(self, work: BulkWork, count: int) -> HttpResponse:
        """Does it now, or has a job do it."""
        if count > AT_ONCE:
            payload = {
                "table": self.resource.table.name,
                "action": self.action,
                "chosen": work.chosen.to_json(),
                "data": {name: texts for name, texts in work.data.lists() if name not in _NOT_DATA},
            }
            job = jobs.submit(self.records.user, JOB_KIND, payload, self.records.project)
            done = self.url("record-bulk-done", job.pk)
            return redirect(
                job_page_url(job, next=f"{done}?{urlencode({'back': work.chosen.query})}", back=self.back(work))
            )
        batch = uuid4()
        self.say_undoable(self.told(work.run(batch)), batch)
        return redirect(self.back(work))

    def ask(self, work: BulkWork, form: RecordForm | None = None, problem: Problem | None = None) -> HttpResponse:
        """The page that asks, and says how many rows it is about."""
        with self.records.reading() as door:
            count = work.chosen.rows(door.alias).count()
            shown = self.fetch(door, work, form)
        title = f"{self.action.capitalize()} {self.counted(count)}"
        status = 422 if form else problem.status if problem else 200
        return self.page(
            f"crud/bulk_{self.action}.html",
            title if count else "Nothing is chosen",
            status,
            crumb=self.crumb,
            count=count,
            sent=[(name, text) for name in _CHOICE for text in work.data.getlist(name)],
            changed=work.data.getlist(CHANGED),
            back=self.back(work),
            problem=problem,
            is_long=count > AT_ONCE,
            **shown,
        )

    def fetch(self, door: Door, work: BulkWork, form: RecordForm | None) -> dict[str, Any]:
        """What else the page shows."""
        raise NotImplementedError

    def counted(self, count: int) -> str:
        """A number of rows in words."""
        return _counted(self, count)

    def told(self, count: int) -> str:
        """What was done, for a message."""
        return _told(self, self.action, count)

    def back(self, work: BulkWork) -> str:
        """The list as it was."""
        return _list_url(self, work.chosen.query)


class BulkDelete(BulkView):
    """Deletes the chosen rows."""

    action = "delete"

    def fetch(self, door: Door, work: BulkWork, form: RecordForm | None) -> dict[str, Any]:
        """What goes with them."""
        consequences = foresee_delete(self.resource, door.alias, work.chosen.rows(door.alias))
        return {"consequences": consequences, "blocked": any(each.effect == "block" for each in consequences)}


class BulkEdit(BulkView):
    """Gives the chosen rows the same values."""

    action = "edit"

    def refusal(self, work: BulkWork) -> HttpResponse | None:
        """The form again where its values do not fit, or nothing is to be changed."""
        with self.records.reading() as door:
            form = work.form(door, work.data)
            if form.fields and form.is_valid():
                return None
            if not form.fields:
                form.add_error(None, "Tick the fields that are to change.")
            for name, field in work.form(door).fields.items():
                form.fields.setdefault(name, field)  # so that all can be seen again
            form.offer_choices(lambda target: self.url("record-choices", table=target.table.name))
        return self.ask(work, form=form)

    def fetch(self, door: Door, work: BulkWork, form: RecordForm | None) -> dict[str, Any]:
        """The fields."""
        if form is None:
            form = work.form(door)
            form.offer_choices(lambda target: self.url("record-choices", table=target.table.name))
        return {"form": form}


class BulkDone(RecordsView):
    """Where the job leads: back to the list, with a message that undoes what was done."""

    def get(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Tells, and goes on."""
        job = jobs.find(self.records.user, job_id)
        if job.kind != JOB_KIND or job.status != Job.Status.SUCCEEDED or job.project_id != self.records.project.pk:
            raise NotFound
        result = job.result or {}
        self.say_undoable(_told(self, result["action"], result["count"]), job.pk)
        return redirect(_list_url(self, request.GET.get("back", "")))


_CHOICE = (names.IDS, names.ALL, names.QUERY)
_NOT_DATA = (*_CHOICE, names.EXPECTED, "csrfmiddlewaretoken")


def _counted(view: RecordsView, count: int) -> str:
    table = view.resource.table
    return f"{count:,} {(table.label if count == 1 else table.label_plural).lower()}"


def _told(view: RecordsView, action: Action, count: int) -> str:
    verb = "deleted" if action == "delete" else "changed"
    return f"{_counted(view, count)} {'was' if count == 1 else 'were'} {verb}."


def _list_url(view: RecordsView, query: str) -> str:
    return f"{view.url('record-list')}?{query}" if query else view.url("record-list")
