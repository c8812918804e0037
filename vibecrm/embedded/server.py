"""What PostgreSQL and Redis have in common as processes of ours."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from vibecrm.embedded.accounts import Account
from vibecrm.embedded.errors import EmbeddedServerError, disk_full, explained
from vibecrm.embedded.homes import Home
from vibecrm.processes import dying_with_parent, is_alive, open_log, wait_until_gone, works_in

START_SECONDS = 60.0
"""How long a server may take to accept connections: recovery after a crash replays what was written since the last
checkpoint, which is seconds on the slowest disk."""


def installed(package: str) -> Path:
    """The folder of an installed package, without importing it.

    Raises:
        EmbeddedServerError: when it is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(
            f"The Python package {package.replace('_', '-')} is not installed: run `make setup`, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.submodule_search_locations[0])


class Server(ABC):
    """An embedded server. It runs on its own: whoever started it may end first.

    Attributes:
        title: What people read.
        program: The name of its executable.
        folder: The name of its data folder.
        stop_signals: What to send to end it, and for how many seconds to wait each time.
    """

    title: ClassVar[str]
    program: ClassVar[str]
    folder: ClassVar[str]
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]]

    def __init__(self, home: Home, *, throwaway: bool = False) -> None:
        """Describes the server of `home`. A throwaway one gives up durability for speed and dies with its starter."""
        self.home = home
        self.throwaway = throwaway
        self.data = home.storage / self.folder
        self.log = home.path / f"{self.program}.log"
        self._child: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server accepts our connections now."""

    @abstractmethod
    def prepare(self, account: Account) -> list[str]:
        """Makes the data ready and gives the command line that serves them."""

    @property
    @abstractmethod
    def pid_file(self) -> Path:
        """The file whose first line is the number of the server's process."""

    @property
    @abstractmethod
    def needed_bytes(self) -> int:
        """The free space without which starting makes no sense."""

    @abstractmethod
    def reason(self, log: str) -> str:
        """One sentence from what the server wrote while it failed to start."""

    @abstractmethod
    def settle(self) -> None:
        """What there is to do once the server answers, every time it has been started."""

    def pid(self) -> int | None:
        """The process that serves these data, whoever started it. None when there is none."""
        if self._child is not None:
            self._child.poll()
        try:
            number = int(self.pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return number if is_alive(number) and works_in(number, self.data, self.program) else None

    def start(self) -> bool:
        """Has the server running and answering. True when it had to be started. Only under the start lock.

        Raises:
            EmbeddedServerError: when it cannot be had.
        """
        if self.pid() is not None and self._wait(lambda: self.pid() is not None):
            return False
        account = Account.for_data(self.data)
        with explained(self.data):
            if shutil.disk_usage(self.home.storage).free < self.needed_bytes:
                raise disk_full(self.home.storage)
            command = self.prepare(account)
            self._remove_leftovers()
        self._launch(command, account)
        self.settle()
        return True

    def stop(self) -> None:
        """Ends the server, gently first."""
        pid = self.pid()
        if pid is None:
            return
        for number, seconds in self.stop_signals:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            if wait_until_gone(pid, seconds, self._child):
                return

    def _launch(self, command: list[str], account: Account) -> None:
        """Starts the server and waits for it, again while what a killed one left behind is still going away."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            written = self._spawn(command, account)
            if self._wait(lambda: self._child is not None and self._child.poll() is None):
                return
            said = written()
            if "still in use" not in said or time.monotonic() > deadline:
                raise EmbeddedServerError(self.reason(said))
            time.sleep(0.2)

    def _spawn(self, command: list[str], account: Account) -> Callable[[], str]:
        """Starts the process. What it returns tells what the process has written to its log."""
        with explained(self.log), open_log(self.log) as log:
            begin = log.seek(0, os.SEEK_END)
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                start_new_session=True,
                preexec_fn=dying_with_parent(self.stop_signals[0][0]) if self.throwaway else None,
                **account.popen,
            )

        def written() -> str:
            with self.log.open("rb") as stream:
                stream.seek(begin)
                return stream.read(64 * 1024).decode(errors="replace")

        return written

    def _wait(self, runs: Callable[[], bool]) -> bool:
        """Waits until the server answers. False when it ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            alive = runs()
            if self.answers():
                return True
            if not alive:
                return False
            time.sleep(0.02)
        raise EmbeddedServerError(
            f"{self.title} did not answer within {START_SECONDS:.0f} seconds of its start: see {self.log}."
        )

    def _remove_leftovers(self) -> None:
        """Removes the pid file of a crashed server: its number may belong to another program by now."""
        self.pid_file.unlink(missing_ok=True)
