"""Decisions, asked for without a job, and what is on record of them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from core.models import DecisionTrace, Project, User
from core.permissions import access_project
from core.tenancy import acting_as
from schemas.document import Json
from schemas.jobs import decide

PROMPT = "Create a CRM for real estate agents with properties, agents and showings"


def ask(user: User, project: Project | None, prompt: object = PROMPT, **options: Any) -> dict[str, Json]:
    """One decision about the project as it is now."""
    project = access_project(user, project.pk) if project else None
    return decide(user, project, prompt, **{"trace_id": uuid4(), **options})


def traces_of(user: User) -> list[DecisionTrace]:
    """All that the user asked for, newest first."""
    with acting_as(user.pk):
        return list(DecisionTrace.objects.filter(user=user))
