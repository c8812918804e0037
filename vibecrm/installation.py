"""The virtual environment of the project: made, filled and kept up to date, with nothing but Python itself.

This module and what it imports run before anything is installed, also on a Python that is too old: only the standard
library, and only the syntax that an old Python can read.
"""

from __future__ import annotations

import hashlib
import importlib.util
import signal
import subprocess
import sys
from pathlib import Path

from vibecrm.locks import Lock
from vibecrm.processes import dying_with_parent

PROJECT_ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = PROJECT_ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
LOG = ENVIRONMENT / "install.log"

OLDEST_PYTHON = (3, 11)


class InstallationError(Exception):
    """The environment cannot be made. The message is one sentence that says why and what to do."""


def check_python() -> None:
    """Refuses a Python that is too old.

    Raises:
        InstallationError: naming both versions.
    """
    if sys.version_info < OLDEST_PYTHON:
        raise InstallationError(
            f"VibeCRM needs Python {'.'.join(map(str, OLDEST_PYTHON))} or newer and this is "
            f"{sys.version.split()[0]}: install a newer one and name it, for example `PYTHON=python3.12 make run`."
        )


def install(*, dev: bool = False) -> None:
    """Has everything that the product needs installed in `.venv`. Quick when nothing has changed.

    Args:
        dev: With what the tests and the linters need.

    Raises:
        InstallationError: when that cannot be done.
    """
    product, development = PROJECT_ROOT / "requirements.txt", PROJECT_ROOT / "requirements-dev.txt"
    requirements = development if dev else product
    if _installed(development) or (not dev and _installed(product)):
        return
    with Lock(requirements).held():
        if _installed(requirements):
            return
        _stamp(requirements).unlink(missing_ok=True)
        _make_environment()
        print(f"Installing the Python packages of {requirements.name} into .venv ...", flush=True)
        _run("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", str(requirements))
        _stamp(requirements).write_text(_digest(requirements))


def _installed(requirements: Path) -> bool:
    """Whether these very requirements have been installed for this very Python."""
    stamp = _stamp(requirements)
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == _digest(requirements)


def _stamp(requirements: Path) -> Path:
    return ENVIRONMENT / f".installed-{requirements.stem}"


def _digest(requirements: Path) -> str:
    return hashlib.sha256(sys.version.encode() + requirements.read_bytes()).hexdigest()


def _make_environment() -> None:
    """Creates `.venv` with pip in it. A half-made one is completed, one whose Python is gone is made anew."""
    if importlib.util.find_spec("ensurepip") is None:
        raise InstallationError(
            "This Python cannot make virtual environments: install its venv package "
            "(Debian and Ubuntu: `apt install python3-venv`) and run this again."
        )
    if not PYTHON.exists():
        print("Creating the virtual environment .venv ...", flush=True)
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], capture_output=True, text=True, check=False
        )
        if made.returncode:
            said = (made.stderr or made.stdout).strip().splitlines() or ["it gave no reason"]
            raise InstallationError(f"The virtual environment {ENVIRONMENT} cannot be created: {said[-1]}")
    if subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        _run("-m", "ensurepip", "--upgrade")


def _run(*arguments: str) -> None:
    """Runs the environment's Python, its output in the log."""
    with LOG.open("w") as log:
        done = subprocess.run(
            [str(PYTHON), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
            preexec_fn=dying_with_parent(signal.SIGTERM),
        )
    if done.returncode:
        errors = [line for line in LOG.read_text(errors="replace").splitlines() if line.startswith("ERROR: ")]
        reason = errors[-1][len("ERROR: ") :].rstrip(".") if errors else f"exit code {done.returncode}"
        raise InstallationError(f"Installing the Python packages failed ({reason}): see {LOG}.")
