"""Pages of the export: what to export, then the files to look at and to download."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from core.errors import BadRequest, NotFound
from core.models import Job, Project
from core.permissions import access_job, access_project
from core.views import job_page_url
from core.workspace import WorkspaceView, page_context
from exporter import service
from exporter.api import zip_response
from exporter.context import MAX_NAME_LENGTH
from exporter.github_form import DeliveryForm, asked_again, delivery_form, query_of
from exporter.service import ArchivedFile
from exporter.targets import targets

_FIRST_FILE = "README.md"
_MOST_SHOWN = 100_000
"""Characters of a file on its page; all of it is in the ZIP."""


class ExportForm(forms.Form):
    """What to export."""

    target = forms.ChoiceField(
        label="What to export",
        choices=lambda: [(target.key, target) for target in targets],
        initial=service.DEFAULT_TARGET,
        widget=forms.RadioSelect,
    )
    project_name = forms.CharField(label="Name of the application", max_length=MAX_NAME_LENGTH)
    with_data = forms.BooleanField(
        label="With the records",
        required=False,
        help_text="Where the kind of export takes them. The contents of files stay here in any case.",
    )


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one folder, for the tree."""

    name: str
    files: list[ArchivedFile]


class ExportView(WorkspaceView):
    """Chooses what to export and starts it."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """The form, or what to do first when there is nothing to export yet."""
        project = access_project(self.user, project_id)
        return self._page(project, ExportForm(initial={"project_name": project.name}), asked_again(request.GET))

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Submits the job and goes to its progress."""
        project = access_project(self.user, project_id)
        form, delivery = ExportForm(request.POST), delivery_form(request.POST)
        if form.errors or delivery.errors:
            return self._page(project, form, delivery, status=422)
        values, where = form.cleaned_data, delivery.values
        try:
            job = service.submit(
                self.user,
                project,
                delivery=where.get("delivery", "zip"),
                target=values["target"],
                name=values["project_name"],
                with_data=values["with_data"],
                github=where,
            )
        except BadRequest as problem:
            form.add_error(None, problem.detail)
            return self._page(project, form, delivery, status=422)
        done = reverse("exported", args=[project.pk, job.pk])
        back = reverse("export", args=[project.pk]) + query_of(where)
        return redirect(job_page_url(job, next=done, back=back))

    def _page(self, project: Project, form: ExportForm, delivery: DeliveryForm, status: int = 200) -> HttpResponse:
        context = page_context(
            self.request,
            title="Export the source code",
            subtitle="The whole application, or its database, as code that runs without VibeCRM.",
            project=project,
            form=form,
            delivery_form=delivery,
        )
        return render(self.request, "exporter/export.html", context, status=status)


class ExportedView(WorkspaceView):
    """A finished export: its files and the download."""

    def get(self, request: HttpRequest, project_id: UUID, job_id: UUID) -> HttpResponse:
        """The tree of files, and the one that `?file=` names."""
        project = access_project(self.user, project_id)
        job = _own_export(self, project_id, job_id)
        archive = service.archive_of(self.user, job_id)
        with archive.stored as stored:
            files = archive.files()
            path = request.GET.get("file", _FIRST_FILE)
            if path not in [file.path for file in files]:
                raise NotFound("There is no such file in this export.")
            text = archive.text(path, _MOST_SHOWN + 1)
            size = stored.size
        context = page_context(
            request,
            title=archive.filename,
            subtitle=f"{len(files)} files, {size // 1024 + 1} KB",
            project=project,
            crumb={"title": "Export", "url": reverse("export", args=[project.pk])},
            job_id=job_id,
            folders=_folders(files),
            path=path,
            text=text[:_MOST_SHOWN],
            is_cut=len(text) > _MOST_SHOWN,
            result=job.result,
        )
        return render(request, "exporter/exported.html", context)


class DownloadView(WorkspaceView):
    """The ZIP of a finished export."""

    def get(self, request: HttpRequest, project_id: UUID, job_id: UUID) -> FileResponse:
        """Sends the file."""
        _own_export(self, project_id, job_id)
        return zip_response(service.archive_of(self.user, job_id))


def _own_export(view: WorkspaceView, project_id: UUID, job_id: UUID) -> Job:
    """The job; refuses the export of another project under this one's address."""
    job = access_job(view.user, job_id)
    if job.project_id != project_id:
        raise NotFound
    return job


def _folders(files: list[ArchivedFile]) -> list[Folder]:
    """The files by folder, those of the top first."""
    found: dict[str, list[ArchivedFile]] = {}
    for file in files:
        found.setdefault(file.folder, []).append(file)
    return [Folder(name, found[name]) for name in sorted(found)]
