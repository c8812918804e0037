"""The work of a generation job: draft, trace, answer."""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from core.errors import BadRequest, Problem
from core.jobs import JobContext, job_kind
from core.models import Project, User
from core.permissions import access_project
from schemas import traces
from schemas.document import Json, Schema
from schemas.generation import GenerationError, Usage, generate
from schemas.generation.draft import MAX_PROMPT_LENGTH, Engine, Progress
from schemas.generation.engines import choose_engine

JOB_KIND: Final = "generate"


@job_kind(JOB_KIND)
def generate_for_job(context: JobContext) -> dict[str, Json]:
    """Drafts a schema from the payload's `prompt`; a second delivery answers what the first one found."""
    project = access_project(context.user, context.project_id) if context.project_id else None
    prompt = context.payload.get("prompt")
    return decide(context.user, project, prompt, trace_id=context.job.pk, progress=context.progress)


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
        project: whose active schema is changed, if it has one.
        prompt: the user's words.
        trace_id: the id of the decision's trace; asking again with it gives the same answer.
        engine: what decides; by default Claude where a key is set, else the offline engine.
        progress: is told which step begins.

    Raises:
        BadRequest: when the prompt is empty, too long, or no text.
        QuotaExceeded: when the user has no AI request left today.
        GenerationError: when the model gave no answer.
    """
    words = clean_prompt(prompt)
    engine = engine or choose_engine()
    trace = traces.begin(user, project, words, engine, trace_id)
    if known := traces.response_of(trace):
        return known
    active = Schema.from_json(project.active_config.document) if project and project.active_config else None
    started = time.monotonic()
    try:
        generation = generate(words, active=active, engine=engine, progress=progress)
    except Exception as error:
        usage = error.usage if isinstance(error, GenerationError) else Usage()
        code = error.code if isinstance(error, Problem) else "internal_error"
        detail = error.detail if isinstance(error, Problem) else "The request could not be carried out."
        traces.fail(trace, code, detail, usage, _milliseconds_since(started))
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
