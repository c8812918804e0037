"""The addresses of the plan, its approval and its outcome."""

from __future__ import annotations

from django.urls import path

from provisioning import views

urlpatterns = [
    path("projects/<uuid:project_id>/plan/<uuid:trace_id>/", views.PlanView.as_view(), name="plan"),
    path("projects/<uuid:project_id>/plan/<uuid:trace_id>/provision/", views.ProvisionView.as_view(), name="provision"),
    path("projects/<uuid:project_id>/provisioned/", views.ProvisionedView.as_view(), name="provisioned"),
]
