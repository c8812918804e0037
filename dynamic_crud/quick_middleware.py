"""Answers calls in one round trip in front of all that only the requests of browsers need.

Sessions, messages, cross-site checks and what else stands before a page take a quarter of the processor time of a call
with a token, which needs none of them.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from core.error_views import problem_response
from core.errors import problem_from
from dynamic_crud.quick_calls import QuickView


class QuickMiddleware:
    """Lets a `QuickView` answer; passes on what it does not answer, and all other requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answers the request."""
        has_token = request.META.get("HTTP_AUTHORIZATION", "").startswith("Bearer ")
        quick = _answer(request) if has_token else None
        return self.get_response(request) if quick is None else quick


def _answer(request: HttpRequest) -> HttpResponseBase | None:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    kind = getattr(match.func, "view_class", None)
    if kind is None or not issubclass(kind, QuickView):
        return None
    view = kind()
    view.setup(request, **match.kwargs)
    try:
        return view.quick(request, **match.kwargs)
    except DatabaseError as error:
        return problem_response(problem_from(error))
