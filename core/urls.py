"""The addresses of the platform's own pages."""

from __future__ import annotations

from django.urls import path

from core import views

urlpatterns = [
    path("projects/", views.ProjectListView.as_view(), name="project-list"),
    path("projects/new/", views.ProjectCreateView.as_view(), name="project-create"),
    path("projects/<uuid:project_id>/", views.ProjectDetailView.as_view(), name="project-detail"),
    path("projects/<uuid:project_id>/settings/", views.ProjectSettingsView.as_view(), name="project-settings"),
    path("projects/<uuid:project_id>/delete/", views.ProjectDeleteView.as_view(), name="project-delete"),
    path("jobs/<uuid:job_id>/", views.JobView.as_view(), name="job"),
]
