"""Exported applications in Node: installing their packages, building and serving them, and where their tools are."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from exporter.targets import targets
from schemas.document import Schema
from tests.node import NODE, NPM, environment, run
from tests.programs import free_port

ESLINT = "node_modules/eslint/bin/eslint.js"
PRETTIER = "node_modules/prettier/bin/prettier.cjs"
NEXT = "node_modules/next/dist/bin/next"


def install(folder: Path) -> None:
    """Installs the packages that the folder's application states."""
    run(folder, NPM, "install", "--no-audit", "--no-fund")


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
    port = str(free_port())
    log = folder / "server.log"
    command = [NODE, NEXT, "start", "--hostname", "127.0.0.1", "--port", port]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=folder, env=environment(), stdout=output, stderr=output)
    try:
        yield _answering(f"http://127.0.0.1:{port}", log)
    finally:
        server.terminate()
        server.wait(10)


def _answering(address: str, log: Path) -> str:
    for _ in range(300):
        try:
            with urlopen(f"{address}/sign-in", timeout=5):
                return address
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))
