"""The API's address of provisioning."""

from __future__ import annotations

from django.urls import path

from provisioning import api

urlpatterns = [path("provision", api.ProvisionView.as_view(), name="api-provision")]
