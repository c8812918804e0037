"""How problems are told: as JSON to programs, as a page to people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import Forbidden, InternalError, NotFound, Problem, problem_from


def problem_response(problem: Problem) -> JsonResponse:
    """The problem for a program."""
    response = JsonResponse(problem.to_json(), status=problem.status, content_type="application/problem+json")
    _add_headers(response, problem)
    return response


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem for a person."""
    request.user = AnonymousUser()  # who looks is not said here, and asking again for it may fail again
    response = render(request, "problem.html", {"problem": problem}, status=problem.status)
    _add_headers(response, problem)
    return response


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: every failure of an API view as a problem."""
    set_rollback()
    problem = problem_from(error)
    # Whatever the caller accepts, and whatever the view writes when all is well: a problem is JSON.
    request = context["request"]
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    response = Response(problem.to_json(), status=problem.status, content_type="application/problem+json")
    _add_headers(response, problem)
    if auth_header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = auth_header
    return response


class ProblemMiddleware:
    """Turns what a page raises into a page that says what happened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Passes the request on: only exceptions concern this middleware."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Called by Django for every exception that a view lets out."""
        return respond(request, problem_from(error))


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem in the form that the address is for."""
    is_api = request.path.startswith("/api/")
    return problem_response(problem) if is_api else problem_page(request, problem)


def bad_request_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return respond(request, problem_from(exception))


def forbidden_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return respond(request, Forbidden("You may not do this."))


def not_found_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return respond(request, NotFound())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    detail = "This form is too old or came from another site. Reload the page and send it again."
    return respond(request, Forbidden(detail, code="csrf_failed"))


def internal_error_page(request: HttpRequest) -> HttpResponse:
    """Django's handler500, for what not even the middleware saw."""
    return respond(request, InternalError("Something went wrong on our side."))


def _add_headers(response: HttpResponse, problem: Problem) -> None:
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
