"""The schema language, and how schemas are drafted from words."""

from __future__ import annotations

from django.apps import AppConfig


class SchemasConfig(AppConfig):
    """Knows documents and their versions; executes nothing in a project's database."""

    name = "schemas"
