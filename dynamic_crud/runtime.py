"""From a project to its built schema version, kept in memory.

A version never changes, so what was built from it never goes stale and nothing is ever invalidated: a request reads
the project's active version and asks for exactly that one. Versions that nobody asks for any more fall out.

Which version is active is remembered too, as a hint: whoever goes by it reads the pointer with the rows.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Final
from uuid import UUID

from django.conf import settings

from core.errors import NotFound
from core.models import Project
from dynamic_crud.resources import Runtime
from schemas.document import Schema

CODE_VERSION: Final = 1
"""Raised when the same document is built into something else, for caches that outlive a process."""


class RuntimeCache:
    """The most recently used runtimes, each built once, whatever the number of threads that ask for it.

    Args:
        size: how many are kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._runtimes: OrderedDict[Hashable, Runtime] = OrderedDict()
        self._builders: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def get(self, key: Hashable, build: Callable[[], Runtime]) -> Runtime:
        """The runtime under `key`; `build` makes it when it is not there. Who waits for a build waits for its own."""
        with self._lock:
            if key in self._runtimes:
                self._runtimes.move_to_end(key)
                return self._runtimes[key]
            builder = self._builders.setdefault(key, Lock())
        with builder:
            with self._lock:
                if key in self._runtimes:
                    return self._runtimes[key]
            try:
                return self._publish(key, build())
            finally:
                with self._lock:
                    self._builders.pop(key, None)

    def find(self, key: Hashable) -> Runtime | None:
        """The runtime under `key`, if it is there."""
        with self._lock:
            if key in self._runtimes:
                self._runtimes.move_to_end(key)
            return self._runtimes.get(key)

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._runtimes.clear()

    def __len__(self) -> int:
        return len(self._runtimes)

    def _publish(self, key: Hashable, runtime: Runtime) -> Runtime:
        with self._lock:
            self._runtimes[key] = runtime
            while len(self._runtimes) > self._size:
                self._runtimes.popitem(last=False)
        return runtime


runtimes: Final = RuntimeCache(settings.RUNTIME_CACHE_SIZE)


@dataclass(frozen=True, slots=True)
class Hint:
    """What a project was when this process last saw it. Whoever uses one asks the database in the same transaction."""

    version: UUID
    database: str
    runtime: Runtime


_seen: Final[OrderedDict[UUID, tuple[UUID, str]]] = OrderedDict()
"""The version and the database of projects, by their ids."""
_MOST_SEEN: Final = 10_000
_seen_lock: Final = Lock()


def get_runtime(project: Project) -> Runtime:
    """The project's active version, ready to use.

    Args:
        project: as `core.permissions` gives it, with its active version and placement loaded.

    Raises:
        NotFound: when nothing has been provisioned yet.
    """
    config = project.active_config
    if config is None:
        raise NotFound("This project has no tables yet: generate and provision a schema first.")
    runtime = runtimes.get(_key(project.pk, config.pk), lambda: Runtime(Schema.from_json(config.document)))
    with _seen_lock:
        _seen[project.pk] = (config.pk, project.placement.database)
        _seen.move_to_end(project.pk)
        while len(_seen) > _MOST_SEEN:
            _seen.popitem(last=False)
    return runtime


def hint_of(project_id: UUID) -> Hint | None:
    """What this process knows of a project, and that may be out of date; None when it knows nothing."""
    version, database = _seen.get(project_id, (None, ""))
    runtime = runtimes.find(_key(project_id, version)) if version else None
    return Hint(version, database, runtime) if version and runtime else None


def _key(project_id: UUID, config_id: UUID) -> Hashable:
    return (project_id, config_id, CODE_VERSION)
