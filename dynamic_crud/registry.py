"""A private registry for the models of one schema version.

Django's own registry never forgets a class, and a bare `Apps()` does not list its models, so that reverse lookups and
cascades silently find nothing. This one works as the migration framework's does: stub app configs list the models, and
the whole registry dies with the last reference to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.apps import AppConfig
from django.apps.registry import Apps
from django.db import models

APP_LABEL = "records"
"""The label of every runtime model: registries are private, so it need not be unique."""


class UnresolvedRelation(LookupError):
    """A relation points to a table that the schema does not have."""


class _StubConfig(AppConfig):
    """An app config that only lists the models registered under its label."""

    def __init__(self, label: str, apps: SchemaApps) -> None:
        # The base class wants an importable module; these models have none.
        self.apps: Any = apps
        self.label = label
        self.name = label
        self.models = apps.all_models[label]


class SchemaApps(Apps):
    """The registry of one schema version's models."""

    def __init__(self) -> None:
        super().__init__(())
        self.app_configs[APP_LABEL] = _StubConfig(APP_LABEL, self)

    @contextmanager
    def building(self) -> Iterator[None]:
        """Registers models without expiring all the others' caches for each one.

        Raises:
            UnresolvedRelation: at the end, when a relation's target was never registered.
        """
        self.ready = False
        try:
            yield
        finally:
            self.ready = True
            self.clear_cache()
        if self._pending_operations:
            missing = ", ".join(sorted(name for _, name in self._pending_operations))
            raise UnresolvedRelation(f"No table of the schema has the model {missing}.")

    def warm(self) -> None:
        """Fills what Django fills lazily, so that threads only ever read it.

        Relation trees, field maps and join paths are computed on first use and stored on the classes. Afterwards the
        process-wide cache of `get_models`, which would keep this registry alive, is emptied.
        """
        for model in self.get_models(include_auto_created=True):
            _warm_model(model)
        cast("Any", self.get_models).cache_clear()


def _warm_model(model: type[models.Model]) -> None:
    options = model._meta
    options.get_fields(include_hidden=True)
    for name in ("fields_map", "concrete_fields", "related_objects", "_relation_tree", "db_returning_fields"):
        getattr(options, name)
    for field in options.get_fields():
        if isinstance(field, models.ForeignKey | models.ManyToManyField | models.ForeignObjectRel):
            getattr(field, "path_infos")  # noqa: B009  (a cached property that the type stubs lack)
