"""Child processes: started, watched, started again, and ended with all that they have started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.product import ROOT, until
from vibecrm import processes
from vibecrm.processes import Process, is_alive

pytestmark = pytest.mark.servers

FOREVER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + FOREVER
WITH_CHILD = (
    f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {STUBBORN!r}], stdout=-3).pid); " + FOREVER
)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Makes processes that run a line of Python, and ends them after the test."""
    made: list[Process] = []

    def build(script: str, **options: float) -> Process:
        process = Process(
            name="part",
            command=(sys.executable, "-c", script),
            log=tmp_path / "part.log",
            environment=os.environ,
            directory=tmp_path,
            **options,
        )
        made.append(process)
        return process

    yield build
    for process in made:
        process.stop()


def up(process: Process) -> None:
    until(lambda: "up" in process.log.read_text(), 10, "The process is up")


def test_its_output_is_in_its_log(make: Callable[..., Process]) -> None:
    process = make("import sys; print('to stdout'); print('to stderr', file=sys.stderr); sys.exit(3)")
    process.start()
    until(lambda: process.exit_code is not None, 10, "It ends")
    assert process.exit_code == 3
    assert set(process.log.read_text().splitlines()) == {"to stdout", "to stderr"}


def test_a_large_log_is_moved_aside(make: Callable[..., Process], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MAX_LOG_BYTES", 10)
    process = make(FOREVER)
    process.log.write_text("long ago " * 10)
    process.start()
    up(process)
    assert process.log.read_text() == "up\n"
    assert process.log.with_name("part.log.1").read_text().startswith("long ago")


def test_it_ends_when_asked(make: Callable[..., Process]) -> None:
    process = make(FOREVER)
    process.start()
    up(process)
    process.stop()
    assert process.exit_code == -signal.SIGTERM


def test_it_is_killed_when_it_does_not_listen(make: Callable[..., Process]) -> None:
    process = make(STUBBORN, stop_seconds=0.2)
    process.start()
    up(process)
    process.stop()
    assert process.exit_code == -signal.SIGKILL


def test_what_it_has_started_ends_with_it(make: Callable[..., Process]) -> None:
    process = make(WITH_CHILD)
    process.start()
    up(process)
    child = int(process.log.read_text().split()[0])
    assert is_alive(child)
    process.stop()
    until(lambda: not is_alive(child), 5, "The child is gone")


def test_one_that_dies_after_a_good_while_is_back_at_once(
    make: Callable[..., Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STEADY_SECONDS", 0.0)
    process = make(FOREVER)
    process.start()
    up(process)
    assert process.tend() is None
    process.log.write_text("")
    subprocess.run(["kill", "-9", str(process._child.pid)], check=True)
    said = until(process.tend, 5, "The death is noticed")
    assert said.startswith("part was killed by signal 9; starting it again")
    assert process.tend() is None
    up(process)


def test_one_that_dies_at_once_is_started_again_after_growing_pauses(make: Callable[..., Process]) -> None:
    process = make("print('x', flush=True)")
    process.start()
    deadline = time.monotonic() + 3
    notices = 0
    while time.monotonic() < deadline:
        notices += process.tend() is not None
        time.sleep(0.02)
    assert notices == process.failures
    assert 2 <= process.failures <= 4


def test_it_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = """
import os, pathlib, sys, time
from vibecrm.processes import Process
folder = pathlib.Path(sys.argv[1])
process = Process("part", (sys.executable, "-c", "import time; time.sleep(60)"), folder / "log", os.environ, folder)
process.start()
print(process._child.pid, flush=True)
time.sleep(60)
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    until(lambda: not is_alive(child), 5, "The child is gone")


def test_a_process_that_nobody_has_waited_for_is_not_alive() -> None:
    with subprocess.Popen(["true"]) as child:
        until(lambda: not is_alive(child.pid), 5, "The zombie counts as dead")
