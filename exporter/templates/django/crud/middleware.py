"""One transaction a request, in which PostgreSQL knows who is asking."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from crud.access import acting_as

FAILED = 400


class AccessMiddleware:
    """Opens the transaction of a request for its user. What a failed request has changed is undone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            # Without a role, row-level security shows no record at all.
            with transaction.atomic():
                return self._respond(request)
        with acting_as(request.user):
            return self._respond(request)

    def _respond(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= FAILED:
            transaction.set_rollback(True)
        return response
