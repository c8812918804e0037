"""Addresses of the records API."""

from __future__ import annotations

from django.urls import path

from dynamic_crud import api, file_views, openapi_views
from dynamic_crud.trash import api as trash

urlpatterns = [
    path("projects/<uuid:project_id>/schema", openapi_views.ProjectSchema.as_view(), name="api-project-schema"),
    path("projects/<uuid:project_id>/tables/<slug:table>/records", api.RecordsAPI.as_view(), name="api-records"),
    path(
        "projects/<uuid:project_id>/tables/<slug:table>/records/<uuid:record_id>",
        api.RecordAPI.as_view(),
        name="api-record",
    ),
    path("projects/<uuid:project_id>/tables/<slug:table>/files", file_views.FilesAPI.as_view(), name="api-files"),
    path(
        "projects/<uuid:project_id>/tables/<slug:table>/records/<uuid:record_id>/files/<uuid:file_id>",
        file_views.RecordFileAPI.as_view(),
        name="api-record-file",
    ),
    path("projects/<uuid:project_id>/trash", trash.TrashAPI.as_view(), name="api-trash"),
    path("projects/<uuid:project_id>/trash/<uuid:batch>", trash.TrashBatchAPI.as_view(), name="api-trash-batch"),
    path(
        "projects/<uuid:project_id>/trash/<uuid:batch>/restore",
        trash.TrashRestoreAPI.as_view(),
        name="api-trash-restore",
    ),
]
