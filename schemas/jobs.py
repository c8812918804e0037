"""The work of a generation job: draft, trace, answer."""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from core import jobs, locks
from core.errors import BadRequest, Conflict
from core.jobs import JobContext, job_kind
from core.models import Job, Project, User
from core.permissions import access_project
from core.rights import Right
from core.tenancy import as_platform
from schemas import drafts, traces
from schemas.document import Json
from schemas.generation import generate
from schemas.generation.draft import MAX_PROMPT_LENGTH, Engine, Progress
from schemas.generation.engines import choose_engine

JOB_KIND: Final = "generate"
_LOOK_AGAIN_SECONDS: Final = 5


@job_kind(JOB_KIND)
def generate_for_job(context: JobContext) -> dict[str, Json]:
    """Drafts a schema from the payload's `prompt`; a second delivery answers what the first one found."""
    user, project_id = context.user, context.project_id
    project = access_project(user, project_id, Right.CHANGE_SCHEMA) if project_id else None
    prompt = context.payload.get("prompt")
    return decide(user, project, prompt, trace_id=context.job.pk, progress=context.progress)


def submit(user: User, project: Project, prompt: str, idempotency_key: str | None = None) -> Job:
    """The job of one more turn of the project's conversation.

    Args:
        user: who asks.
        project: what it is about.
        prompt: clean words.
        idempotency_key: the caller's own name of this request.

    Raises:
        Conflict: while the turn before it is being worked on: both would start from the same draft.
    """
    running = running_job(project)
    if running is not None and (idempotency_key is None or running.idempotency_key != idempotency_key):
        detail = "The message before this one is being worked on. Send this one when it is done."
        raise Conflict(detail, code="generation_running", retry_after=_LOOK_AGAIN_SECONDS)
    return jobs.submit(user, JOB_KIND, {"prompt": prompt}, project=project, idempotency_key=idempotency_key)


def running_job(project: Project) -> Job | None:
    """The turn of the project's conversation that is being worked on, if there is one, whoever asked for it."""
    with as_platform():
        return Job.objects.filter(project=project, kind=JOB_KIND, finished_at=None).first()


def decide(
    user: User,
    project: Project | None,
    prompt: object,
    *,
    trace_id: UUID,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> dict[str, Json]:
    """One traced decision: the response of `POST /generate`.

    Args:
        user: who asks, and whose quota it is.
        project: whose draft is refined, or whose active schema is changed, if it has one.
        prompt: the user's words.
        trace_id: the id of the decision's trace; asking again with it gives the same answer.
        engine: what decides; by default Claude where a key is set, else the offline engine.
        progress: is told which step begins.

    Raises:
        BadRequest: when the prompt is empty, too long, or no text.
        Conflict: when the project's tables are frozen.
        QuotaExceeded: when the user has no AI request left today.
        GenerationError: when the model gave no answer, now or when the same decision was asked for before.
    """
    words = clean_prompt(prompt)
    engine = engine or choose_engine()
    if project:
        locks.require_unfrozen(project, user.pk)
    base = drafts.base_of(user, project) if project else drafts.NO_BASE
    trace = traces.begin(user, project, words, engine, trace_id, base)
    if known := traces.response_of(trace):
        return known
    started = time.monotonic()
    try:
        generation = generate(words, active=drafts.schema_before(trace), engine=engine, progress=progress)
    except Exception as error:
        traces.fail(trace, error, _milliseconds_since(started))
        raise
    return traces.finish(trace, generation, _milliseconds_since(started))


def clean_prompt(prompt: object) -> str:
    """The prompt without space around it; raises `BadRequest`."""
    if not isinstance(prompt, str):
        raise _bad_prompt("The prompt has to be a text.", "Describe the application in a sentence or two.")
    words = prompt.strip()
    if not words:
        raise _bad_prompt("The prompt is empty.", "Describe the application in a sentence or two.")
    if len(words) > MAX_PROMPT_LENGTH:
        detail = f"The prompt has {len(words)} characters; {MAX_PROMPT_LENGTH} is the most."
        raise _bad_prompt(detail, "Say it more briefly, and refine the draft afterwards.")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in words):
        raise _bad_prompt("The prompt holds a character that is no text.", "Remove NUL characters and lone surrogates.")
    return words


def _bad_prompt(detail: str, fix: str) -> BadRequest:
    fault = {"code": "invalid_prompt", "path": "$.prompt", "detail": detail, "fix": fix}
    return BadRequest(f"{detail} {fix}", code="invalid_prompt", errors=[fault])


def _milliseconds_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
