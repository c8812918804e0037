"""The product as a person starts it: a whole `make run` on a home and a port of its own, watched from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.programs import free_port
from vibecrm.embedded import Home

ROOT = Path(__file__).resolve().parents[2]

OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "VIBECRM_HOME", "PORT", "HOST")


def environment(home: Path, **variables: str) -> dict[str, str]:
    """The variables of a fresh shell, with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**kept, "DATABASE_URL": "", "REDIS_URL": "", "VIBECRM_HOME": str(home), **variables}


def manage(home: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """A command of manage.py, started."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(home, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Waits for something to become true, and gives it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds:.0f} s.")


def processes_of(home: Path) -> dict[int, str]:
    """The command lines of all running processes that belong to a home, by their number."""
    marks = [str(home), str(Home.open(home).storage)] if home.joinpath("credentials.json").exists() else [str(home)]
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = folder.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode()
            variables = folder.joinpath("environ").read_bytes().split(b"\0")
        except OSError:
            continue
        ours = any(mark in command for mark in marks) or f"VIBECRM_HOME={home}".encode() in variables
        if command and ours and int(folder.name) != os.getpid():
            found[int(folder.name)] = command
    return found


class Product:
    """A running `make run`."""

    def __init__(self, home: Path, port: int | None = None, **variables: str) -> None:
        self.home = home
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = home.with_name(f"{home.name}.output")
        self.started = time.monotonic()
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vibecrm.supervisor", "run"],
                cwd=ROOT,
                env=environment(home, PORT=str(self.port), **variables),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def call(self, method: str, path: str, data: Any = None, token: str = "") -> Any:
        """The JSON answer of an API call. Raises OSError when there is none or it is an error."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        body = None if data is None else json.dumps(data).encode()
        with urlopen(Request(self.url + path, body, headers, method=method), timeout=10) as response:
            return json.loads(response.read())

    def healthy(self) -> bool:
        try:
            return self.call("GET", "/healthz")["status"] == "ok"
        except OSError:
            return False

    def wait_until_served(self, seconds: float = 90) -> float:
        """How many seconds it took from the start until it answered."""

        def served() -> bool:
            assert self.process.poll() is None, self.said
            return self.healthy()

        until(served, seconds, f"The product serves\n{self.said}")
        return time.monotonic() - self.started

    def token(self) -> str:
        """The access token of a new user."""
        account = {"email": f"user{time.monotonic_ns()}@example.com", "password": "a-Long-passphrase-1"}
        self.call("POST", "/api/v1/auth/signup", account)
        return self.call("POST", "/api/v1/auth/token", account)["access"]

    def pids(self, *words: str) -> set[int]:
        """The processes of this home whose command line has all these words."""
        return {pid for pid, line in processes_of(self.home).items() if all(word in line for word in words)}

    def pid(self, *words: str) -> int | None:
        """The oldest of these processes."""
        return min(self.pids(*words), default=None)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code after the signal."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def served(home: Path, **variables: str) -> Iterator[Product]:
    """A product that answers, stopped at the end."""
    product = Product(home, **variables)
    try:
        product.wait_until_served()
        yield product
    finally:
        product.stop()


def refused(home: Path, **variables: str) -> str:
    """The one sentence of a `make run` that cannot start."""
    done = subprocess.run(
        [sys.executable, "-m", "vibecrm.supervisor", "run"],
        cwd=ROOT,
        env=environment(home, **variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done
    sentences = done.stderr.strip().splitlines()
    assert len(sentences) == 1, done.stderr
    return sentences[0]
