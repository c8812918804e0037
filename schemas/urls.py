"""The addresses of the home page, the builder, the history and the usage of AI."""

from __future__ import annotations

from django.urls import path

from schemas import usage_page, views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("usage/", usage_page.UsageView.as_view(), name="ai-usage"),
    path("projects/<uuid:project_id>/builder/", views.BuilderView.as_view(), name="builder"),
    path("projects/<uuid:project_id>/builder/undo/", views.UndoView.as_view(), name="draft-undo"),
    path("projects/<uuid:project_id>/builder/redo/", views.UndoView.as_view(is_redo=True), name="draft-redo"),
    path("projects/<uuid:project_id>/history/", views.HistoryView.as_view(), name="history"),
]
