"""The product's web server, as `make run` starts it, on a port of its own; and how much memory it takes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import Client
from vibecrm import embedded


@dataclass(frozen=True)
class Web:
    """A running server.

    Args:
        port: on this machine.
        pid: of its main process, which starts the others.
    """

    port: int
    pid: int

    def memory_mb(self) -> float:
        """What the largest of the processes that serve takes, in MB."""
        return max(_resident_mb(pid) for pid in _children(self.pid))


@contextmanager
def web_server(processes: int = 1) -> Iterator[Web]:
    """Serves for as long as the block runs.

    Args:
        processes: how many of them serve.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(processes), "--blocking-threads", "8", "--no-ws", "--log-level", "warning",
        "vibecrm.wsgi:application",
    ]  # fmt: skip
    server = subprocess.Popen(command, env={**os.environ, "LOG_LEVEL": "ERROR"}, cwd=embedded.PROJECT_ROOT)
    try:
        _wait(port)
        yield Web(port, server.pid)
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            client = Client(port)
            client.get("/healthz")
            client.close()
        except (OSError, AssertionError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("The web server did not start.")


def _children(pid: int) -> list[int]:
    task = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in task.read_text().split()] or [pid]


def _resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0
