"""The draft that a project's conversation has come to: each turn refines it, and a turn can be taken back.

The draft is the newest decision that ended with a schema, unless it was taken back, provisioned, or overtaken by
another version. Nothing is deleted: what was taken back can be restored until a new turn begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from core import turns
from core.errors import Conflict
from core.models import DecisionTrace, Project, User, VibeConfig
from core.tenancy import acting_as
from schemas.document import Schema


@dataclass(frozen=True, slots=True)
class Base:
    """What a decision starts from.

    Args:
        draft: the decision whose draft is refined, if there is one.
        config: the version that is active.
    """

    draft: DecisionTrace | None = None
    config: VibeConfig | None = None


NO_BASE: Final = Base()


def base_of(user: User, project: Project) -> Base:
    """What the user's next decision about the project starts from. Call it outside of doors."""
    return Base(current_draft(user, project), project.active_config)


def schema_before(trace: DecisionTrace) -> Schema | None:
    """The schema that a decision changes, None when it starts from nothing."""
    document = trace.base.document if trace.base else trace.parent.document if trace.parent else None
    return Schema.from_json(document) if document else None


def current_draft(user: User, project: Project) -> DecisionTrace | None:
    """The draft that is being talked about; None when what is active is. Call it outside of doors."""
    with acting_as(user.pk):
        return _standing(project).first()


def undo(user: User, project: Project, expected: UUID | None = None) -> DecisionTrace | None:
    """Takes the current draft back. Of two calls at once, each takes back one.

    Args:
        user: whose draft it is.
        project: as `core.permissions.access_project` returns it.
        expected: the draft that the user looks at. Two clicks on one button then take back one draft.

    Returns:
        What was taken back; None when there is no draft.

    Raises:
        Conflict: when the current draft is another one than expected.
    """
    with acting_as(user.pk):
        _one_at_a_time(project)
        draft = _as_expected(_standing(project).first(), expected)
        if draft is not None:
            DecisionTrace.objects.filter(pk=draft.pk).update(undone_at=timezone.now())
    return draft


def redo(user: User, project: Project, expected: UUID | None = None) -> DecisionTrace | None:
    """Restores the draft that was taken back last.

    Args:
        user: whose draft it is.
        project: as `core.permissions.access_project` returns it.
        expected: the draft that the user wants back.

    Returns:
        What was restored; None when nothing can be.

    Raises:
        Conflict: when another draft than expected would be restored.
    """
    with acting_as(user.pk):
        _one_at_a_time(project)
        draft = _as_expected(restorable(project).first(), expected)
        if draft is not None:
            DecisionTrace.objects.filter(pk=draft.pk).update(undone_at=None)
    return draft


@dataclass(frozen=True, slots=True)
class State:
    """What can be done with a project's draft.

    Args:
        draft: the current draft, if there is one.
        restorable: what `redo` would restore, if anything.
    """

    draft: DecisionTrace | None
    restorable: DecisionTrace | None


def state_of(user: User, project: Project) -> State:
    """The draft, and what can be restored. Call it outside of doors."""
    with acting_as(user.pk):
        return State(_standing(project).first(), restorable(project).first())


def restorable(project: Project) -> QuerySet[DecisionTrace]:
    """What was taken back since the current draft was made, the last first. Call it inside a door."""
    standing = _standing(project).first()
    taken_back = _drafts(project).exclude(undone_at=None).filter(base=standing)
    return taken_back.order_by("-undone_at")


def _standing(project: Project) -> QuerySet[DecisionTrace]:
    return _drafts(project).filter(undone_at=None)


def _drafts(project: Project) -> QuerySet[DecisionTrace]:
    """The drafts of the version that is active, none of them provisioned, newest first."""
    drafts = DecisionTrace.objects.filter(project=project, outcome=DecisionTrace.Outcome.SCHEMA, configs=None)
    return drafts.filter(parent=project.active_config).order_by("-created_at")


def _one_at_a_time(project: Project) -> None:
    """Lets other undos and redos of the project wait until this transaction ends: each looks at what the others did."""
    turns.take(connection, f"draft:{project.pk}")


def _as_expected(found: DecisionTrace | None, expected: UUID | None) -> DecisionTrace | None:
    if expected is not None and (found is None or found.pk != expected):
        raise Conflict("The draft has changed since you looked at it. Look at it again.", code="stale_draft")
    return found
