"""The API's addresses for exports."""

from __future__ import annotations

from django.urls import path

from exporter import api

urlpatterns = [
    path("export-code", api.ExportView.as_view(), name="api-export"),
    path("jobs/<uuid:job_id>/download", api.ExportDownloadView.as_view(), name="api-export-download"),
]
