"""The API of exports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api_jobs import JobSerializer, accepted, finish, idempotency_key, user_of
from core.models import Job
from core.permissions import access_project
from exporter import service
from exporter.context import MAX_NAME_LENGTH
from exporter.targets import targets

_OF_GITHUB: Final = ("github_token", "repo_name", "branch", "private")


class ExportRequestSerializer(serializers.Serializer[Any]):
    """What an export takes."""

    project_id = serializers.UUIDField()
    export_type = serializers.ChoiceField(choices=service.DELIVERIES, default="zip")
    project_name = serializers.CharField(
        required=False, allow_blank=True, max_length=MAX_NAME_LENGTH, help_text="The project's own name if left out."
    )
    target = serializers.CharField(
        default=service.DEFAULT_TARGET, help_text=f"What to export: one of {', '.join(targets.names())}."
    )
    with_data = serializers.BooleanField(
        default=False, help_text="Whether the records are part of it, for targets that take them."
    )
    github_token = serializers.CharField(
        required=False,
        write_only=True,
        help_text="For the export_type github: a token that may write to the repository. It is used once and not kept.",
    )
    repo_name = serializers.CharField(
        required=False, help_text="For the export_type github: `name` or `owner/name`. Made if it is not there."
    )
    branch = serializers.CharField(
        required=False, allow_blank=True, help_text="For the export_type github: the default branch if left out."
    )
    private = serializers.BooleanField(default=True, help_text="Whether a repository that is made is private.")


class ExportedFileSerializer(serializers.Serializer[Any]):
    """One file of an application."""

    path = serializers.CharField()
    content = serializers.CharField()


class ExportedFilesSerializer(serializers.Serializer[Any]):
    """All files of an application."""

    files = ExportedFileSerializer(many=True)


class PushSerializer(serializers.Serializer[Any]):
    """What came of a push to GitHub."""

    success = serializers.BooleanField()
    message = serializers.CharField()
    repository_url = serializers.URLField()
    branch = serializers.CharField()
    commit = serializers.CharField(help_text="Empty when nothing had changed.")
    written = serializers.IntegerField(help_text="How many files the commit wrote.")
    removed = serializers.IntegerField(help_text="How many files it removed.")
    overwritten = serializers.ListField(child=serializers.CharField(), help_text="Those that were changed by hand.")
    kept = serializers.ListField(child=serializers.CharField(), help_text="No longer exported, but changed by hand.")


class ZipRenderer(BaseRenderer):
    """Lets callers ask for `application/zip`; errors are JSON all the same."""

    media_type = "application/zip"
    format = "zip"

    def render(self, data: Any, media_type: str | None = None, context: Mapping[str, Any] | None = None) -> bytes:
        """A problem or a job, for a caller that accepts nothing but a ZIP."""
        return bytes(JSONRenderer().render(data))


class ExportView(APIView):
    """Turns the active version of a project into source code."""

    renderer_classes = (JSONRenderer, ZipRenderer)

    @extend_schema(
        request=ExportRequestSerializer,
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            (200, "application/json"): PolymorphicProxySerializer(
                component_name="Exported",
                serializers=[ExportedFilesSerializer, PushSerializer],
                resource_type_field_name=None,
            ),
            (202, "application/json"): JobSerializer,
        },
    )
    def post(self, request: Request) -> Response | FileResponse:
        """Exports a project as a ZIP, as a list of files, or to GitHub."""
        data = ExportRequestSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values, user = data.validated_data, user_of(request)
        job = service.submit(
            user,
            access_project(user, values["project_id"]),
            delivery=values["export_type"],
            target=values["target"],
            name=values.get("project_name", ""),
            with_data=values["with_data"],
            github={name: values[name] for name in _OF_GITHUB if name in values},
            idempotency_key=idempotency_key(request),
        )
        job = finish(request, job)
        if job.status != Job.Status.SUCCEEDED or job.result is None:
            return _as_json(accepted(request, job))
        if values["export_type"] == "files":
            return _as_json(Response({"files": job.result["files"]}))
        if values["export_type"] == "github":
            return _as_json(Response(PushSerializer(job.result).data))
        return zip_response(service.archive_of(user, job.pk))


class ExportDownloadView(APIView):
    """The ZIP of a finished export."""

    renderer_classes = (JSONRenderer, ZipRenderer)

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, job_id: UUID) -> FileResponse:
        """Downloads what an export job made."""
        return zip_response(service.archive_of(user_of(request), job_id))


def zip_response(archive: service.Archive) -> FileResponse:
    """The ZIP as an attachment, sent while it is read."""
    headers = {"Content-Length": str(archive.stored.size)}
    return FileResponse(
        archive.stored,
        as_attachment=True,
        filename=archive.filename,
        content_type="application/zip",
        headers=headers,
    )


def _as_json(response: Response) -> Response:
    response.content_type = "application/json"
    return response
