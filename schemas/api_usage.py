"""The API of usage: what the caller's AI requests consumed."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api_jobs import user_of
from schemas.api import QuotaSerializer
from schemas.traces import quota_of
from schemas.usage import DEFAULT_DAYS, usage_of

MAX_DAYS: Final = 366


class DayUsageSerializer(serializers.Serializer[Any]):
    """What one project took of the model on one UTC day."""

    day = serializers.DateField()
    project_id = serializers.UUIDField(allow_null=True)
    project = serializers.CharField(allow_blank=True, help_text="The project's name.")
    requests = serializers.IntegerField(help_text="Requests that the day's quota counted.")
    input_tokens = serializers.IntegerField(help_text="All tokens read, cached ones included.")
    cached_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cost_usd = serializers.DecimalField(max_digits=18, decimal_places=6)


class UsageReportSerializer(serializers.Serializer[Any]):
    """The caller's usage."""

    quota = QuotaSerializer()
    days = DayUsageSerializer(many=True)


class DaysSerializer(serializers.Serializer[Any]):
    """How far to look back."""

    days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS, default=DEFAULT_DAYS)


class UsageView(APIView):
    """AI usage."""

    @extend_schema(
        parameters=[OpenApiParameter("days", int, description=f"UTC days, today included: 1 to {MAX_DAYS}.")],
        responses=UsageReportSerializer,
    )
    def get(self, request: Request) -> Response:
        """Today's quota, and tokens and costs a day and project, the newest day first."""
        user = user_of(request)
        asked = DaysSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = usage_of(user, asked.validated_data["days"])
        return Response({"quota": quota_of(user).to_json(), "days": DayUsageSerializer(rows, many=True).data})
