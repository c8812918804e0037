"""Pages around a project's schema: the home page with its prompt box, the builder, the history."""

from __future__ import annotations

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views import View

from core import jobs
from core.errors import NotFound
from core.models import DecisionTrace, Job, Project, User
from core.permissions import access_project, access_trace, list_configs, list_projects, list_traces
from core.projects import MAX_NAME_LENGTH, create_project
from core.tenancy import acting_as
from core.views import job_context
from core.workspace import WorkspaceView, page_context, tables_of
from schemas.blueprints import Blueprint, blueprint, blueprints
from schemas.diagram import draw
from schemas.draft_page import draft_context
from schemas.forms import PromptForm
from schemas.generation.engines import choose_engine
from schemas.history import timeline
from schemas.jobs import JOB_KIND
from schemas.traces import UNMETERED_ENGINES, quota_of

_FEATURED = ("real_estate", "sales_crm", "help_desk", "inventory", "clinic", "business_crm")
_SESSION_KEY = "prompt"
_OPENING = re.compile(
    r"^(please\s+)?((can|could) you\s+)?(create|build|make|design|generate|draft|i need|we need|i want|give me|set up)"
    r"(\s+(me|us))?(\s+(a|an|the|my|our))?\s+",
    re.IGNORECASE,
)
_DETAIL = re.compile(r"\s+(with|that|where|which|who|so that|including|to)\b|[,.;:!?\n]", re.IGNORECASE)


class HomeView(View):
    """The first page: the prompt box, what the product is, and for signed-in people their projects."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The prompt box, with what was typed before signing in."""
        form = PromptForm(
            initial={"prompt": request.session.get(_SESSION_KEY, "")}, placeholder="A CRM for real estate agents ..."
        )
        return self._page(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Starts a project with the description; who is not signed in does that first."""
        form = PromptForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        prompt = form.cleaned_data["prompt"]
        if not isinstance(request.user, User):
            request.session[_SESSION_KEY] = prompt
            return redirect(f"{reverse('account_signup')}?{urlencode({'next': reverse('home')})}")
        request.session.pop(_SESSION_KEY, None)
        project = create_project(request.user, name_from(prompt))
        return _generate(request.user, project, prompt)

    def _page(self, form: PromptForm, status: int = 200) -> HttpResponse:
        request = self.request
        if not isinstance(request.user, User):
            example = blueprint(_FEATURED[0])
            context = {
                "form": form,
                "blueprints": _showcase(),
                "example": example,
                "diagram": draw(example.document),
            }
            return render(request, "schemas/home.html", context, status=status)
        context = page_context(
            request,
            title="What do you want to build?",
            form=form,
            kept=_SESSION_KEY in request.session,
            blueprints=_showcase(),
            cards=[
                (project, tables_of(project.active_config.document if project.active_config else None))
                for project in list_projects(request.user)[:6]
            ],
        )
        return render(request, "schemas/home_workspace.html", context, status=status)


class BuilderView(WorkspaceView):
    """The conversation about a project's schema, and the draft that it has come to."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """All turns, the running one's progress, and the draft of `?trace=` or else the last one."""
        project = access_project(self.user, project_id)
        return self._page(project, PromptForm(placeholder=_placeholder(project)))

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Asks for a draft or for a change."""
        project = access_project(self.user, project_id)
        form = PromptForm(request.POST)
        if not form.is_valid():
            return self._page(project, form, status=422)
        return _generate(self.user, project, form.cleaned_data["prompt"])

    def _page(self, project: Project, form: PromptForm, status: int = 200) -> HttpResponse:
        request = self.request
        traces = list_traces(self.user, project)
        job = self._current_job(project, traces)
        context = page_context(
            request,
            title="Builder",
            project=project,
            form=form,
            traces=[trace for trace in reversed(traces) if job is None or trace.pk != job.pk],
            quota=quota_of(self.user) if choose_engine().key not in UNMETERED_ENGINES else None,
            blueprints=_showcase(),
            **draft_context(project, self._selected(project, traces)),
        )
        if job is not None:
            here = reverse("builder", args=[project.pk])
            context |= job_context(request, job, next=here, back=here)
        return render(request, "schemas/builder.html", context, status=status)

    def _selected(self, project: Project, traces: list[DecisionTrace]) -> DecisionTrace | None:
        wanted = self.request.GET.get("trace", "")
        if wanted:
            return access_trace(self.user, project.pk, _uuid(wanted))
        return next((trace for trace in traces if trace.document), None)

    def _current_job(self, project: Project, traces: list[DecisionTrace]) -> Job | None:
        """The generation that is going on, or the one of `?job=` that failed before it left a trace."""
        with acting_as(self.user.pk):
            running = Job.objects.filter(project=project, kind=JOB_KIND, finished_at=None).first()
        if running is not None:
            return jobs.find(self.user, running.pk)
        wanted = self.request.GET.get("job", "")
        if not wanted or any(str(trace.pk) == wanted for trace in traces):
            return None
        job = jobs.find(self.user, _uuid(wanted))
        return job if job.status == Job.Status.FAILED else None


class HistoryView(WorkspaceView):
    """What was decided and what was provisioned."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """The timeline, newest first."""
        project = access_project(self.user, project_id)
        moments = timeline(list_configs(self.user, project), list_traces(self.user, project))
        return render(
            request, "schemas/history.html", page_context(request, title="History", project=project, moments=moments)
        )


def name_from(prompt: str) -> str:
    """A project's name out of its description: `CRM for real estate agents`."""
    words = _OPENING.sub("", " ".join(prompt.split()))
    head = _DETAIL.split(words, maxsplit=1)[0].strip() or words
    return (head[:1].upper() + head[1:])[: min(MAX_NAME_LENGTH, 60)].strip() or "New project"


def _generate(user: User, project: Project, prompt: str) -> HttpResponse:
    job = jobs.submit(user, JOB_KIND, {"prompt": prompt}, project=project)
    return redirect(f"{reverse('builder', args=[project.pk])}?{urlencode({'job': str(job.pk)})}")


def _showcase() -> tuple[list[Blueprint], list[Blueprint]]:
    """The featured blueprints in their order, and all others by title."""
    by_key = {each.key: each for each in blueprints()}
    return [by_key.pop(key) for key in _FEATURED], list(by_key.values())


def _placeholder(project: Project) -> str:
    if project.active_config:
        return "What should change? For example: add a phone number to clients."
    return "For example: a CRM for real estate agents with properties, agents and showings."


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
