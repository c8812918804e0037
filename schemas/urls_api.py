"""The API's addresses for schemas."""

from __future__ import annotations

from django.urls import path

from schemas import api

urlpatterns = [
    path("generate", api.GenerateView.as_view(), name="api-generate"),
    path("validate", api.ValidateView.as_view(), name="api-validate"),
    path("projects/<uuid:project_id>/versions", api.VersionListView.as_view(), name="api-versions"),
    path(
        "projects/<uuid:project_id>/versions/<str:before>/diff/<str:after>",
        api.VersionDiffView.as_view(),
        name="api-version-diff",
    ),
]
