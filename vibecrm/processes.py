"""Processes that outlive nobody: start them, watch them, stop them, look at those of others."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_PR_SET_PDEATHSIG = 1
"""From Linux' `prctl.h`: the signal that a process gets when the thread that started it is gone."""

MAX_LOG_BYTES = 10 * 1024 * 1024
"""A log larger than this is moved aside to `<name>.1` when its process starts."""


STEADY_SECONDS = 10.0
"""A process that has run for so long was healthy: when it ends, it is started again without a pause."""


def open_log(path: Path) -> BinaryIO:
    """A log file to append to. The previous one is kept as `<name>.1` once it is larger than 10 MiB."""
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab", buffering=0)


def dying_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """What `Popen(preexec_fn=)` needs for a child that gets the signal `number` when its parent dies, even by kill -9.

    Only Linux knows this; elsewhere None. The kernel watches the thread that starts the child: use the main one.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number))

    return ask


def is_alive(pid: int) -> bool:
    """Whether the process runs. One that has ended and that nobody has waited for (a zombie) does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    if not stat.parent.parent.joinpath("self").exists():
        return True
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def works_in(pid: int, directory: Path, program: str) -> bool:
    """Whether the process is a `program` at work in `directory`, and not another one that was given the same number.

    Where the system does not tell a process' directory (macOS), the name of the program must do.
    """
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == directory.resolve()
    except OSError:
        pass
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return program in listed.stdout


def wait_until_gone(pid: int, seconds: float, child: subprocess.Popen[bytes] | None = None) -> bool:
    """Waits for a process to end, its own child or not. False when it still runs after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child is not None:
            child.poll()
        if not is_alive(pid):
            return True
        time.sleep(0.02)
    return False


@dataclass
class Process:
    """One part of the product: a child process in a group of its own, with its output in a log file.

    Attributes:
        name: What people read: `web`, `worker`.
        command: The program and its arguments.
        log: Where its stdout and stderr go.
        environment: Its variables.
        directory: Where it runs.
        stop_seconds: How long it may take to end after SIGTERM before it is killed.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    directory: Path
    stop_seconds: float = 10.0
    failures: int = field(default=0, init=False)
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started_at: float = field(default=0.0, init=False)
    _restart_at: float | None = field(default=None, init=False)

    def start(self) -> None:
        """Starts it. It is asked to end when we end, even if we are killed."""
        with open_log(self.log) as log:
            self._child = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env=dict(self.environment),
                start_new_session=True,
                preexec_fn=dying_with_parent(signal.SIGTERM),
            )
        self._started_at = time.monotonic()
        self._restart_at = None

    @property
    def exit_code(self) -> int | None:
        """How it ended: negative for a signal, None while it runs."""
        if self._child is None:
            raise RuntimeError(f"{self.name} has not been started.")
        return self._child.poll()

    def tend(self) -> str | None:
        """Starts it again when it has ended: at once after a good while, else after a pause that grows.

        Returns:
            One line about its end, the first time that it is noticed.
        """
        code = self.exit_code
        if code is None:
            return None
        if self._restart_at is None:
            self._kill_group()
            lived = time.monotonic() - self._started_at
            self.failures = 0 if lived > STEADY_SECONDS else self.failures + 1
            self._restart_at = time.monotonic() + (0 if not self.failures else min(0.25 * 2**self.failures, 30))
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            return f"{self.name} {how}; starting it again (its log: {self.log})"
        if time.monotonic() >= self._restart_at:
            self.start()
        return None

    def ask_to_stop(self) -> None:
        """Sends SIGTERM, on which it finishes what it is doing."""
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()

    def stop(self) -> None:
        """Ends it, with all the processes that it has started."""
        self.ask_to_stop()
        self.wait_until_stopped()

    def wait_until_stopped(self) -> None:
        """Waits until it has ended, and kills it and what it has started when that takes too long."""
        if self._child is None:
            return
        wait_until_gone(self._child.pid, self.stop_seconds, self._child)
        self._kill_group()
        self._child.wait()

    def _kill_group(self) -> None:
        """Kills what is left of its group: the children of a process that was killed itself hold its port and files."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)


@dataclass(frozen=True)
class Group:
    """Processes that start and stop together."""

    processes: tuple[Process, ...]

    def start(self) -> None:
        """Starts all of them."""
        for process in self.processes:
            process.start()

    def tend(self) -> list[str]:
        """Starts again those that have ended, and says so."""
        return [line for process in self.processes if (line := process.tend()) is not None]

    def stop(self) -> None:
        """Ends all of them. They are asked together, and waited for in their order."""
        for process in self.processes:
            process.ask_to_stop()
        for process in self.processes:
            process.wait_until_stopped()
