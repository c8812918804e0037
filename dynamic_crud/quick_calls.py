"""Calls of the API in one round trip.

A request with a token, for a project that this process has seen before, is answered by `core.tenancy.visit`: one
transaction looks at the account, at the project and at its rows, and PostgreSQL writes the JSON. Where that transaction
finds anything but what was expected, it changes nothing, and the request goes on as every other one: Django REST
framework finds out who asks, and tells what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api_jobs import user_of
from core.authentication import Bearer
from core.error_views import problem_response
from core.errors import Problem
from core.members import Member
from core.parsers import JSONParser
from core.tenancy import Expected, visit
from dynamic_crud.etags import conditional
from dynamic_crud.json_lists import Answer, Reading, Rows
from dynamic_crud.quick_writes import TakesLonger
from dynamic_crud.records import Records
from dynamic_crud.resources import Resource
from dynamic_crud.runtime import hint_of

_DATABASE = "default"
"""The database of the platform's own tables, and the one that a visit can reach."""

_ACCEPTED = ("", "*/*", "application/json")

AnyRequest = HttpRequest | Request
"""A request as Django has it, or in the wrapping of Django REST framework: their query and address are the same."""

Members = Callable[[], Mapping[UUID, Member]]


class QuickView(APIView):
    """A view of records whose requests are answered in one round trip where that can be done.

    `QuickMiddleware` asks for it; the view answers what is left.
    """

    def quick(self, request: HttpRequest, project_id: UUID, table: str, **kwargs: UUID) -> HttpResponse | None:
        """The answer to a call with a token; None where that takes more than a round trip, or a problem is to be told.

        Raises:
            DatabaseError: where the database fails.
        """
        if request.META.get("HTTP_ACCEPT", "") not in _ACCEPTED or self.throttle_classes:
            return None
        bearer, hint = Bearer.of(request), hint_of(project_id)
        if bearer is None or hint is None or hint.database != _DATABASE:
            return None
        try:
            reading = self._asked(request, hint.runtime.resource(table), **kwargs)
        except (Problem, ValidationError, TakesLonger):
            return None
        expected = Expected(hint.version, hint.database, bearer.account)
        writing = request.method != "GET"
        found = visit(bearer.user_id, project_id, expected, reading.questions, writing=writing)
        if found is None:
            return None
        if isinstance(found.error, psycopg.errors.QueryCanceled):  # it took all the time that there is
            raise OperationalError(str(found.error)) from found.error
        return None if found.error is not None else self._finished(request, reading, found.answers)

    def read_slowly(self, request: Request, project_id: UUID, table: str, **kwargs: UUID) -> HttpResponse:
        """The same by the doors, one after the other; raises the `Problem` where there is one."""
        records = Records.access(user_of(request), project_id, table)
        reading = self.reading(request, records.resource, lambda: records.members, **kwargs)
        with records.reading() as door:
            rows = [door.ask(question) for question in reading.questions]
        return respond(request, reading.answer(rows))

    def reading(self, request: AnyRequest, resource: Resource, members: Members, **kwargs: UUID) -> Reading:
        """What is asked of the project's tables.

        Args:
            request: the request.
            resource: the table.
            members: finds the members of the project; what it raises is let through.
            **kwargs: what else the address names.

        Raises:
            Problem: for a request that cannot be read.
        """
        raise NotImplementedError

    def writing(self, request: HttpRequest, resource: Resource, **kwargs: UUID) -> Reading:
        """What is asked of the project's tables to change them.

        Args:
            request: the request.
            resource: the table.
            **kwargs: what else the address names.

        Raises:
            Problem: for a request that cannot be read; or DRF's `ValidationError`.
            TakesLonger: where one round trip does not suffice.
        """
        raise TakesLonger

    def _asked(self, request: HttpRequest, resource: Resource, **kwargs: UUID) -> Reading:
        if request.method == "GET":
            return self.reading(request, resource, no_members, **kwargs)
        return self.writing(request, resource, **kwargs)

    def _finished(self, request: HttpRequest, reading: Reading, answers: Sequence[Rows]) -> HttpResponse | None:
        try:
            response = respond(request, reading.answer(answers))
        except Problem as problem:
            response = problem_response(problem)
        except TakesLonger:
            return None
        for name, value in self.default_response_headers.items():
            response[name] = value
        return response


def member_names(resource: Resource, expand: Collection[str], members: Members) -> str:
    """The names of the project's members by their ids, as JSON; empty where none of them is expanded."""
    if not any(item.column.name in expand for item in resource.member_fields):
        return ""
    return orjson.dumps({str(member.id): member.name for member in members().values()}).decode()


def no_members() -> Mapping[UUID, Member]:
    """For requests in one round trip: members are found in another."""
    raise TakesLonger


def body_of(request: HttpRequest) -> Any:
    """What a request brings as JSON, before Django REST framework has seen it; raises `TakesLonger`."""
    if request.content_type != JSONParser.media_type:
        raise TakesLonger
    try:
        return orjson.loads(request.body)
    except (orjson.JSONDecodeError, RequestDataTooBig):
        raise TakesLonger from None


def respond(request: AnyRequest, answer: Answer) -> HttpResponse:
    """An answer as HTTP has it."""
    response = HttpResponse(answer.body, "application/json", answer.status, headers=dict(answer.headers))
    return response if answer.state is None else conditional(request, response, answer.state)
