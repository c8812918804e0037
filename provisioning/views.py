"""Pages of provisioning: the plan to look at, its approval, and what came of it."""

from __future__ import annotations

from functools import partial
from typing import Protocol
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from core import jobs
from core.errors import NotFound
from core.models import DecisionTrace, Job, Project
from core.permissions import access_project, access_trace
from core.rights import Right
from core.views import job_page_url
from core.workspace import WorkspaceView, page_context, tables_of
from provisioning import service
from provisioning.planning import Prepared


class DraftView(WorkspaceView):
    """What the plan and its approval share: the project and the decision whose draft is meant."""

    def open(self, project_id: UUID, trace_id: UUID) -> tuple[Project, DecisionTrace]:
        """Both, or `NotFound` when the decision made no draft."""
        project = access_project(self.user, project_id, Right.CHANGE_SCHEMA)
        trace = access_trace(self.user, project_id, trace_id)
        if not trace.document:
            raise NotFound("That decision made no draft. Open the builder and choose one that did.")
        return project, trace


class PlanView(DraftView):
    """What provisioning a draft would do: changes, risks and SQL."""

    def get(self, request: HttpRequest, project_id: UUID, trace_id: UUID) -> HttpResponse:
        """The plan against the version that is active now."""
        project, trace = self.open(project_id, trace_id)
        prepared = service.plan_for(project, trace.document)
        context = page_context(
            request,
            title="Review the plan",
            subtitle="Nothing has run yet. This is what happens when you provision the draft.",
            project=project,
            trace=trace,
            prepared=prepared,
            plan=prepared.plan,
            crumb={"title": "Builder", "url": reverse("builder", args=[project.pk])},
        )
        return render(request, "provisioning/plan.html", context)


class Approval(Protocol):
    """What carries out a plan that somebody has looked at."""

    def __call__(self, *, confirm_destructive: bool) -> Job | None:
        """The job, or None when there is nothing to do."""


def approved(request: HttpRequest, project: Project, prepared: Prepared, run: Approval, plan_url: str) -> HttpResponse:
    """Runs the plan that the user has seen; where it would be another one by now, shows that first.

    Args:
        request: the approval; its `plan` is the hash of what was seen.
        project: whose tables change.
        prepared: the plan as it is now.
        run: carries it out.
        plan_url: where it is shown.
    """
    if prepared.plan.sha256 != request.POST.get("plan"):
        messages.warning(request, "The application changed while you were reading. This is the plan as it is now.")
        return redirect(plan_url)
    job = run(confirm_destructive=request.POST.get("confirm") == "yes")
    done_url = reverse("provisioned", args=[project.pk])
    if job is None:
        return redirect(done_url)
    return redirect(job_page_url(job, next=f"{done_url}?job={job.pk}", back=plan_url))


class ProvisionView(DraftView):
    """The approval of a plan."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, project_id: UUID, trace_id: UUID) -> HttpResponse:
        """Runs the plan that the user has seen; where it would be another one by now, shows that first."""
        project, trace = self.open(project_id, trace_id)
        prepared = service.plan_for(project, trace.document)
        run = partial(service.provision, self.user, project, trace.document, trace=trace, prepared=prepared)
        return approved(request, project, prepared, run, reverse("plan", args=[project.pk, trace.pk]))


class ProvisionedView(WorkspaceView):
    """The application is there: where to go from here."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Links to every table, and what the job of `?job=` did."""
        project = access_project(self.user, project_id)
        config = project.active_config
        if config is None:
            return redirect("builder", project.pk)
        job = self._job(project)
        context = page_context(
            request,
            title="Your application is ready" if config.number == 1 else f"Version {config.version} is ready",
            project=project,
            tables=tables_of(config.document),
            is_first=config.number == 1,
            job=job,
            seconds=_seconds(job),
        )
        return render(request, "provisioning/provisioned.html", context)

    def _job(self, project: Project) -> Job | None:
        try:
            job_id = UUID(self.request.GET.get("job", ""))
        except ValueError:
            return None
        job = jobs.find(self.user, job_id)
        return job if job.project_id == project.pk and job.status == Job.Status.SUCCEEDED else None


def _seconds(job: Job | None) -> float:
    """How long the worker took."""
    if job is None or job.started_at is None or job.finished_at is None:
        return 0.0
    return (job.finished_at - job.started_at).total_seconds()
