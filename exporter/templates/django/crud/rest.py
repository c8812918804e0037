"""How all of the API signs people in and pages its lists."""

from typing import Any

from rest_framework import authentication, pagination
from rest_framework.request import Request

from crud.access import become


class TokenAuthentication(authentication.TokenAuthentication):
    """`Authorization: Token ...`, after which PostgreSQL too knows who is asking."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found:
            become(found[0])
        return found


class Pages(pagination.PageNumberPagination):
    """Fifty records a page, or as many as are asked for."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
