"""The address at which editors find the JSON Schema of schema documents."""

from __future__ import annotations

import hashlib
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from schemas.format import FILE


@cache
def _content() -> bytes:
    """The committed file, which does not change while the product runs."""
    return FILE.read_bytes()


def _etag(_: HttpRequest) -> str:
    return f'"{hashlib.sha256(_content()).hexdigest()[:32]}"'


@require_safe
@cache_control(public=True, max_age=3600)
@condition(etag_func=_etag)
def schema_format(request: HttpRequest) -> HttpResponse:
    """The JSON Schema, for everyone: it holds nothing of anybody."""
    response = HttpResponse(_content(), content_type="application/schema+json")
    response["Access-Control-Allow-Origin"] = "*"  # editors in browsers read it too
    return response
