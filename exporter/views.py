"""Pages of the export: what to export, then the files to look at and to download."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from core.errors import NotFound
from core.models import Project
from core.permissions import access_job, access_project
from core.views import job_page_url
from core.workspace import WorkspaceView, page_context
from exporter import service
from exporter.api import zip_response
from exporter.context import MAX_NAME_LENGTH
from exporter.targets import targets

_FIRST_FILE = "README.md"


class ExportForm(forms.Form):
    """What to export."""

    target = forms.ChoiceField(
        label="Kind of application", choices=lambda: [(target.key, target.label) for target in targets]
    )
    project_name = forms.CharField(label="Name of the application", max_length=MAX_NAME_LENGTH)


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one folder, for the tree."""

    name: str
    files: list[dict[str, str]]


class ExportView(WorkspaceView):
    """Chooses what to export and starts it."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """The form, or what to do first when there is nothing to export yet."""
        project = access_project(self.user, project_id)
        return self._page(project, ExportForm(initial={"project_name": project.name}))

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Submits the job and goes to its progress."""
        project = access_project(self.user, project_id)
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self._page(project, form, status=422)
        values = form.cleaned_data
        job = service.submit(self.user, project, target=values["target"], name=values["project_name"])
        done = reverse("exported", args=[project.pk, job.pk])
        return redirect(job_page_url(job, next=done, back=reverse("export", args=[project.pk])))

    def _page(self, project: Project, form: ExportForm, status: int = 200) -> HttpResponse:
        context = page_context(
            self.request,
            title="Export the source code",
            subtitle="The whole application as code that runs without VibeCRM.",
            project=project,
            form=form,
        )
        return render(self.request, "exporter/export.html", context, status=status)


class ExportedView(WorkspaceView):
    """A finished export: its files and the download."""

    def get(self, request: HttpRequest, project_id: UUID, job_id: UUID) -> HttpResponse:
        """The tree of files, and the one that `?file=` names."""
        project = access_project(self.user, project_id)
        _check_owner(self, project_id, job_id)
        archive = service.archive_of(self.user, job_id)
        files = archive.files()
        path = request.GET.get("file", _FIRST_FILE)
        shown = next((file for file in files if file["path"] == path), None)
        if shown is None:
            raise NotFound("There is no such file in this export.")
        context = page_context(
            request,
            title=archive.filename,
            subtitle=f"{len(files)} files, {len(archive.content) // 1024 + 1} KB",
            project=project,
            crumb={"title": "Export", "url": reverse("export", args=[project.pk])},
            job_id=job_id,
            folders=_folders(files),
            shown=shown,
        )
        return render(request, "exporter/exported.html", context)


class DownloadView(WorkspaceView):
    """The ZIP of a finished export."""

    def get(self, request: HttpRequest, project_id: UUID, job_id: UUID) -> HttpResponse:
        """Sends the file."""
        _check_owner(self, project_id, job_id)
        return zip_response(service.archive_of(self.user, job_id))


def _check_owner(view: WorkspaceView, project_id: UUID, job_id: UUID) -> None:
    """Refuses the export of another project under this one's address."""
    if access_job(view.user, job_id).project_id != project_id:
        raise NotFound


def _folders(files: list[dict[str, str]]) -> list[Folder]:
    """The files by folder, those of the top first."""
    found: dict[str, list[dict[str, str]]] = {}
    for file in files:
        folder, _, name = file["path"].rpartition("/")
        found.setdefault(folder, []).append({"path": file["path"], "name": name})
    return [Folder(name, found[name]) for name in sorted(found)]
