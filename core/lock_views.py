"""Pages around the schema lock: the strip that says who changes the tables, and the owner's freeze."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core import locks
from core.models import Project
from core.permissions import access_project
from core.workspace import WorkspaceView


class SchemaLockView(WorkspaceView):
    """The strip `core/_schema_lock.html`, which asks for itself again and again."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """The strip as it is now."""
        return self.strip(access_project(self.user, project_id))

    def strip(self, project: Project) -> HttpResponse:
        """The part of a page that is exchanged."""
        context = {"project": project, "schema_lock": locks.status(project, self.user.pk)}
        return render(self.request, "core/_schema_lock.html", context)


class ReleaseView(SchemaLockView):
    """Gives back what the user holds by hand."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Releases the lock, and shows what it is then."""
        project = access_project(self.user, project_id)
        locks.release(project, self.user.pk)
        is_part = request.headers.get("HX-Request") == "true"
        return self.strip(project) if is_part else redirect("project-detail", project.pk)


class FreezeView(WorkspaceView):
    """Freezes the tables, or unfreezes them."""

    http_method_names = ["post"]
    is_end = False

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Does it, if the user is the owner, and says so."""
        project = access_project(self.user, project_id)
        if self.is_end:
            locks.unfreeze(project, self.user.pk)
            messages.success(request, "The tables can be changed again.")
        else:
            locks.freeze(project, self.user.pk, request.POST.get("reason", ""))
            messages.success(request, "The tables are frozen. Nobody changes them until you unfreeze them.")
        return redirect("project-settings", project.pk)
