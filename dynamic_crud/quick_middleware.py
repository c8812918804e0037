"""Answers calls in one round trip in front of all that only the requests of browsers need.

Sessions, messages, cross-site checks and what else stands before a page take a quarter of the processor time of a call
with a token, which needs none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from core.error_views import problem_response
from core.errors import problem_from
from dynamic_crud.quick_calls import QuickView
from dynamic_crud.urls_api import urlpatterns


class QuickMiddleware:
    """Lets a `QuickView` answer; passes on what it does not answer, and all other requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answers the request."""
        quick = _answer(request)
        return self.get_response(request) if quick is None else quick


def _answer(request: HttpRequest) -> HttpResponseBase | None:
    prefix, routes = _routes()
    if not request.path_info.startswith(prefix):
        return None
    for route in routes:
        if match := route.resolve(request.path_info[len(prefix) :]):
            view = route.callback.view_class()
            view.setup(request, **match.kwargs)
            try:
                return view.quick(request, **match.kwargs)
            except DatabaseError as error:
                return problem_response(problem_from(error))
    return None


@cache
def _routes() -> tuple[str, list[Any]]:
    """Where the API begins, and the addresses of quick views in it: two are compared faster than all there are."""
    addresses: list[Any] = urlpatterns
    routes = [each for each in addresses if issubclass(each.callback.view_class, QuickView)]
    address = reverse(routes[0].name, kwargs={"project_id": UUID(int=0), "table": "a"})
    return address[: address.index("projects/")], routes
