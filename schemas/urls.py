"""The addresses of the home page, the builder and the history."""

from __future__ import annotations

from django.urls import path

from schemas import views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("projects/<uuid:project_id>/builder/", views.BuilderView.as_view(), name="builder"),
    path("projects/<uuid:project_id>/history/", views.HistoryView.as_view(), name="history"),
]
