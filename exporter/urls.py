"""The addresses of the export pages."""

from __future__ import annotations

from django.urls import path

from exporter import views

urlpatterns = [
    path("projects/<uuid:project_id>/export/", views.ExportView.as_view(), name="export"),
    path("projects/<uuid:project_id>/export/<uuid:job_id>/", views.ExportedView.as_view(), name="exported"),
    path(
        "projects/<uuid:project_id>/export/<uuid:job_id>/download/",
        views.DownloadView.as_view(),
        name="export-download",
    ),
]
