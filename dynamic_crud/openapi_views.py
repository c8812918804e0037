"""The OpenAPI document of a project, and the page that shows it with calls to copy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api_jobs import user_of
from core.models import Project
from core.permissions import access_project
from core.workspace import WorkspaceView, page_context
from dynamic_crud.api_examples import examples_of
from dynamic_crud.filters import filter_name
from dynamic_crud.openapi import document_of
from dynamic_crud.openapi_columns import filters_of
from dynamic_crud.resources import Resource, Runtime
from dynamic_crud.runtime import get_runtime
from schemas.column_types import column_types

_KEPT: Final = 16
"""How many documents a process keeps. They are told apart by all that they are made of, so none goes stale."""


class ProjectSchema(APIView):
    """The project's OpenAPI document."""

    @extend_schema(operation_id="project_schema", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, project_id: UUID) -> HttpResponse:
        """The OpenAPI 3.1 document of the project's own tables, as it is served now."""
        project = access_project(user_of(request), project_id)
        body, tag = _rendered(get_runtime(project), project.name, _version(project), _server(request, project))
        response = HttpResponse(body, content_type="application/json")
        response.headers["ETag"], response.headers["Cache-Control"] = tag, "private, no-cache"
        return get_conditional_response(request._request, etag=tag, response=response) or response  # noqa: SLF001


class ProjectApiPage(WorkspaceView):
    """How programs reach the project's records."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Shows the calls of every table."""
        project = access_project(self.user, project_id)
        runtime, server = get_runtime(project), _server(request, project)
        tables = [
            {
                "resource": resource,
                "columns": list(_columns(resource)),
                "examples": list(examples_of(resource, server)),
            }
            for resource in runtime.resources.values()
        ]
        context = page_context(request, title="API", project=project, subtitle="How programs reach these records.")
        signing_in = request.build_absolute_uri(reverse("api-token"))
        known = {"tables": tables, "server": server, "signing_in": signing_in}
        return render(request, "crud/api.html", {**context, **known})


def _columns(resource: Resource) -> Iterator[dict[str, Any]]:
    lookups: dict[str, list[str]] = {}
    for column, lookup in filters_of(resource):
        lookups.setdefault(column, []).append(filter_name(column, lookup))
    for item in resource.fields:
        yield {
            "column": item.column,
            "type": column_types.get(item.column.type).label,
            "is_set_by_us": item.type.numbered,
            "filters": lookups.get(item.column.name, []),
        }


def _server(request: HttpRequest | Request, project: Project) -> str:
    return request.build_absolute_uri(reverse("api-project", args=[project.pk]))


def _version(project: Project) -> str:
    return project.active_config.version if project.active_config else ""


@lru_cache(maxsize=_KEPT)
def _rendered(runtime: Runtime, title: str, version: str, server: str) -> tuple[bytes, str]:
    body = orjson.dumps(document_of(runtime, title=title, version=version, server=server))
    return body, f'"{blake2b(body, digest_size=12).hexdigest()}"'
