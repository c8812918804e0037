"""The records API: what lists, creates, reads, changes and deletes the rows of any provisioned table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, get_args
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api_jobs import user_of
from core.rights import Right
from dynamic_crud.aggregate_rows import answer
from dynamic_crud.aggregates import AggregateQuery
from dynamic_crud.bulk_requests import ListedChanges, Named, check_links, check_size, read_deletion, read_update
from dynamic_crud.edits import update_many, update_matching, update_one
from dynamic_crud.etags import Preconditions, Stale, stale_problem
from dynamic_crud.json_lists import Answer, ListReading, Reading, answer_of, answer_of_all, read_one
from dynamic_crud.listing import MAX_PAGE_SIZE, PAGE_SIZE, Count, ListQuery, Shape, read_shape
from dynamic_crud.pointers import Values
from dynamic_crud.quick_calls import AnyRequest, Members, QuickView, body_of, member_names, no_members, respond
from dynamic_crud.quick_writes import TakesLonger, creation, update
from dynamic_crud.records import Records
from dynamic_crud.resources import Resource
from dynamic_crud.serializers import read_values, reader
from dynamic_crud.totals import COUNTED_AT_MOST
from dynamic_crud.written import Wanted, Written

_EXPAND = OpenApiParameter("expand", str, description="Relation columns, comma-separated, to answer as objects.")
_FIELDS = OpenApiParameter("fields", str, description="The only fields to answer, comma-separated.")
_LIST_PARAMETERS = [
    OpenApiParameter("search", str, description="Words that must each begin some word of the record's texts."),
    OpenApiParameter("ordering", str, description="Column names, comma-separated; a minus sorts descending."),
    OpenApiParameter("page", int, description="The page's number, from 1."),
    OpenApiParameter("page_size", int, description=f"Records a page: {PAGE_SIZE}, at most {MAX_PAGE_SIZE}."),
    OpenApiParameter("cursor", str, description="Where the list goes on, from `next` or `previous`; empty to start."),
    _EXPAND,
    _FIELDS,
    OpenApiParameter(
        "count",
        str,
        enum=get_args(Count),
        description=f"How to count what matches; `estimated` is exact up to {COUNTED_AT_MOST:,}: see `counted`.",
    ),
    OpenApiParameter(
        "filter",
        str,
        description='Groups of conditions as JSON: `{"or": [{"status": "sold"}, {"price__gte": 100}]}`.',
    ),
    OpenApiParameter(
        "column",
        OpenApiTypes.OBJECT,
        style="form",
        explode=True,
        description="Filters: `<column>=<value>` or `<column>__<lookup>=<value>`, such as `price__gte=100`.",
    ),
]
_EXPECTED = OpenApiParameter("expected", int, description="How many records the search and the filters find.")
_MATCHING_PARAMETERS = [_EXPECTED, _LIST_PARAMETERS[0], _EXPAND, _FIELDS, *_LIST_PARAMETERS[-2:]]
_RECORD_PAGE = inline_serializer(
    "RecordPage",
    {
        "count": serializers.IntegerField(allow_null=True),
        "counted": serializers.ChoiceField(["exactly", "estimated"], required=False),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": serializers.ListField(child=serializers.DictField()),
    },
)


class RecordsAPI(QuickView):
    """The records of a table."""

    @extend_schema(operation_id="records_list", parameters=_LIST_PARAMETERS, responses=_RECORD_PAGE)
    def get(self, request: Request, project_id: UUID, table: str) -> HttpResponse:
        """Lists records: filtered, searched, ordered, page by page.

        Pages are asked for by number, or from a cursor on: then each page costs the same, however far it is.
        """
        if "aggregate" in request.query_params:
            records = Records.access(user_of(request), project_id, table)
            return Response(answer(records, AggregateQuery.read(records.resource, request.query_params)))
        return self.read_slowly(request, project_id, table)

    def reading(self, request: AnyRequest, resource: Resource, members: Members, **kwargs: UUID) -> Reading:
        """The page, and how many records there are."""
        if "aggregate" in request.GET:
            raise TakesLonger
        query = ListQuery.read(resource, request.GET)
        names = member_names(resource, query.expand, members)
        return ListReading(resource, query, names, partial(_address, request)).reading()

    @extend_schema(
        operation_id="records_create",
        parameters=[_EXPAND, _FIELDS],
        request=OpenApiTypes.OBJECT,
        responses={201: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, project_id: UUID, table: str) -> HttpResponse:
        """Creates a record, or a list of records: all of them or none."""
        records = Records.access(user_of(request), project_id, table, Right.WRITE_RECORDS)
        wanted = _wanted(records, read_shape(records.resource, request.query_params))
        values = _new_values(records.resource, request.data)
        many = isinstance(request.data, list)
        paths = [f"$[{index}]" for index in range(len(values))] if many else ["$"]
        made = records.create_and(lambda door, ids: (ids, wanted.fetch(door, ids)), values, paths)
        return respond(request, _created(request, *made, many=many))

    def writing(self, request: HttpRequest, resource: Resource, **kwargs: UUID) -> Reading:
        """New records."""
        if request.method != "POST":
            raise TakesLonger
        wanted = _quickly_wanted(resource, request)
        body = body_of(request)
        values = _new_values(resource, body)
        return creation(wanted, values, partial(_created, request, many=isinstance(body, list)))

    @extend_schema(
        operation_id="records_update_many",
        parameters=_MATCHING_PARAMETERS,
        request=OpenApiTypes.ANY,
        responses={200: {"type": "array", "items": {"type": "object"}}},
    )
    def patch(self, request: Request, project_id: UUID, table: str) -> HttpResponse:
        """Changes up to 1,000 records: all of them or none.

        The body is a list of records, each with its `id` and the values that change; or `{"ids": [...], "values":
        {...}}` for the same values in all of them; or `{"values": {...}}` for all records that the query's search and
        filters find, as many as `expected` says.
        """
        records = Records.access(user_of(request), project_id, table, Right.WRITE_RECORDS)
        change = read_update(records.resource, request.data, request.query_params)
        if isinstance(change, ListedChanges):
            written = update_many(records, change.changes, _wanted(records, change.shape))
        else:
            query, expected = change.which.query, change.which.expected
            wanted = _wanted(records, Shape(query.expand, query.fields))
            written = update_matching(records, query, expected, change.values, "$.values", wanted)
        return respond(request, answer_of_all(written))

    @extend_schema(
        operation_id="records_delete_many",
        parameters=_MATCHING_PARAMETERS,
        request=inline_serializer("RecordIds", {"ids": serializers.ListField(child=serializers.UUIDField())}),
        responses=inline_serializer("DeletedRecords", {"deleted": serializers.IntegerField()}),
    )
    def delete(self, request: Request, project_id: UUID, table: str) -> Response:
        """Deletes up to 1,000 records: all of them or none.

        The body is `{"ids": [...]}`; without a body, all records go that the query's search and filters find, as many
        as `expected` says.
        """
        records = Records.access(user_of(request), project_id, table, Right.WRITE_RECORDS)
        which = read_deletion(records.resource, request.data, request.query_params)
        if isinstance(which, Named):
            return Response({"deleted": records.delete_many(which.ids, paths=which.paths)})
        return Response({"deleted": records.delete_matching(which.query, which.expected)})


class RecordAPI(QuickView):
    """One record."""

    @extend_schema(operation_id="records_read", parameters=[_EXPAND, _FIELDS], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, project_id: UUID, table: str, record_id: UUID) -> HttpResponse:
        """Reads a record."""
        return self.read_slowly(request, project_id, table, record_id=record_id)

    def reading(self, request: AnyRequest, resource: Resource, members: Members, **kwargs: UUID) -> Reading:
        """The record."""
        Preconditions.read(request)  # what cannot be read is refused before anything is asked
        shape = read_shape(resource, request.GET)
        return read_one(Wanted(resource, shape, member_names(resource, shape.expand, members)), kwargs["record_id"])

    def writing(self, request: HttpRequest, resource: Resource, **kwargs: UUID) -> Reading:
        """The record with other values."""
        if request.method not in ("PATCH", "PUT"):
            raise TakesLonger
        wanted = _quickly_wanted(resource, request)
        values = _changed_values(resource, body_of(request), partial=request.method == "PATCH")
        told = partial(_changed, request)
        return update(wanted, kwargs["record_id"], values, Preconditions.read(request), told)

    @extend_schema(
        operation_id="records_replace",
        parameters=[_EXPAND, _FIELDS],
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
    )
    def put(self, request: Request, project_id: UUID, table: str, record_id: UUID) -> HttpResponse:
        """Replaces a record: what is left out gets its default."""
        return self._change(request, project_id, table, record_id, partial=False)

    @extend_schema(
        operation_id="records_update",
        parameters=[_EXPAND, _FIELDS],
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
    )
    def patch(self, request: Request, project_id: UUID, table: str, record_id: UUID) -> HttpResponse:
        """Changes the given fields of a record."""
        return self._change(request, project_id, table, record_id, partial=True)

    @extend_schema(operation_id="records_delete", responses={204: None})
    def delete(self, request: Request, project_id: UUID, table: str, record_id: UUID) -> Response:
        """Deletes a record, and what its relations say goes with it."""
        records = Records.access(user_of(request), project_id, table, Right.WRITE_RECORDS)
        with _told_when_stale(records.resource, {}):
            records.delete(record_id, Preconditions.read(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(
        self, request: Request, project_id: UUID, table: str, record_id: UUID, *, partial: bool
    ) -> HttpResponse:
        records = Records.access(user_of(request), project_id, table, Right.WRITE_RECORDS)
        wanted = _wanted(records, read_shape(records.resource, request.query_params))
        values = _changed_values(records.resource, request.data, partial=partial)
        with _told_when_stale(records.resource, request.data):
            written = update_one(records, record_id, values, Preconditions.read(request), wanted)
        return respond(request, _changed(request, [record_id], [written]))


@contextmanager
def _told_when_stale(resource: Resource, sent: Mapping[str, Any]) -> Iterator[None]:
    """Has a change that came too late answered with the record as it is."""
    try:
        yield
    except Stale as stale:
        raise stale_problem(stale, sent, resource.table.label) from stale


def _wanted(records: Records, shape: Shape) -> Wanted:
    """How records are answered, with the names of members where they are asked for."""
    names = member_names(records.resource, shape.expand, lambda: records.members)
    return Wanted(records.resource, shape, names)


def _quickly_wanted(resource: Resource, request: HttpRequest) -> Wanted:
    """The same where members' names take too long: raises `TakesLonger`."""
    shape = read_shape(resource, request.GET)
    return Wanted(resource, shape, member_names(resource, shape.expand, no_members))


def _new_values(resource: Resource, body: Any) -> list[Values]:
    """The values of new records, validated: of one, or of a list of them."""
    if isinstance(body, list):
        check_size(body)
        values: list[Values] = [*reader(resource).read_all(body)]
    else:
        values = [read_values(resource, body)]
    check_links(resource, values)
    return values


def _changed_values(resource: Resource, body: Any, *, partial: bool) -> Values:
    """The values of a change, validated; those that replace a record have the DEFAULT of each that is left out."""
    values = read_values(resource, body, partial=partial)
    return values if partial else {**resource.defaults(), **values}


def _created(request: AnyRequest, ids: Sequence[UUID], written: Sequence[Written], *, many: bool) -> Answer:
    if many:
        return answer_of_all(written, status.HTTP_201_CREATED)
    location = request.build_absolute_uri(f"{request.path}/{ids[0]}")
    return answer_of(written[0], status.HTTP_201_CREATED, Location=location, Content_Location=location)


def _changed(request: AnyRequest, ids: Sequence[UUID], written: Sequence[Written]) -> Answer:
    return answer_of(written[0], Content_Location=request.get_full_path())


def _address(request: AnyRequest, parameters: Mapping[str, str]) -> str:
    """The address of the request with other values for some of its parameters."""
    given = request.GET.copy()
    for name, value in parameters.items():
        given[name] = value
    return request.build_absolute_uri(f"{request.path}?{given.urlencode()}")
