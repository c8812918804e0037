"""The page of the leak test: its last report, and the button that starts it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from core.models import Project
from core.permissions import access_project
from core.views import job_page_url
from core.workspace import WorkspaceView, page_context
from provisioning.leaktest import service
from provisioning.leaktest.report import ATTEMPTS, MEANINGS


class IsolationView(WorkspaceView):
    """Whether members of a project reach each other's rows; for its owner alone."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """The last report, and whether it is about the version that is active now."""
        project = self._open(project_id)
        job = service.last_job(self.user, project)
        report = service.report_of(job) if job else None
        config = project.active_config
        context = page_context(
            request,
            title="Isolation",
            project=project,
            job=job,
            report=report,
            headings=[(heading, MEANINGS[key]) for key, heading in ATTEMPTS.items()],
            is_old=bool(report and config and report.version != config.version),
            crumb={"title": "Settings", "url": reverse("project-settings", args=[project.pk])},
        )
        return render(request, "provisioning/leaktest.html", context)

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Starts the test and shows its progress."""
        project = self._open(project_id)
        here = reverse("isolation", args=[project.pk])
        if project.active_config is None:
            return redirect(here)
        return redirect(job_page_url(service.submit(self.user, project), next=here, back=here))

    def _open(self, project_id: UUID) -> Project:
        project = access_project(self.user, project_id)
        service.check_owner(self.user, project)
        return project
