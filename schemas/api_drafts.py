"""The API of drafts: the one that a project's conversation has come to, taking a turn back, and restoring it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api_jobs import user_of
from core.errors import Conflict
from core.models import DecisionTrace, Project, User
from core.permissions import access_project
from core.rights import Right
from schemas import drafts
from schemas.api import DocumentField
from schemas.diff import diff
from schemas.document import Json, Schema


class DraftSerializer(serializers.Serializer[Any]):
    """A project's draft, and what can be done with it."""

    trace_id = serializers.UUIDField(allow_null=True, help_text="The decision that made it; null without a draft.")
    schema_json = DocumentField(allow_null=True, help_text="The document; null without a draft.")
    changes = serializers.ListField(
        child=serializers.CharField(), help_text="What provisioning it would change in the active version."
    )
    version = serializers.CharField(allow_null=True, help_text="The active version, if there is one.")
    can_undo = serializers.BooleanField()
    can_redo = serializers.BooleanField()
    redo_trace_id = serializers.UUIDField(allow_null=True, help_text="The decision that redo would restore.")


class ExpectedSerializer(serializers.Serializer[Any]):
    """Which draft is meant."""

    trace_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The decision whose draft is taken back or restored; 409 when it is another one's turn by now.",
    )


class DraftView(APIView):
    """The draft of a project."""

    @extend_schema(responses=DraftSerializer)
    def get(self, request: Request, project_id: UUID) -> Response:
        """The draft that the next request to generate refines, and what it changes in the active version."""
        user = user_of(request)
        return Response(draft_json(user, access_project(user, project_id)))


class UndoView(APIView):
    """Taking back."""

    @extend_schema(request=ExpectedSerializer, responses=DraftSerializer)
    def post(self, request: Request, project_id: UUID) -> Response:
        """Takes the draft back; answers the one before it, which is the draft then."""
        user = user_of(request)
        project = access_project(user, project_id, Right.CHANGE_SCHEMA)
        return _done(user, project, drafts.undo(user, project, _expected(request)), "undo")


class RedoView(APIView):
    """Restoring."""

    @extend_schema(request=ExpectedSerializer, responses=DraftSerializer)
    def post(self, request: Request, project_id: UUID) -> Response:
        """Restores the draft that was taken back last, unless something else was drafted since; answers it."""
        user = user_of(request)
        project = access_project(user, project_id, Right.CHANGE_SCHEMA)
        return _done(user, project, drafts.redo(user, project, _expected(request)), "redo")


def draft_json(user: User, project: Project) -> dict[str, Json]:
    """The project's draft as the API shows it."""
    state = drafts.state_of(user, project)
    config = project.active_config
    schema = Schema.from_json(state.draft.document) if state.draft else None
    active = Schema.from_json(config.document) if config else None
    return {
        "trace_id": _id(state.draft),
        "schema_json": schema.to_json() if schema else None,
        "changes": [change.describe() for change in diff(active, schema)] if schema else [],
        "version": config.version if config else None,
        "can_undo": state.draft is not None,
        "can_redo": state.restorable is not None,
        "redo_trace_id": _id(state.restorable),
    }


def _expected(request: Request) -> UUID | None:
    data = ExpectedSerializer(data=request.data)
    data.is_valid(raise_exception=True)
    expected: UUID | None = data.validated_data["trace_id"]
    return expected


def _done(user: User, project: Project, moved: DecisionTrace | None, what: str) -> Response:
    if moved is None:
        raise Conflict(f"There is nothing to {what}.", code=f"nothing_to_{what}")
    return Response(draft_json(user, project))


def _id(trace: DecisionTrace | None) -> str | None:
    return str(trace.pk) if trace else None
