"""Pages around a project's schema: the home page with its prompt box, the builder, the history."""

from __future__ import annotations

import re
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.views import View

from core import jobs
from core.errors import Conflict, NotFound
from core.models import DecisionTrace, Job, Project, User
from core.permissions import access_project, access_trace, list_configs, list_projects, list_traces
from core.projects import MAX_NAME_LENGTH, create_project
from core.rights import Right
from core.views import job_context
from core.workspace import WorkspaceView, page_context, tables_of
from schemas import drafts
from schemas.blueprints import Blueprint, blueprint, blueprints
from schemas.diagram import draw
from schemas.draft_page import draft_context
from schemas.forms import PromptForm
from schemas.generation.engines import choose_engine
from schemas.history import timeline
from schemas.jobs import running_job, submit
from schemas.traces import UNMETERED_ENGINES, quota_of
from schemas.turns import turns_of, versions_by_trace

_FEATURED = ("real_estate", "sales_crm", "help_desk", "inventory", "clinic", "business_crm")
_SESSION_KEY = "prompt"
_TOLD_CHARACTERS = 120
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
        """All turns, the running one's progress, and the draft of `?trace=` or else the current one."""
        project = access_project(self.user, project_id, Right.CHANGE_SCHEMA)
        return self._page(project)

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Asks for a draft, or for a change of the one that there is."""
        project = access_project(self.user, project_id, Right.CHANGE_SCHEMA)
        form = PromptForm(request.POST)
        if not form.is_valid():
            return self._page(project, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            return _generate(self.user, project, form.cleaned_data["prompt"])
        except Conflict as refusal:
            form.add_error("prompt", refusal.detail)
            return self._page(project, form, status=HTTPStatus.CONFLICT)

    def _page(self, project: Project, form: PromptForm | None = None, status: int = 200) -> HttpResponse:
        request = self.request
        traces = list_traces(self.user, project)
        job = self._current_job(project, traces)
        state = drafts.state_of(self.user, project)
        current = state.draft
        shown = self._selected(project) or current
        base = access_trace(self.user, project.pk, shown.base_id) if shown and shown.base_id else None
        versions = versions_by_trace(list_configs(self.user, project))
        told = [trace for trace in traces if job is None or trace.pk != job.pk]
        context = page_context(
            request,
            title="Builder",
            project=project,
            form=form or PromptForm(placeholder=_placeholder(project, current)),
            turns=list(turns_of(told, versions, current, shown)),
            current=current,
            restorable=state.restorable,
            aside=_aside(shown, versions) if shown and shown != current else "",
            quota=quota_of(self.user) if choose_engine().key not in UNMETERED_ENGINES else None,
            blueprints=_showcase(),
            **draft_context(project, shown, base),
        )
        if job is not None:
            here = reverse("builder", args=[project.pk])
            context |= job_context(request, job, next=here, back=here)
        return render(request, "schemas/builder.html", context, status=status)

    def _selected(self, project: Project) -> DecisionTrace | None:
        """The decision that is asked for by its id, if that made a draft."""
        wanted = self.request.GET.get("trace", "")
        trace = access_trace(self.user, project.pk, _uuid(wanted)) if wanted else None
        return trace if trace and trace.document else None

    def _current_job(self, project: Project, traces: list[DecisionTrace]) -> Job | None:
        """The user's generation that is going on, or the one of `?job=` that failed before it left a trace."""
        if (running := running_job(project)) and running.user_id == self.user.pk:
            return jobs.find(self.user, running.pk)
        wanted = self.request.GET.get("job", "")
        if not wanted or any(str(trace.pk) == wanted for trace in traces):
            return None
        job = jobs.find(self.user, _uuid(wanted))
        return job if job.status == Job.Status.FAILED else None


class UndoView(WorkspaceView):
    """Takes the last change of the draft back, or restores it."""

    http_method_names = ["post"]
    is_redo = False

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Does it, says so, and shows the draft that is current then."""
        project = access_project(self.user, project_id, Right.CHANGE_SCHEMA)
        looked_at = request.POST.get("trace", "")
        try:
            messages.success(request, self._done(project, _uuid(looked_at) if looked_at else None))
        except Conflict as refusal:
            messages.warning(request, refusal.detail)
        return redirect("builder", project.pk)

    def _done(self, project: Project, expected: UUID | None) -> str:
        if running_job(project):
            raise Conflict("A message is being worked on. Wait until it is done, then undo or redo.")
        act, words = (drafts.redo, "Restored") if self.is_redo else (drafts.undo, "Taken back")
        trace = act(self.user, project, expected)
        if trace is None:
            raise Conflict("There is nothing to restore." if self.is_redo else "There is no draft to take back.")
        return f"{words}: {Truncator(trace.prompt).chars(_TOLD_CHARACTERS)}"


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
    job = submit(user, project, prompt)
    return redirect(f"{reverse('builder', args=[project.pk])}?{urlencode({'job': str(job.pk)})}")


def _showcase() -> tuple[list[Blueprint], list[Blueprint]]:
    """The featured blueprints in their order, and all others by title."""
    by_key = {each.key: each for each in blueprints()}
    return [by_key.pop(key) for key in _FEATURED], list(by_key.values())


def _aside(shown: DecisionTrace, versions: dict[UUID, str]) -> str:
    """Why the draft that is shown is not the one that the next turn refines."""
    if version := versions.get(shown.pk):
        return f"You are looking at the draft that became version {version}."
    return f"You are looking at {'a draft that was taken back' if shown.undone_at else 'an earlier draft'}."


def _placeholder(project: Project, current: DecisionTrace | None) -> str:
    if project.active_config or current:
        return "What should change? For example: add a phone number to clients."
    return "For example: a CRM for real estate agents with properties, agents and showings."


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
