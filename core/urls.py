"""The addresses of the platform's own pages."""

from __future__ import annotations

from django.urls import path

from core import lock_views, member_views, views

urlpatterns = [
    path("projects/", views.ProjectListView.as_view(), name="project-list"),
    path("projects/new/", views.ProjectCreateView.as_view(), name="project-create"),
    path("projects/<uuid:project_id>/", views.ProjectDetailView.as_view(), name="project-detail"),
    path("projects/<uuid:project_id>/settings/", views.ProjectSettingsView.as_view(), name="project-settings"),
    path("projects/<uuid:project_id>/delete/", views.ProjectDeleteView.as_view(), name="project-delete"),
    path("projects/<uuid:project_id>/members/", member_views.MembersView.as_view(), name="project-members"),
    path("projects/<uuid:project_id>/hand-over/", member_views.HandOverView.as_view(), name="project-hand-over"),
    path(
        "projects/<uuid:project_id>/members/<uuid:member_id>/role/",
        member_views.RoleView.as_view(),
        name="member-role",
    ),
    path(
        "projects/<uuid:project_id>/members/<uuid:member_id>/remove/",
        member_views.RemoveView.as_view(),
        name="member-remove",
    ),
    path("projects/<uuid:project_id>/schema-lock/", lock_views.SchemaLockView.as_view(), name="schema-lock"),
    path("projects/<uuid:project_id>/schema-lock/release/", lock_views.ReleaseView.as_view(), name="schema-release"),
    path("projects/<uuid:project_id>/schema-lock/freeze/", lock_views.FreezeView.as_view(), name="schema-freeze"),
    path(
        "projects/<uuid:project_id>/schema-lock/unfreeze/",
        lock_views.FreezeView.as_view(is_end=True),
        name="schema-unfreeze",
    ),
    path("jobs/<uuid:job_id>/", views.JobView.as_view(), name="job"),
    path("jobs/<uuid:job_id>/cancel/", views.JobCancelView.as_view(), name="job-cancel"),
]
