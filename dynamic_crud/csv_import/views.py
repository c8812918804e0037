"""The pages of an import: the file, its columns, what was found, what came of it. Each goes on from what is stored."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from core import jobs
from core.errors import BadRequest, Conflict, Forbidden, NotFound, Problem
from core.file_types import clean_name
from core.rights import Right
from core.uploads import Limits, take_files
from core.views import job_page_url
from dynamic_crud.bulk_work import AT_ONCE
from dynamic_crud.csv_import import drafts
from dynamic_crud.csv_import.matching import LEFT_OUT, complaints, importable, note
from dynamic_crud.csv_import.reading import DELIMITERS, read_sheet, too_large, unreadable
from dynamic_crud.csv_import.work import JOB_KIND, Action, ImportWork
from dynamic_crud.files import writable
from dynamic_crud.models import CsvImport
from dynamic_crud.views import RecordsView

_FILE: Final = "file"
_MEGABYTE: Final = 1024 * 1024
_BYTES_AT_ONCE: Final = _MEGABYTE // 2
"""Larger files are a job's work, even with few rows: long formatted texts take a while to clean."""
_COLUMN: Final = "column_"


class ImportView(RecordsView):
    """A page of an import."""

    right = Right.WRITE_RECORDS

    def at(self, name: str, draft: CsvImport) -> str:
        """The address of a page of an import."""
        return self.url(f"record-import-{name}", draft.pk)

    def counted(self, count: int) -> str:
        """A number of records in words."""
        table = self.resource.table
        return f"{count:,} {(table.label if count == 1 else table.label_plural).lower()}"

    def work(self, draft: CsvImport, action: Action, following: str, back: str) -> HttpResponse:
        """Has something done, here or by a job, and goes on to a page; back to another where it cannot be done."""
        if draft.row_count > AT_ONCE or draft.size > _BYTES_AT_ONCE:
            payload = {"import": str(draft.pk), "table": self.resource.table.name, "action": action}
            job = jobs.submit(self.records.user, JOB_KIND, payload, self.records.project)
            return redirect(job_page_url(job, next=following, back=back))
        try:
            ImportWork(self.records, draft).run(action)
        except (BadRequest, Conflict, Forbidden) as problem:
            messages.error(self.request, problem.detail)
            return redirect(back)
        return redirect(following)


@method_decorator(csrf_exempt, name="dispatch")
class ImportUpload(ImportView):
    """Takes the file."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Checks the CSRF token here and not earlier: the check reads the form, and so takes its file."""
        take_files(request, lambda: _limits(request, kwargs["project_id"], kwargs["table"]))
        return csrf_protect(super().dispatch)(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, and imports that were begun."""
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Reads and keeps the file, or says why it cannot be read."""
        delimiter = request.POST.get("delimiter", "")
        try:
            upload = _sent(request)
            content = upload.read()
            sheet = read_sheet(content, delimiter if delimiter in DELIMITERS else "")
            draft = drafts.begin(self.records, clean_name(upload.name or ""), content, sheet)
        except Problem as problem:
            return self.show(problem, delimiter)
        return redirect(self.at("columns", draft))

    def show(self, problem: Problem | None = None, delimiter: str = "") -> HttpResponse:
        """The page."""
        return self.page(
            "crud/import_upload.html",
            f"Import {self.resource.table.label_plural.lower()}",
            problem.status if problem else 200,
            crumb=self.crumb,
            problem=problem,
            delimiters=DELIMITERS,
            delimiter=delimiter,
            unfinished=drafts.unfinished(self.records),
            most_mb=settings.IMPORT_MAX_MB,
            most_rows=settings.IMPORT_MAX_ROWS,
        )


class ImportColumns(ImportView):
    """Matches the file's columns with those of the table."""

    def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """The columns as they are matched so far."""
        draft = drafts.find(self.records, import_id)
        return redirect(self.at("done", draft)) if draft.result else self.show(draft, draft.matching)

    def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Keeps the matching and has the file checked."""
        draft = drafts.find(self.records, import_id)
        if draft.result:
            return redirect(self.at("done", draft))
        matching = [request.POST.get(f"{_COLUMN}{place}", LEFT_OUT) for place in range(len(draft.columns))]
        try:
            faults = list(complaints(self.resource, matching, [each["name"] for each in draft.columns]))
        except Conflict as conflict:
            faults = [conflict.detail]
        if faults:
            return self.show(draft, matching, faults)
        drafts.keep(draft, matching=matching, report=None)
        return self.work(draft, "check", self.at("preview", draft), self.at("columns", draft))

    def show(self, draft: CsvImport, matching: list[str], faults: list[str] | None = None) -> HttpResponse:
        """The page."""
        header = [each["name"] for each in draft.columns]
        columns = [
            {
                **each,
                "input": f"{_COLUMN}{place}",
                "chosen": matching[place],
                "note": note(self.resource, each["name"], header),
            }
            for place, each in enumerate(draft.columns)
        ]
        return self.page(
            "crud/import_columns.html",
            f"Import {draft.name}",
            422 if faults else 200,
            crumb=self.crumb,
            draft=draft,
            columns=columns,
            choices=importable(self.resource),
            delimiter=DELIMITERS.get(draft.delimiter, draft.delimiter),
            faults=faults or [],
        )


class ImportPreview(ImportView):
    """Shows what the check found, and imports."""

    def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """What is ready, and what is wrong with the rest."""
        draft = drafts.find(self.records, import_id)
        if draft.result:
            return redirect(self.at("done", draft))
        if draft.report is None:
            return redirect(self.at("columns", draft))
        return self.page(
            "crud/import_preview.html", f"Import {draft.name}", crumb=self.crumb, draft=draft, report=draft.report
        )

    def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Imports all rows, or those that are ready."""
        draft = drafts.find(self.records, import_id)
        action: Action = "good" if request.POST.get("rows") == "good" else "all"
        return self.work(draft, action, self.at("done", draft), self.at("preview", draft))


class ImportDone(ImportView):
    """Says what was imported, and what was left out."""

    def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """The page."""
        draft = drafts.find(self.records, import_id)
        if draft.result is None:
            return redirect(self.at("preview", draft))
        told = f"{self.counted(draft.result['count'])} {'was' if draft.result['count'] == 1 else 'were'} imported"
        return self.page("crud/import_done.html", told, crumb=self.crumb, draft=draft, result=draft.result)


class ImportUndo(ImportView):
    """Moves what was imported to the trash."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Undoes the import."""
        draft = drafts.find(self.records, import_id)
        if draft.result is None:
            raise NotFound("Nothing was imported yet.")
        return self.work(draft, "undo", self.at("done", draft), self.at("done", draft))


class ImportCancel(ImportView):
    """Gives an import up."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Deletes the draft and its file."""
        draft = drafts.find(self.records, import_id)
        drafts.forget(draft)
        messages.success(request, f"The import of {draft.name} was cancelled, and its file deleted.")
        return redirect(self.url("record-list"))


class ImportRefused(ImportView):
    """The rows with problems as a CSV file that says what is wrong with each."""

    def get(self, request: HttpRequest, import_id: UUID) -> FileResponse:
        """Sends the file."""
        draft = drafts.find(self.records, import_id)
        content = drafts.refused_of(draft)
        name = f"{PurePath(draft.name).stem} with problems.csv"
        return FileResponse(content, as_attachment=True, filename=name, content_type="text/csv")


def _limits(request: HttpRequest, project_id: UUID, table: str) -> Limits:
    return {_FILE: settings.IMPORT_MAX_MB * _MEGABYTE} if writable(request, project_id, table) else {}


def _sent(request: HttpRequest) -> UploadedFile:
    """The file of the form; raises `BadRequest` or `TooLarge`."""
    upload = request.FILES.get(_FILE)
    if upload is None:
        raise unreadable("No file was sent.", "Choose a CSV file.")
    if getattr(upload, "is_cut", False):
        raise too_large(f"The file is larger than {settings.IMPORT_MAX_MB} MB.", "Split it, and import the parts.")
    return upload
