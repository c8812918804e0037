"""The API of the trash: what is in it, putting that back, and deleting it for good."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api_jobs import JobSerializer, job_response, user_of
from core.errors import BadRequest
from core.members import project_members
from core.models import Job, Project, User
from core.permissions import access_project
from dynamic_crud.listing import MAX_SEARCH_LENGTH
from dynamic_crud.trash.emptying import delete_for_good
from dynamic_crud.trash.listing import Trash, read_page
from dynamic_crud.trash.service import AT_ONCE, request_restore

_BATCH: dict[str, Any] = {
    "batch": serializers.UUIDField(),
    "done_by": serializers.DictField(),
    "done_at": serializers.DateTimeField(),
    "deleted": serializers.ListField(child=serializers.CharField()),
    "edited": serializers.ListField(child=serializers.CharField()),
    "deleted_along": serializers.ListField(child=serializers.CharField()),
    "unlinked": serializers.ListField(child=serializers.CharField()),
    "count": serializers.IntegerField(),
    "records": serializers.ListField(child=serializers.DictField()),
}
_PAGE = inline_serializer(
    "TrashPage",
    {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": serializers.ListField(child=inline_serializer("TrashBatch", _BATCH)),
    },
)
_RESTORED = inline_serializer(
    "Restored",
    {
        "restored": serializers.IntegerField(),
        "rows": serializers.ListField(child=serializers.CharField()),
        "edited": serializers.IntegerField(),
        "losses": serializers.ListField(child=serializers.CharField()),
    },
)


class Chosen(serializers.Serializer[Any]):
    """Which rows of a batch are meant."""

    records = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=AT_ONCE,
        min_length=1,
        required=False,
        help_text="The ids of rows; without it, all of the batch.",
    )


class ToRestore(Chosen):
    """What is to be restored."""

    accept_losses = serializers.BooleanField(
        default=False, help_text="Go on where something cannot come back as it was."
    )


class TrashAPI(APIView):
    """The trash of a project."""

    @extend_schema(
        operation_id="trash_list",
        parameters=[
            OpenApiParameter("table", str, description="Only batches with records of this table."),
            OpenApiParameter("search", str, description="Words that must each be found in a value of a record."),
            OpenApiParameter("page", int, description="The page's number, from 1."),
        ],
        responses=_PAGE,
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        """Lists what was deleted, or edited in bulk, newest first: what one request did is one batch."""
        given = request.query_params
        unknown = sorted(given.keys() - {"table", "search", "page"})
        if unknown:
            raise BadRequest(f"There is no parameter {unknown[0][:80]!r} here. Use table, search or page.")
        search = given.get("search", "")
        if len(search) > MAX_SEARCH_LENGTH or any("\0" in str(text) for text in given.values()):
            raise BadRequest(f"A search has at most {MAX_SEARCH_LENGTH} characters, and no NUL.")
        page = read_page(given.get("page", ""))
        batches, has_next = _trash(user_of(request), project_id).page(given.get("table", ""), search, page)
        return Response(
            {
                "next": _page_url(request, page + 1) if has_next else None,
                "previous": _page_url(request, page - 1) if page > 1 else None,
                "results": [batch.to_json() for batch in batches],
            }
        )


class TrashBatchAPI(APIView):
    """One batch of the trash."""

    @extend_schema(operation_id="trash_delete", request=Chosen, responses={204: None})
    def delete(self, request: Request, project_id: UUID, batch: UUID) -> Response:
        """Deletes a batch, or some of its rows, for good."""
        user, project = _opened(request, project_id)
        chosen = _read(Chosen, request)
        delete_for_good(user, project, batch, chosen.get("records"))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TrashRestoreAPI(APIView):
    """Putting a batch back."""

    @extend_schema(
        operation_id="trash_restore",
        request=ToRestore,
        responses={200: _RESTORED, 202: JobSerializer, 409: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, project_id: UUID, batch: UUID) -> Response:
        """Restores a batch, or some of its rows with what went along with them: all of it or nothing.

        Where something cannot come back as it was, the answer is 409 and says what; `accept_losses` goes on then.
        """
        user, project = _opened(request, project_id)
        chosen = _read(ToRestore, request)
        restored = request_restore(user, project, batch, chosen.get("records"), accept_losses=chosen["accept_losses"])
        return job_response(request, restored) if isinstance(restored, Job) else Response(restored.to_json())


def _opened(request: Request, project_id: UUID) -> tuple[User, Project]:
    user = user_of(request)
    return user, access_project(user, project_id)


def _trash(user: User, project_id: UUID) -> Trash:
    project = access_project(user, project_id)
    return Trash(user, project, {member.id: member for member in project_members(project)})


def _read(kind: type[Chosen], request: Request) -> dict[str, Any]:
    serializer = kind(data=request.data or {})
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def _page_url(request: Request, page: int) -> str:
    parameters = request.query_params.copy()
    parameters["page"] = str(page)
    return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")
