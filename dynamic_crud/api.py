"""The records API: what lists, creates, reads, changes and deletes the rows of any provisioned table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, get_args
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api_jobs import user_of
from core.errors import BadRequest
from core.rights import Right
from dynamic_crud.json_lists import COUNTED_EXACTLY, ListReading, Reading, read_one
from dynamic_crud.listing import MAX_PAGE_SIZE, PAGE_SIZE, Count, ListQuery, read_expand
from dynamic_crud.quick_reads import AnyRequest, Members, QuickReadsView, member_names
from dynamic_crud.records import Records
from dynamic_crud.resources import Resource
from dynamic_crud.serializers import serializer_class

BULK_LIMIT: Final = 1000
"""How many records one call may create."""

LINK_LIMIT: Final = 10_000
"""How many links the records of one call may have together."""

_EXPAND = OpenApiParameter("expand", str, description="Relation columns, comma-separated, to answer as objects.")
_LIST_PARAMETERS = [
    OpenApiParameter("search", str, description="Words that must each be found in some text column."),
    OpenApiParameter("ordering", str, description="Column names, comma-separated; a minus sorts descending."),
    OpenApiParameter("page", int, description="The page's number, from 1."),
    OpenApiParameter("page_size", int, description=f"Records a page: {PAGE_SIZE}, at most {MAX_PAGE_SIZE}."),
    OpenApiParameter("cursor", str, description="Where the list goes on, from `next` or `previous`; empty to start."),
    _EXPAND,
    OpenApiParameter(
        "count",
        str,
        enum=get_args(Count),
        description=f"How to count all records that match; estimated counts {COUNTED_EXACTLY:,} of them at most.",
    ),
    OpenApiParameter(
        "filter",
        OpenApiTypes.OBJECT,
        style="form",
        explode=True,
        description="Filters: `<column>=<value>` or `<column>__<lookup>=<value>`, such as `price__gte=100`.",
    ),
]
_RECORD_PAGE = inline_serializer(
    "RecordPage",
    {
        "count": serializers.IntegerField(allow_null=True),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "counted": serializers.ChoiceField(["exactly", "estimated"], required=False),
        "results": serializers.ListField(child=serializers.DictField()),
    },
)


class RecordsAPI(QuickReadsView):
    """The records of a table."""

    @extend_schema(operation_id="records_list", parameters=_LIST_PARAMETERS, responses=_RECORD_PAGE)
    def get(self, request: Request, project_id: UUID, table: str) -> HttpResponse:
        """Lists records: filtered, searched, ordered, page by page.

        Pages are asked for by number, or from a cursor on: then each page costs the same, however far it is.
        """
        return self.read_slowly(request, project_id, table)

    def reading(self, request: AnyRequest, resource: Resource, members: Members, **kwargs: UUID) -> Reading:
        """The page, and how many records there are."""
        query = ListQuery.read(resource, request.GET)
        names = member_names(resource, query.expand, members)
        return ListReading(resource, query, names, partial(_address, request)).reading()

    @extend_schema(
        operation_id="records_create",
        parameters=[_EXPAND],
        request=OpenApiTypes.OBJECT,
        responses={201: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, project_id: UUID, table: str) -> Response:
        """Creates a record, or a list of records: all of them or none."""
        records = Records.access(user_of(request), project_id, table, Right.WRITE_RECORDS)
        expand = read_expand(records.resource, request.query_params)
        many = isinstance(request.data, list)
        given = request.data if many else [request.data]
        if not 1 <= len(given) <= BULK_LIMIT:
            raise BadRequest(f"The list has {len(given)} records; 1 to {BULK_LIMIT} can be created in one call.")
        serializer = serializer_class(records.resource)(data=request.data, many=many)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data if many else [serializer.validated_data]
        linked = sum(len(row.get(item.column.name) or ()) for row in values for item in records.resource.links)
        if linked > LINK_LIMIT:
            raise BadRequest(f"The records have {linked:,} links; one call can make {LINK_LIMIT:,} of them.")
        paths = [f"$[{index}]" for index in range(len(given))] if many else ["$"]
        made = [records.represent(row, expand) for row in records.create(values, expand, paths=paths)]
        if many:
            return Response(made, status.HTTP_201_CREATED)
        location = request.build_absolute_uri(reverse("api-record", args=[project_id, table, made[0]["id"]]))
        return Response(made[0], status.HTTP_201_CREATED, headers={"Location": location})


class RecordAPI(QuickReadsView):
    """One record."""

    @extend_schema(operation_id="records_read", parameters=[_EXPAND], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, project_id: UUID, table: str, record_id: UUID) -> HttpResponse:
        """Reads a record."""
        return self.read_slowly(request, project_id, table, record_id=record_id)

    def reading(self, request: AnyRequest, resource: Resource, members: Members, **kwargs: UUID) -> Reading:
        """The record."""
        expand = read_expand(resource, request.GET)
        return read_one(resource, kwargs["record_id"], expand, member_names(resource, expand, members))

    @extend_schema(
        operation_id="records_replace",
        parameters=[_EXPAND],
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
    )
    def put(self, request: Request, project_id: UUID, table: str, record_id: UUID) -> Response:
        """Replaces a record: what is left out gets its default."""
        return self._change(request, project_id, table, record_id, partial=False)

    @extend_schema(
        operation_id="records_update",
        parameters=[_EXPAND],
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
    )
    def patch(self, request: Request, project_id: UUID, table: str, record_id: UUID) -> Response:
        """Changes the given fields of a record."""
        return self._change(request, project_id, table, record_id, partial=True)

    @extend_schema(operation_id="records_delete", responses={204: None})
    def delete(self, request: Request, project_id: UUID, table: str, record_id: UUID) -> Response:
        """Deletes a record, and what its relations say goes with it."""
        Records.access(user_of(request), project_id, table, Right.WRITE_RECORDS).delete(record_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, request: Request, project_id: UUID, table: str, record_id: UUID, *, partial: bool) -> Response:
        records = Records.access(user_of(request), project_id, table, Right.WRITE_RECORDS)
        expand = read_expand(records.resource, request.query_params)
        serializer = serializer_class(records.resource)(data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        values: Mapping[str, Any] = serializer.validated_data
        if not partial:
            values = {**records.resource.defaults(), **values}
        return Response(records.represent(records.update(record_id, values, expand), expand))


def _address(request: AnyRequest, parameters: Mapping[str, str]) -> str:
    """The address of the request with other values for some of its parameters."""
    given = request.GET.copy()
    for name, value in parameters.items():
        given[name] = value
    return request.build_absolute_uri(f"{request.path}?{given.urlencode()}")
