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
from core.rights import Right
from provisioning import service
from provisioning.planning import Prepared
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


class FindingSerializer(serializers.Serializer[Any]):
    """One thing to know before a plan runs, with the rows that it is about."""

    code = serializers.CharField()
    severity = serializers.CharField()
    detail = serializers.CharField()
    fix = serializers.CharField()
    count = serializers.IntegerField(allow_null=True, help_text="How many rows; null where it is about no rows.")
    rows = serializers.ListField(child=serializers.CharField(), help_text="The ids of up to five of them.")
    titles = serializers.ListField(
        child=serializers.CharField(allow_null=True), help_text="What these are called, in the same order."
    )


class RiskSerializer(serializers.Serializer[Any]):
    """What may go wrong with one statement."""

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

    operations = serializers.ListField(child=serializers.CharField())
    sql = serializers.CharField()
    reverse_sql = serializers.CharField()
    risks = FindingSerializer(many=True)
    destructive = serializers.BooleanField()
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What cannot be made as an earlier version had it."
    )
    returning = serializers.ListField(child=serializers.CharField(), help_text="What comes back from the archive.")
    statements = StatementSerializer(many=True)
    version = serializers.CharField()
    sha256 = serializers.CharField()
    tables_created = serializers.ListField(child=serializers.CharField())
    tables_changed = serializers.ListField(child=serializers.CharField())
    tables_dropped = serializers.ListField(child=serializers.CharField())
    rls_policies_created = serializers.IntegerField()


def answers(name: str) -> dict[int, Any]:
    """What an address answers that changes tables, or shows the plan of that.

    Args:
        name: what the documentation calls it.
    """
    forms = [ProvisionResultSerializer, PlanSerializer]
    found = PolymorphicProxySerializer(component_name=name, serializers=forms, resource_type_field_name=None)
    return {200: found, 202: JobSerializer}


class ProvisionView(APIView):
    """Turns a schema document into tables."""

    @extend_schema(
        request=ProvisionRequestSerializer,
        responses=answers("Provisioning"),
    )
    def post(self, request: Request) -> Response:
        """Provisions a schema document as the project's next version, or answers the plan with `dry_run`."""
        data = ProvisionRequestSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values, user = data.validated_data, user_of(request)
        project = access_project(user, values["project_id"], Right.CHANGE_SCHEMA)
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


def plan_json(prepared: Prepared) -> dict[str, Any]:
    """A plan as the API and the commands answer it."""
    plan = prepared.plan
    return {
        "operations": list(plan.changes),
        "sql": plan.sql,
        "reverse_sql": plan.reverse_sql,
        "risks": [finding.to_json() for finding in prepared.findings],
        "destructive": prepared.destructive,
        "notes": list(prepared.notes),
        "returning": list(prepared.returning),
        "statements": StatementSerializer(plan.statements, many=True).data,
        "version": plan.version,
        "sha256": plan.sha256,
        "tables_created": list(plan.tables_created),
        "tables_changed": list(plan.tables_changed),
        "tables_dropped": list(plan.tables_dropped),
        "rls_policies_created": plan.policies_created,
    }
