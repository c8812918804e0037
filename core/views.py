"""Pages of the platform itself: projects and the progress of long work."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from core import jobs, projects
from core.errors import Conflict
from core.forms import ProjectForm
from core.models import Job, Project
from core.permissions import access_project, list_configs, list_projects, list_traces
from core.rights import Right
from core.workspace import WorkspaceView, page_context, tables_of

JOB_TITLES = {
    "generate": "Drafting your schema",
    "provision": "Provisioning your application",
    "export": "Writing your source code",
    "leaktest": "Testing the isolation",
    "restore": "Restoring records",
    "bulk": "Changing records",
    "csv_import": "Importing records",
}
_RECENT_DECISIONS = 5
_LONGEST_COUNT = 6


class ProjectListView(WorkspaceView):
    """The user's projects."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """All of them, last changed first."""
        cards = [(project, tables_of(_document(project))) for project in list_projects(self.user)]
        return render(request, "core/project_list.html", page_context(request, title="Projects", cards=cards))


class ProjectCreateView(WorkspaceView):
    """A new project by name."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self._page(ProjectForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Makes the project and goes on to describing it."""
        form = ProjectForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        project = projects.create_project(self.user, **form.cleaned_data)
        return redirect("builder", project.pk)

    def _page(self, form: ProjectForm, status: int = 200) -> HttpResponse:
        context = page_context(self.request, title="New project", form=form)
        return render(self.request, "core/project_create.html", context, status=status)


class ProjectDetailView(WorkspaceView):
    """A project at a glance."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Its tables, its active version and what was decided last."""
        project = access_project(self.user, project_id)
        traces = list_traces(self.user, project, limit=_RECENT_DECISIONS)
        context = page_context(
            request,
            title=project.name,
            project=project,
            tables=tables_of(_document(project)),
            traces=traces,
            draft=next((trace for trace in traces if trace.outcome == "schema" and not trace.undone_at), None),
            version_count=len(list_configs(self.user, project)),
        )
        return render(request, "core/project_detail.html", context)


class ProjectSettingsView(WorkspaceView):
    """Name, description, deletion."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """The form with what is stored."""
        project = access_project(self.user, project_id)
        form = ProjectForm(initial={"name": project.name, "description": project.description})
        return self._page(project, form)

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Stores the name and the description."""
        project = access_project(self.user, project_id, Right.CHANGE_SETTINGS)
        form = ProjectForm(request.POST)
        if not form.is_valid():
            return self._page(project, form, status=422)
        projects.update_project(self.user, project, **form.cleaned_data)
        messages.success(request, "The settings are saved.")
        return redirect("project-settings", project.pk)

    def _page(self, project: Project, form: ProjectForm, status: int = 200) -> HttpResponse:
        context = page_context(self.request, title="Settings", project=project, form=form)
        return render(self.request, "core/project_settings.html", context, status=status)


class ProjectDeleteView(WorkspaceView):
    """Deletion, after the name was typed."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Hides the project."""
        project = access_project(self.user, project_id, Right.DELETE_PROJECT)
        projects.delete_project(self.user, project, request.POST.get("confirm", ""))
        messages.success(request, f"{project.name} is deleted. Its data are kept for 30 days.")
        return redirect("project-list")


class JobView(WorkspaceView):
    """The progress of long work: a page, and for htmx the part of it that changes.

    `?next=` is where to go when it has succeeded, `?back=` where its failure leads; both on this site only.
    """

    def get(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """The job as it stands, or the way to what it made."""
        job = jobs.find(self.user, job_id)
        context = job_context(request, job)
        is_part = request.headers.get("HX-Request") == "true"
        if job.status == Job.Status.SUCCEEDED and context["next"]:
            return HttpResponseClientRedirect(context["next"]) if is_part else redirect(context["next"])
        if is_part and request.GET.get("seen") == context["state"]:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        if is_part:
            return render(request, "core/_job.html", context)
        project = access_project(self.user, job.project_id) if job.project_id else None
        title = JOB_TITLES.get(job.kind, job.kind.replace("_", " ").capitalize())
        return render(request, "core/job.html", page_context(request, title=title, project=project, **context))


class JobCancelView(WorkspaceView):
    """Taking long work back before it begins."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Cancels, and shows the job's page as it then stands."""
        try:
            jobs.cancel(self.user, job_id)
        except Conflict as conflict:
            messages.warning(request, conflict.detail)
        return redirect(f"{reverse('job', args=[job_id])}?{request.GET.urlencode()}")


def job_context(request: HttpRequest, job: Job, **links: str) -> dict[str, Any]:
    """What `core/_job.html` needs.

    The address that it asks again says what is seen already, so that nothing moves on the page until something is new.

    Args:
        request: whose query may carry `next` and `back`, and `seen` and `tables` when the page asks again.
        job: as `core.jobs.find` gave it.
        **links: `next` and `back`, where the page itself decides them.
    """
    found = {name: links.get(name) or request.GET.get(name, "") for name in ("next", "back")}
    safe = {name: url for name, url in found.items() if _is_ours(request, url)}
    tables = [str(label) for label in job.detail.get("tables", [])]
    known = request.GET.get("tables", "")
    state = _state(job)
    query = urlencode({**safe, "seen": state, "tables": len(tables)})
    return {
        "job": job,
        "poll_url": f"{reverse('job', args=[job.pk])}?{query}",
        "cancel_url": f"{reverse('job-cancel', args=[job.pk])}?{urlencode(safe)}" if jobs.is_cancellable(job) else "",
        "next": safe.get("next", ""),
        "back": safe.get("back", ""),
        "state": state,
        "drafted": tables,
        "known": int(known) if known.isdecimal() and len(known) < _LONGEST_COUNT else 0,
    }


def job_page_url(job: Job, **links: str) -> str:
    """The address of the job's progress page that leads on to `next` and back to `back`."""
    return f"{reverse('job', args=[job.pk])}?{urlencode(links)}"


def _is_ours(request: HttpRequest, url: str) -> bool:
    return bool(url) and url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def _state(job: Job) -> str:
    """A short word that is another one as soon as the page would show something else."""
    shown = json.dumps([job.status, job.progress, job.steps, dict(job.detail)], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def _document(project: Project) -> dict[str, Any] | None:
    return project.active_config.document if project.active_config else None
