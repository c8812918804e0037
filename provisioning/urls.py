"""The addresses of the plan, its approval and its outcome, of earlier versions, and of the leak test."""

from __future__ import annotations

from django.urls import path

from provisioning import leak_views, rollback_views, views

urlpatterns = [
    path("projects/<uuid:project_id>/plan/<uuid:trace_id>/", views.PlanView.as_view(), name="plan"),
    path("projects/<uuid:project_id>/plan/<uuid:trace_id>/provision/", views.ProvisionView.as_view(), name="provision"),
    path("projects/<uuid:project_id>/provisioned/", views.ProvisionedView.as_view(), name="provisioned"),
    path(
        "projects/<uuid:project_id>/versions/<str:version>/rollback/",
        rollback_views.RollbackView.as_view(),
        name="rollback",
    ),
    path(
        "projects/<uuid:project_id>/versions/<str:before>/<str:after>/",
        rollback_views.VersionDiffView.as_view(),
        name="version-diff",
    ),
    path("projects/<uuid:project_id>/isolation/", leak_views.IsolationView.as_view(), name="isolation"),
]
