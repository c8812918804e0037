"""Programs that tests run and wait for, and the ports that their servers listen on."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def output_of(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], seconds: int = 280) -> str:
    """What a program prints; fails the test with it.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        environment: all the variables that it finds.
        seconds: how long it may take.
    """
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output[-8000:]
    return output


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
