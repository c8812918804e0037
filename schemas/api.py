"""The API of schemas: generating, validating and comparing them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from core.api import Page, page_of
from core.api_jobs import JobSerializer, idempotency_key, job_response, user_of
from core.errors import BadRequest, NotFound
from core.models import VibeConfig
from core.permissions import access_project, list_configs
from core.rights import Right
from schemas.diff import diff
from schemas.document import Schema
from schemas.generation.draft import INTENTS, MAX_PROMPT_LENGTH, OUTCOMES
from schemas.jobs import clean_prompt, submit
from schemas.validation import validate


@extend_schema_field(OpenApiTypes.OBJECT)
class DocumentField(serializers.Field[Any, Any, Any, Any]):
    """A schema document as it was sent; `schemas.validation` judges it, whatever it holds.

    DRF's own JSONField serialises to see whether it can, and fails on what is nested some 950 deep.
    """

    def to_internal_value(self, data: Any) -> Any:
        """The data, unchanged."""
        return data

    def to_representation(self, value: Any) -> Any:
        """The data, unchanged."""
        return value


class GenerateRequestSerializer(serializers.Serializer[Any]):
    """What generating takes."""

    prompt = serializers.CharField(
        max_length=MAX_PROMPT_LENGTH, help_text="What the application is for, or what should change in it."
    )
    project_id = serializers.UUIDField()


class UsageSerializer(serializers.Serializer[Any]):
    """What the model consumed."""

    input_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cost_usd = serializers.CharField()


class QuotaSerializer(serializers.Serializer[Any]):
    """AI requests of the current UTC day."""

    limit = serializers.IntegerField()
    used = serializers.IntegerField()
    remaining = serializers.IntegerField()
    resets_at = serializers.DateTimeField()


class GenerationSerializer(serializers.Serializer[Any]):
    """A decision: a schema, a question, or a refusal."""

    outcome = serializers.ChoiceField(choices=OUTCOMES)
    message = serializers.CharField()
    schema_json = DocumentField(allow_null=True, help_text="The schema document; null unless `outcome` is schema.")
    intent = serializers.ChoiceField(choices=INTENTS)
    reasoning = serializers.CharField(allow_blank=True)
    changes = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())
    suggestions = serializers.ListField(child=serializers.CharField())
    trace_id = serializers.UUIDField()
    engine = serializers.CharField()
    model = serializers.CharField(allow_blank=True)
    usage = UsageSerializer()
    quota = QuotaSerializer()


class ValidateRequestSerializer(serializers.Serializer[Any]):
    """What validating takes."""

    schema_json = DocumentField(help_text="The schema document.", allow_null=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """One thing that is wrong with a document, or could be better."""

    severity = serializers.ChoiceField(choices=("error", "warning"))
    code = serializers.CharField()
    path = serializers.CharField()
    detail = serializers.CharField()
    fix = serializers.CharField()


class ValidationSerializer(serializers.Serializer[Any]):
    """Whether a document can be provisioned."""

    valid = serializers.BooleanField()
    problems = ProblemSerializer(many=True)


class VersionSerializer(serializers.ModelSerializer[VibeConfig]):
    """One version of a project's schema."""

    prompt = serializers.CharField(source="trace.prompt", default=None, read_only=True, allow_null=True)
    tables = serializers.SerializerMethodField()
    active = serializers.SerializerMethodField()

    class Meta:
        model = VibeConfig
        fields: tuple[str, ...] = (
            "id",
            "number",
            "version",
            "content_hash",
            "parent",
            "trace",
            "prompt",
            "tables",
            "active",
            "created_at",
        )

    def get_tables(self, config: VibeConfig) -> list[str]:
        """The names of the version's tables."""
        return [table["name"] for table in config.document["tables"]]

    def get_active(self, config: VibeConfig) -> bool:
        """Whether it is the version that is in use."""
        return bool(config.pk == self.context["active_id"])


class DifferenceSerializer(serializers.Serializer[Any]):
    """What leads from one version to another."""

    before = serializers.CharField()
    after = serializers.CharField()
    changes = serializers.ListField(child=serializers.CharField())


class GenerateView(APIView):
    """Schemas from words. The quota limits what a day costs; the rate, what a minute asks of the workers."""

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "generate"

    @extend_schema(request=GenerateRequestSerializer, responses={200: GenerationSerializer, 202: JobSerializer})
    def post(self, request: Request) -> Response:
        """Drafts a schema, or a change of the project's draft or active version. Nothing is provisioned."""
        data = GenerateRequestSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        prompt = clean_prompt(data.validated_data["prompt"])
        user = user_of(request)
        project = access_project(user, data.validated_data["project_id"], Right.CHANGE_SCHEMA)
        job = submit(user, project, prompt, idempotency_key(request))
        return job_response(request, job)


class ValidateView(APIView):
    """Schema documents, judged."""

    @extend_schema(request=ValidateRequestSerializer, responses=ValidationSerializer)
    def post(self, request: Request) -> Response:
        """Says everything that is wrong with a document. Invalid documents answer 200 too: judging them succeeded."""
        if not isinstance(request.data, dict) or "schema_json" not in request.data:
            fault = {
                "code": "required",
                "path": "$.schema_json",
                "detail": "The document is missing.",
                "fix": "Send it.",
            }
            raise BadRequest("Send the document as `schema_json`.", code="invalid_values", errors=[fault])
        validation = validate(request.data["schema_json"])
        problems = [problem.to_json() for problem in validation.problems]
        return Response({"valid": validation.valid, "problems": problems})


class VersionListView(APIView):
    """A project's versions."""

    @extend_schema(responses=page_of(VersionSerializer))
    def get(self, request: Request, project_id: UUID) -> Response:
        """The versions, newest first."""
        user = user_of(request)
        project = access_project(user, project_id)
        page = Page()
        rows = page.paginate_queryset(list_configs(user, project), request) or []  # type: ignore[arg-type, var-annotated]
        context = {"active_id": project.active_config_id}
        return page.get_paginated_response(VersionSerializer(rows, many=True, context=context).data)


class VersionDiffView(APIView):
    """Two versions of a project, compared."""

    @extend_schema(responses=DifferenceSerializer)
    def get(self, request: Request, project_id: UUID, before: str, after: str) -> Response:
        """What leads from one version to the other. Each is given by its version or by its number."""
        user = user_of(request)
        configs = list_configs(user, access_project(user, project_id))
        first, second = _version(configs, before), _version(configs, after)
        changes = diff(Schema.from_json(first.document), Schema.from_json(second.document))
        return Response(
            {"before": first.version, "after": second.version, "changes": [change.describe() for change in changes]}
        )


def _version(configs: list[VibeConfig], name: str) -> VibeConfig:
    found = next((config for config in configs if name in (config.version, str(config.number))), None)
    if found is None:
        raise NotFound(f"This project has no version {name!r}.")
    return found
