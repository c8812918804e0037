"""Pages of earlier versions: what lies between two of them, and going back to one."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from core.models import Project, VibeConfig
from core.permissions import access_config, access_project
from core.rights import Right
from core.workspace import WorkspaceView, page_context
from provisioning import service
from provisioning.planning import prepare_rollback
from provisioning.views import approved
from schemas.history import describe


class VersionView(WorkspaceView):
    """What the pages of a version share: the project, the version, and the way back to the history."""

    right: Right | None = None
    """What a member needs to see the page."""

    def open(self, project_id: UUID, version: str) -> tuple[Project, VibeConfig]:
        """Both, or `NotFound`."""
        project = access_project(self.user, project_id, self.right)
        return project, access_config(self.user, project, version)

    def crumb(self, project: Project) -> dict[str, str]:
        """Where the pages are found."""
        return {"title": "History", "url": reverse("history", args=[project.pk])}


class RollbackView(VersionView):
    """Going back to a version: the plan to look at, and its approval."""

    right = Right.CHANGE_SCHEMA

    def get(self, request: HttpRequest, project_id: UUID, version: str) -> HttpResponse:
        """What going back would do to the version that is active now."""
        project, config = self.open(project_id, version)
        prepared = prepare_rollback(project, config)
        context = page_context(
            request,
            title=f"Roll back to version {config.version}",
            subtitle="Nothing has run yet. This is what happens when you roll back.",
            project=project,
            config=config,
            prepared=prepared,
            plan=prepared.plan,
            crumb=self.crumb(project),
        )
        return render(request, "provisioning/rollback.html", context)

    def post(self, request: HttpRequest, project_id: UUID, version: str) -> HttpResponse:
        """Runs the plan that the user has seen; where it would be another one by now, shows that first."""
        project, config = self.open(project_id, version)
        prepared = prepare_rollback(project, config)
        run = partial(service.rollback, self.user, project, config, prepared=prepared)
        return approved(request, project, prepared, run, reverse("rollback", args=[project.pk, config.version]))


class VersionDiffView(VersionView):
    """Two versions of a project, compared."""

    def get(self, request: HttpRequest, project_id: UUID, before: str, after: str) -> HttpResponse:
        """What leads from one version to the other, a sentence a change."""
        project, first = self.open(project_id, before)
        second = access_config(self.user, project, after)
        context = page_context(
            request,
            title=f"From version {first.version} to {second.version}",
            project=project,
            before=first,
            after=second,
            changes=describe(first, second),
            crumb=self.crumb(project),
        )
        return render(request, "provisioning/versions.html", context)
