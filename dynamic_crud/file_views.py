"""Addresses of files: uploading one for a column, and reading one of a record."""

from __future__ import annotations

from typing import Any, Final, cast
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import files
from core.api_jobs import user_of
from core.errors import BadRequest
from core.file_types import SHOWN_IN_BROWSER, UNKNOWN
from core.models import StoredFile
from core.rights import Right
from core.uploads import take_files
from dynamic_crud.attaching import described, file_fields
from dynamic_crud.files import find_file, limits_of, store
from dynamic_crud.records import Records
from dynamic_crud.resources import Resource, ResourceField
from dynamic_crud.views import RecordsView

_FIELD: Final = "file"

_HEADERS: Final = {
    "Accept-Ranges": "none",  # a file is short enough to be asked for again whole
    "Cache-Control": "private, no-cache",  # kept by this browser, and asked for again: rights may have changed
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Whatever somebody uploaded must run nowhere."""

_FILE = inline_serializer(
    "File",
    {
        "id": serializers.UUIDField(),
        "name": serializers.CharField(),
        "size": serializers.IntegerField(help_text="Bytes."),
        "type": serializers.CharField(help_text="The media type, found by what is in the file."),
    },
)
_UPLOAD = inline_serializer(
    "FileUpload",
    {"column": serializers.CharField(help_text="The column's name."), "file": serializers.FileField()},
)


class FilesAPI(APIView):
    """Uploads for the records of a table."""

    parser_classes = (MultiPartParser,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Says which files are read, before the CSRF check of a session reads the form."""
        take_files(request, lambda: _limits(request, kwargs["project_id"], kwargs["table"]))
        return super().dispatch(request, *args, **kwargs)

    @extend_schema(operation_id="files_upload", request={"multipart/form-data": _UPLOAD}, responses={201: _FILE})
    def post(self, request: Request, project_id: UUID, table: str) -> Response:
        """Uploads a file for a column. Then put its id into a record: `{"<column>": [{"id": "..."}]}`."""
        records = Records.access(user_of(request), project_id, table, Right.WRITE_RECORDS)
        item = _column(records.resource, request.data.get("column"))
        uploads = request.FILES.getlist(_FIELD)
        if len(uploads) != 1:
            raise BadRequest(f"Send one file, in the form field {_FIELD!r}; there are {len(uploads)}.", code="no_file")
        return Response(described(store(records, item, uploads[0])), status.HTTP_201_CREATED)


class RecordFileAPI(APIView):
    """A file of a record."""

    @extend_schema(operation_id="records_file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, project_id: UUID, table: str, record_id: UUID, file_id: UUID) -> HttpResponseBase:
        """Reads what is in a file, for whoever may read the record."""
        records = Records.access(user_of(request), project_id, table)
        return file_response(request, find_file(records, record_id, file_id))


class RecordFile(RecordsView):
    """A file of a record, for the browser."""

    def get(self, request: HttpRequest, record_id: UUID, file_id: UUID) -> HttpResponseBase:
        """Shows a picture, downloads anything else."""
        return file_response(request, find_file(self.records, record_id, file_id))


def file_response(request: HttpRequest | Request, file: StoredFile) -> HttpResponseBase:
    """The bytes of a file, or that the browser has them already; raises `NotFound` when they are lost."""
    etag = f'"{file.sha256}"'
    response = cast("HttpResponseBase | None", get_conditional_response(request, etag=etag))
    if response is None:
        is_shown = file.content_type in SHOWN_IN_BROWSER
        response = FileResponse(
            files.content_of(file),
            as_attachment=not is_shown,
            filename=file.name,
            content_type=file.content_type if is_shown else UNKNOWN,
        )
        response.headers["Content-Length"] = str(file.size)
    for name, value in {**_HEADERS, "ETag": etag}.items():
        response.headers[name] = value
    return response


def _limits(request: HttpRequest, project_id: UUID, table: str) -> dict[str, int]:
    """The form says in another field for which column its file is: as long as the longest may be, it is read."""
    limits = limits_of(request, project_id, table)
    return {_FIELD: max(limits.values())} if limits else {}


def _column(resource: Resource, name: Any) -> ResourceField:
    found = {item.column.name: item for item in file_fields(resource)}
    if name not in found:
        wanted = ", ".join(found) or "none: this table has no column of the type attachment"
        raise BadRequest(f"Say in the form field 'column' which column the file is for: {wanted}.", code="no_column")
    return found[name]
