"""All URLs: each app brings its pages and its part of the API."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from core.admin import staff_site
from core.health import healthz
from schemas.format.views import schema_format

# Addresses are tried one after the other: those of records, which are asked for most, come first.
api = [
    path("", include("dynamic_crud.urls_api")),
    path("", include("core.urls_api")),
    path("", include("schemas.urls_api")),
    path("", include("provisioning.urls_api")),
    path("", include("exporter.urls_api")),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("healthz", healthz, name="healthz"),
    path("admin/", staff_site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    path("api/schema-format/v1.json", schema_format, name="schema-format"),
    path("", include("core.urls")),
    path("", include("schemas.urls")),
    path("", include("provisioning.urls")),
    path("", include("dynamic_crud.urls")),
    path("", include("exporter.urls")),
]

handler400 = "core.error_views.bad_request_page"
handler403 = "core.error_views.forbidden_page"
handler404 = "core.error_views.not_found_page"
handler500 = "core.error_views.internal_error_page"
