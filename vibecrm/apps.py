"""Loads the Celery application with Django, so that every process enqueues to the same broker."""

from __future__ import annotations

from django.apps import AppConfig


class VibecrmConfig(AppConfig):
    """The wiring."""

    name = "vibecrm"

    def ready(self) -> None:
        """Makes our Celery application the current one."""
        from vibecrm import celery  # noqa: F401, PLC0415 (it needs the settings, which are ready only now)
