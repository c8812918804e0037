"""The API of a project's past: its decisions and its versions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import Page, page_of
from core.api_jobs import user_of
from core.models import DecisionTrace, Project, VibeConfig
from core.permissions import access_project
from core.tenancy import acting_as
from schemas.api import UsageSerializer, VersionSerializer
from schemas.document import Json
from schemas.generation import Usage
from schemas.history import DECISION, VERSION, Moment, events, moments_of


class DecisionSerializer(serializers.ModelSerializer[DecisionTrace]):
    """One decision: what was asked, what came of it, what it cost."""

    operations = serializers.SerializerMethodField(help_text="What it did to the schema; empty for a new one.")
    changes = serializers.SerializerMethodField(help_text="The same as sentences.")
    repairs = serializers.IntegerField(help_text="Answers that had to be corrected.")
    usage = serializers.SerializerMethodField()
    undone = serializers.SerializerMethodField(help_text="Whether the draft was taken back.")
    versions = serializers.SerializerMethodField(help_text="The versions that its draft became.")

    class Meta:
        model = DecisionTrace
        fields = (
            "id", "prompt", "intent", "outcome", "message", "reasoning", "engine", "model", "prompt_version", "base",
            "operations", "changes", "repairs", "usage", "duration_ms", "error", "undone", "versions", "created_at",
        )  # fmt: skip

    def get_operations(self, trace: Any) -> list[dict[str, Any]]:
        """The operations of MODIFY and RELATE."""
        return list(trace.operations or ())

    def get_changes(self, trace: Any) -> list[str]:
        """One sentence a change."""
        return list(trace.changes or ())

    @extend_schema_field(UsageSerializer)
    def get_usage(self, trace: DecisionTrace) -> dict[str, Json]:
        """Tokens and price."""
        return Usage(trace.input_tokens, trace.cached_tokens, trace.output_tokens, trace.cost_usd).to_json()

    def get_undone(self, trace: DecisionTrace) -> bool:
        """Whether it was taken back."""
        return trace.undone_at is not None

    def get_versions(self, trace: DecisionTrace) -> list[str]:
        """Version numbers."""
        return [config.version for config in trace.configs.all()]


class ProvisionedSerializer(VersionSerializer):
    """One version, and what it changed."""

    changes = serializers.SerializerMethodField()

    class Meta(VersionSerializer.Meta):
        fields = (*VersionSerializer.Meta.fields, "changes")

    def get_changes(self, config: VibeConfig) -> list[str]:
        """One sentence a change."""
        return list(self.context["changes"])


class MomentSerializer(serializers.Serializer[Any]):
    """One entry of the past: a decision or a version."""

    kind = serializers.ChoiceField(choices=(DECISION, VERSION))
    at = serializers.DateTimeField()
    decision = DecisionSerializer(allow_null=True)
    version = ProvisionedSerializer(allow_null=True)


class VibeReplayView(APIView):
    """What was decided, and what was provisioned."""

    @extend_schema(responses=page_of(MomentSerializer))
    def get(self, request: Request, project_id: UUID) -> Response:
        """Decisions and versions, newest first."""
        user = user_of(request)
        project = access_project(user, project_id)
        page = Page()
        with acting_as(user.pk):
            rows = page.paginate_queryset(events(project), request) or []
            entries = [_entry(moment, project) for moment in moments_of(rows)]
        return page.get_paginated_response(entries)


def _entry(moment: Moment, project: Project) -> dict[str, Any]:
    context = {"active_id": project.active_config_id, "changes": moment.changes}
    return {
        "kind": DECISION if moment.config is None else VERSION,
        "at": serializers.DateTimeField().to_representation(moment.at),
        "decision": DecisionSerializer(moment.trace).data if moment.trace else None,
        "version": ProvisionedSerializer(moment.config, context=context).data if moment.config else None,
    }
