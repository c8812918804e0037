"""The platform's own data and the doors to its tenants' data."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """The lowest layer: imports none of the other apps."""

    name = "core"

    def ready(self) -> None:
        """Loads every app's `jobs`, which registers its kinds of job, and `openapi`, its parts of that document."""
        autodiscover_modules("jobs", "openapi")
