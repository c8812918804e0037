"""The API's addresses of provisioning."""

from __future__ import annotations

from django.urls import path

from provisioning import api, rollback_api

urlpatterns = [
    path("provision", api.ProvisionView.as_view(), name="api-provision"),
    path("rollback/<uuid:project_id>", rollback_api.RollbackView.as_view(), name="api-rollback"),
]
