"""The API of going back to an earlier version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api_jobs import idempotency_key, job_response, user_of
from core.errors import BadRequest
from core.models import Project, User, VibeConfig
from core.permissions import access_config, access_config_by_id, access_project
from core.rights import Right
from provisioning import service
from provisioning.api import answers, plan_json
from provisioning.planning import prepare_rollback
from schemas.api import DocumentField, VersionSerializer


class RollbackRequestSerializer(serializers.Serializer[Any]):
    """What rolling back takes: the version, by its name or by its id."""

    version = serializers.CharField(required=False, help_text="The version to return to, such as 1.2.0.")
    vibe_config_id = serializers.UUIDField(required=False, help_text="The same version by its id.")
    confirm_destructive = serializers.BooleanField(
        default=False, help_text="Agree that what is newer disappears from the application into the archive."
    )
    dry_run = serializers.BooleanField(default=False, help_text="Only answer the plan; change nothing.")


class VersionDocumentSerializer(VersionSerializer):
    """One version with its schema document."""

    document = DocumentField()

    class Meta(VersionSerializer.Meta):
        fields = (*VersionSerializer.Meta.fields, "document")


class RollbackView(APIView):
    """Earlier versions of a project."""

    @extend_schema(
        request=RollbackRequestSerializer,
        responses=answers("Rollback"),
    )
    def post(self, request: Request, project_id: UUID) -> Response:
        """Makes an earlier version the project's next one, or answers the plan with `dry_run`."""
        data = RollbackRequestSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values, user = data.validated_data, user_of(request)
        project = access_project(user, project_id, Right.CHANGE_SCHEMA)
        config = _config(user, project, values.get("version"), values.get("vibe_config_id"))
        if values["dry_run"]:
            return Response(plan_json(prepare_rollback(project, config)))
        job = service.rollback(
            user,
            project,
            config,
            confirm_destructive=values["confirm_destructive"],
            idempotency_key=idempotency_key(request),
        )
        return Response(service.nothing_to_do(project)) if job is None else job_response(request, job)

    @extend_schema(
        parameters=[OpenApiParameter("version", str, required=True, description="A version, such as 1.2.0.")],
        responses=VersionDocumentSerializer,
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        """An earlier version with its document."""
        user = user_of(request)
        project = access_project(user, project_id)
        config = _config(user, project, request.query_params.get("version"), None)
        return Response(VersionDocumentSerializer(config, context={"active_id": project.active_config_id}).data)


def _config(user: User, project: Project, version: str | None, config_id: UUID | None) -> VibeConfig:
    """The version that is asked for, by one of its two names."""
    if bool(version) == bool(config_id):
        detail = "Say which version: give `version` or `vibe_config_id`, and only one of them."
        fault = {"code": "required", "path": "$.version", "detail": detail, "fix": "Send one of the two."}
        raise BadRequest(detail, code="invalid_values", errors=[fault])
    if config_id:
        return access_config_by_id(user, project, config_id)
    return access_config(user, project, (version or "").replace("\0", ""))
