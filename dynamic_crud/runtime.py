"""From a project to its built schema version, kept in memory.

A version never changes, so what was built from it never goes stale and nothing is ever invalidated: a request reads
the project's active version and asks for exactly that one. Versions that nobody asks for any more fall out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final

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


def get_runtime(project: Project) -> Runtime:
    """The project's active version, ready to use.

    Args:
        project: as `core.permissions` gives it, with its active version loaded.

    Raises:
        NotFound: when nothing has been provisioned yet.
    """
    config = project.active_config
    if config is None:
        raise NotFound("This project has no tables yet: generate and provision a schema first.")
    return runtimes.get((project.pk, config.pk, CODE_VERSION), lambda: Runtime(Schema.from_json(config.document)))
