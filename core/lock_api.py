"""The API of the schema lock: who may change a project's tables, and the owner's freeze."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import locks
from core.api_jobs import user_of
from core.lock_status import UNSAID
from core.models import Project, User
from core.permissions import access_project
from core.rights import Right


class LockStatusSerializer(serializers.Serializer[Any]):
    """Who may change a project's tables. What is not the case is null."""

    locked = serializers.BooleanField(help_text="Whether anybody holds the lock.")
    is_mine = serializers.BooleanField(help_text="Whether that is the caller.")
    holder = serializers.CharField(allow_null=True, help_text="The name of who holds it.")
    holder_id = serializers.UUIDField(allow_null=True)
    purpose = serializers.CharField(allow_null=True, help_text="What for.")
    acquired_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When it is free unless it is extended.")
    seconds_left = serializers.IntegerField(allow_null=True, help_text="Until then, whatever the caller's clock says.")
    frozen = serializers.BooleanField(help_text="Whether the owner has frozen the tables: then nobody takes the lock.")
    frozen_at = serializers.DateTimeField(allow_null=True)
    frozen_by = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True, allow_blank=True, help_text="Why they are frozen.")


class AcquireSerializer(serializers.Serializer[Any]):
    """What acquiring takes."""

    purpose = serializers.CharField(
        max_length=locks.MAX_WORDS, default=UNSAID, help_text="What for; others read it while they wait."
    )


class FreezeSerializer(serializers.Serializer[Any]):
    """What freezing takes."""

    reason = serializers.CharField(
        max_length=locks.MAX_WORDS, default="", allow_blank=True, help_text="Why; whoever meets the freeze reads it."
    )


_REFUSED = OpenApiResponse(description="Somebody else holds the lock, or the tables are frozen.")
_NOT_THE_OWNER = OpenApiResponse(description="The caller is not the project's owner.")


class SchemaLockView(APIView):
    """The right to change a project's tables, which one user has at a time."""

    @extend_schema(responses=LockStatusSerializer)
    def get(self, request: Request, project_id: UUID) -> Response:
        """Who holds the lock, until when, and whether the tables are frozen."""
        return _status(*_opened(request, project_id))

    @extend_schema(request=AcquireSerializer, responses={200: LockStatusSerializer, 409: _REFUSED})
    def post(self, request: Request, project_id: UUID) -> Response:
        """Acquires the lock, or extends it when the caller has it. What the caller provisions goes through."""
        user, project = _opened(request, project_id, Right.CHANGE_SCHEMA)
        data = AcquireSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        locks.acquire(project, user.pk, data.validated_data["purpose"])
        return _status(user, project)

    @extend_schema(responses={204: None, 409: _REFUSED})
    def delete(self, request: Request, project_id: UUID) -> Response:
        """Releases what the caller holds. What the caller's provisioning holds, it releases itself."""
        user, project = _opened(request, project_id)
        locks.release(project, user.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SchemaFreezeView(APIView):
    """The owner's word that a project's tables stay as they are."""

    @extend_schema(request=FreezeSerializer, responses={200: LockStatusSerializer, 403: _NOT_THE_OWNER})
    def put(self, request: Request, project_id: UUID) -> Response:
        """Freezes the tables for everybody, the owner included. Provisioning that runs already ends in its own time."""
        user, project = _opened(request, project_id)
        data = FreezeSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        locks.freeze(project, user.pk, data.validated_data["reason"])
        return _status(user, project)

    @extend_schema(responses={204: None, 403: _NOT_THE_OWNER})
    def delete(self, request: Request, project_id: UUID) -> Response:
        """Lets the tables be changed again."""
        user, project = _opened(request, project_id)
        locks.unfreeze(project, user.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _opened(request: Request, project_id: UUID, right: Right | None = None) -> tuple[User, Project]:
    user = user_of(request)
    return user, access_project(user, project_id, right)


def _status(user: User, project: Project) -> Response:
    return Response(status_json(locks.status(project, user.pk)))


def status_json(found: locks.LockStatus) -> dict[str, Any]:
    """The status as the API and the command answer it."""
    return dict(LockStatusSerializer(found).data)
