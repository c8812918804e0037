"""The API of provisioning."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api_jobs import JobSerializer, idempotency_key, job_response, user_of
from core.permissions import access_project, access_trace
from provisioning import service
from provisioning.statements import Plan
from schemas.api import DocumentField


class ProvisionRequestSerializer(serializers.Serializer[Any]):
    """What provisioning takes."""

    project_id = serializers.UUIDField()
    schema_json = DocumentField(help_text="The schema document.")
    confirm_destructive = serializers.BooleanField(
        default=False, help_text="Agree that tables or columns disappear from the application."
    )
    dry_run = serializers.BooleanField(default=False, help_text="Only answer the plan; change nothing.")
    trace_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The decision that drafted the document, for the project's history."
    )


class ProvisionResultSerializer(serializers.Serializer[Any]):
    """What was provisioned."""

    success = serializers.BooleanField()
    migration_applied = serializers.BooleanField(help_text="False when the document was the active version already.")
    tables_created = serializers.ListField(child=serializers.CharField())
    tables_changed = serializers.ListField(child=serializers.CharField())
    tables_dropped = serializers.ListField(child=serializers.CharField())
    rls_policies_created = serializers.IntegerField()
    vibe_config_id = serializers.UUIDField(allow_null=True)
    version = serializers.CharField(allow_null=True)
    migration_id = serializers.UUIDField(allow_null=True)


class RiskSerializer(serializers.Serializer[Any]):
    """One thing to know before a plan runs."""

    code = serializers.CharField()
    severity = serializers.CharField()
    detail = serializers.CharField()
    fix = serializers.CharField()


class StatementSerializer(serializers.Serializer[Any]):
    """One SQL statement of a plan."""

    sql = serializers.CharField()
    comment = serializers.CharField()
    reverse = serializers.CharField(allow_blank=True)
    caused_by = serializers.CharField()
    transactional = serializers.BooleanField()
    risk = RiskSerializer(allow_null=True)


class PlanSerializer(serializers.Serializer[Any]):
    """What provisioning would do."""

    operations = serializers.ListField(child=serializers.CharField(), source="changes")
    sql = serializers.CharField()
    reverse_sql = serializers.CharField()
    risks = RiskSerializer(many=True)
    destructive = serializers.BooleanField()
    statements = StatementSerializer(many=True)
    version = serializers.CharField()
    sha256 = serializers.CharField()
    tables_created = serializers.ListField(child=serializers.CharField())
    tables_changed = serializers.ListField(child=serializers.CharField())
    tables_dropped = serializers.ListField(child=serializers.CharField())
    rls_policies_created = serializers.IntegerField(source="policies_created")


class ProvisionView(APIView):
    """Turns a schema document into tables."""

    @extend_schema(
        request=ProvisionRequestSerializer,
        responses={
            200: PolymorphicProxySerializer(
                component_name="Provisioning",
                serializers=[ProvisionResultSerializer, PlanSerializer],
                resource_type_field_name=None,
            ),
            202: JobSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """Provisions a schema document as the project's next version, or answers the plan with `dry_run`."""
        data = ProvisionRequestSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values, user = data.validated_data, user_of(request)
        project = access_project(user, values["project_id"])
        if values["dry_run"]:
            return Response(plan_json(service.plan_for(project, values["schema_json"])))
        trace_id = values.get("trace_id")
        job = service.provision(
            user,
            project,
            values["schema_json"],
            confirm_destructive=values["confirm_destructive"],
            trace=access_trace(user, project.pk, trace_id) if trace_id else None,
            idempotency_key=idempotency_key(request),
        )
        return Response(service.nothing_to_do(project)) if job is None else job_response(request, job)


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan as the API and the command answer it."""
    return dict(PlanSerializer(plan).data)
