"""The API's addresses for schemas."""

from __future__ import annotations

from django.urls import path

from schemas import api, api_drafts, api_replay, api_usage

urlpatterns = [
    path("generate", api.GenerateView.as_view(), name="api-generate"),
    path("validate", api.ValidateView.as_view(), name="api-validate"),
    path("projects/<uuid:project_id>/versions", api.VersionListView.as_view(), name="api-versions"),
    path(
        "projects/<uuid:project_id>/versions/<str:before>/diff/<str:after>",
        api.VersionDiffView.as_view(),
        name="api-version-diff",
    ),
    path("projects/<uuid:project_id>/draft", api_drafts.DraftView.as_view(), name="api-draft"),
    path("projects/<uuid:project_id>/draft/undo", api_drafts.UndoView.as_view(), name="api-draft-undo"),
    path("projects/<uuid:project_id>/draft/redo", api_drafts.RedoView.as_view(), name="api-draft-redo"),
    path("vibe-replay/<uuid:project_id>", api_replay.VibeReplayView.as_view(), name="api-vibe-replay"),
    path("usage", api_usage.UsageView.as_view(), name="api-usage"),
]
