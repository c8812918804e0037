"""All addresses."""

from django.contrib import admin
from django.urls import include, path

from accounts.views import health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("healthz", health, name="health"),
    path("", include("crud.urls")),
]
