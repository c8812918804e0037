"""The API's addresses for accounts, projects and jobs."""

from __future__ import annotations

from django.urls import path

from core import api, lock_api, member_api

urlpatterns = [
    path("auth/signup", api.SignupView.as_view(), name="api-signup"),
    path("auth/token", api.TokenView.as_view(), name="api-token"),
    path("auth/token/refresh", api.RefreshView.as_view(), name="api-token-refresh"),
    path("auth/user", api.CurrentUserView.as_view(), name="api-user"),
    path("projects", api.ProjectListView.as_view(), name="api-projects"),
    path("projects/<uuid:project_id>", api.ProjectView.as_view(), name="api-project"),
    path("projects/<uuid:project_id>/members", member_api.MembersView.as_view(), name="api-members"),
    path("projects/<uuid:project_id>/members/<uuid:user_id>", member_api.MemberView.as_view(), name="api-member"),
    path("schema-lock/<uuid:project_id>", lock_api.SchemaLockView.as_view(), name="api-schema-lock"),
    path("schema-lock/<uuid:project_id>/freeze", lock_api.SchemaFreezeView.as_view(), name="api-schema-freeze"),
    path("jobs/<uuid:job_id>", api.JobView.as_view(), name="api-job"),
]
