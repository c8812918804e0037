"""The embedded servers as a pair, kept running for as long as somebody uses them."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType

from vibecrm.embedded.errors import EmbeddedServerError, explained
from vibecrm.embedded.homes import Home, home, load_environment
from vibecrm.embedded.postgres import Postgres
from vibecrm.embedded.redis import Redis
from vibecrm.embedded.server import Server
from vibecrm.locks import Lock


class Servers:
    """The embedded PostgreSQL and Redis of a home folder.

    Whoever uses them holds a shared lock; the last one out stops them. A user that is killed lets go of its lock and
    stops nothing: the next one adopts what still runs.
    """

    def __init__(self, path: Path, *, postgres: bool = True, redis: bool = True, throwaway: bool = False) -> None:
        """Describes the servers of the folder `path`; nothing starts yet.

        Args:
            path: The home folder, created if it is not there.
            postgres: Whether PostgreSQL is wanted.
            redis: Whether Redis is wanted.
            throwaway: For tests: nothing is synced to disk, the servers die with the process that started them, and
                their data are removed at the end.
        """
        self.path = path
        self.throwaway = throwaway
        kinds: list[type[Server]] = [*([Postgres] if postgres else []), *([Redis] if redis else [])]
        self.servers = tuple(kind(self.home, throwaway=throwaway) for kind in kinds)

    @cached_property
    def home(self) -> Home:
        """The folder's addresses and passwords. Where both servers are elsewhere, it is never made."""
        return Home.open(self.path, throwaway=self.throwaway)

    @cached_property
    def _start_lock(self) -> Lock:
        return Lock(self.home.storage / "start.lock")

    @cached_property
    def _users_lock(self) -> Lock:
        return Lock(self.home.storage / "users.lock")

    @property
    def database_url(self) -> str:
        """The address of the database for the app's own role."""
        return self.home.database_url

    @property
    def redis_url(self) -> str:
        """The address of Redis, as redis-py reads it."""
        return self.home.redis_url

    def acquire(self) -> None:
        """Becomes a user of the servers, starting those that do not run.

        Raises:
            EmbeddedServerError: when one cannot be had. Then the others are let go of again.
        """
        if not self.servers:
            return
        with explained(self.home.storage):
            self._make_storage()
            with self._start_lock.held():
                self._users_lock.acquire(shared=True)
                try:
                    self._link_storage()
                    self._start()
                except BaseException:
                    self._leave()
                    raise

    def ensure(self) -> list[str]:
        """Starts again what has died while in use.

        Returns:
            The titles of the servers that had to be started.

        Raises:
            EmbeddedServerError: when one cannot be had.
        """
        if all(server.pid() is not None for server in self.servers):
            return []
        with explained(self.home.storage), self._start_lock.held():
            return self._start()

    def release(self) -> None:
        """Stops being a user of the servers. The last one out stops them, PostgreSQL last, and waits for that."""
        if not self.servers:
            return
        with explained(self.home.storage), self._start_lock.held():
            self._leave()
        if self.throwaway:
            for server in self.servers:
                shutil.rmtree(server.data, ignore_errors=True)
            if self.home.storage != self.home.path:
                shutil.rmtree(self.home.storage, ignore_errors=True)
            shutil.rmtree(self.home.sockets, ignore_errors=True)

    def __enter__(self) -> Servers:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _start(self) -> list[str]:
        return [server.title for server in self.servers if server.start()]

    def _leave(self) -> None:
        self._users_lock.release()
        if not self._users_lock.acquire(wait=False):
            return
        try:
            for server in reversed(self.servers):
                server.stop()
        finally:
            self._users_lock.release()

    def _make_storage(self) -> None:
        """Makes the folder of the data and of the locks where that is not the home."""
        storage = self.home.storage
        if storage == self.home.path:
            return
        storage.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        try:
            storage.mkdir()
        except FileExistsError:
            found = storage.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise EmbeddedServerError(f"{storage} is in the way: it is not our folder. Move it away.") from None
        else:
            storage.chmod(0o711)

    def _link_storage(self) -> None:
        """Shows in the home where the data are. Under the start lock: another user does the same."""
        for server in self.servers:
            link = self.home.path / server.folder
            if server.data != link and not link.is_symlink():
                link.symlink_to(server.data)


@contextmanager
def servers() -> Iterator[Servers]:
    """The servers of this installation for the duration of a command: those of a running product, or its own.

    A server whose address is in the environment (`DATABASE_URL`, `REDIS_URL`) is not ours to start. SIGTERM ends the
    block as SystemExit does, so that nothing keeps running.
    """
    load_environment()
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    own = Servers(home(), postgres=not os.environ.get("DATABASE_URL"), redis=not os.environ.get("REDIS_URL"))
    with own:
        yield own
