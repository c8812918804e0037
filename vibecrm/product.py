"""The running product: PostgreSQL and Redis, a web server and a worker, kept alive until we are told to stop."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from types import FrameType

import psycopg

from vibecrm import embedded
from vibecrm.embedded import EmbeddedServerError, Servers
from vibecrm.locks import Lock
from vibecrm.processes import Group, Process

CHECK_SECONDS = 0.25
"""How often we look whether every part is alive."""

SERVE_SECONDS = 60.0
"""How long the web server may take until it answers. It takes 2 s on an idle machine."""

MOST_WEB_WORKERS = 64
"""Far more than any machine that one person starts this on has processors."""

WEB_MAX_MB = 400
"""A web process that takes more memory is replaced by a new one, without a request being lost."""

MAX_FAILED_STARTS = 3
"""A part that ends so often before the product has ever served will not get better."""

APPS = ("core", "schemas", "provisioning", "dynamic_crud", "exporter", "vibecrm")


class StartError(Exception):
    """The product cannot be served. The message is one sentence that says why and what to do."""


class Stopped(Exception):
    """We were told to stop while starting."""


class Product:
    """Everything that `make run` runs, on the home folder and the address that the environment names."""

    def __init__(self) -> None:
        """Reads the environment; nothing starts yet."""
        self.home = embedded.home()
        self.host = os.environ.get("HOST") or "127.0.0.1"
        self.port = _port(os.environ.get("PORT") or "8000")
        self.web_workers = _web_workers(os.environ.get("WEB_WORKERS") or "1")
        self.environment = {
            **os.environ,
            "VIBECRM_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "vibecrm.settings",
            "PYTHONUNBUFFERED": "1",
        }
        self.group = Group((self._web(), self._worker()))
        self._stopping = threading.Event()

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the product."""
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"

    def run(self) -> None:
        """Serves until SIGINT or SIGTERM.

        Raises:
            StartError: when it cannot be served.
            EmbeddedServerError: when PostgreSQL or Redis cannot be had.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        servers = Servers(self.home, postgres=not os.environ.get("DATABASE_URL"), redis=not os.environ.get("REDIS_URL"))
        lock = self._claim_home()
        try:
            self._check_port()
            with servers:
                try:
                    self._serve(servers)
                except Stopped:
                    pass
                finally:
                    _say("Stopping ...")
                    self.group.stop()
            _say("Stopped.")
        finally:
            lock.release()

    def _serve(self, servers: Servers) -> None:
        self._prepare()
        self.group.start()
        self._wait_until_served()
        self._greet()
        said = ""
        while not self._stopping.wait(CHECK_SECONDS):
            for line in self.group.tend():
                _say(line)
            try:
                for title in servers.ensure():
                    _say(f"{title} had ended; it runs again (its log is in {self.home})")
                said = ""
            except EmbeddedServerError as error:
                if str(error) != said:
                    said = str(error)
                    _say(said)

    def _prepare(self) -> None:
        """Migrates the database and makes the demo, unless that was done with these very sources and this database."""
        state = self._state()
        stamp = self.home / "prepared"
        if state is not None and stamp.exists() and stamp.read_text() == state:
            return
        _say("Preparing the database ...")
        self._manage("migrate", "--no-input")
        self._manage("upgrade")
        self._manage("demo", "--quiet")
        if state is not None:
            stamp.write_text(state)

    def _state(self) -> str | None:
        """A digest of our sources and of the identity of the database. None when the server does not tell it."""
        digest = hashlib.sha256()
        root = embedded.PROJECT_ROOT
        files = [root / "requirements.txt", *(file for app in APPS for file in (root / app).rglob("*"))]
        for file in sorted(file for file in files if file.suffix in (".py", ".json", ".sql", ".txt")):
            digest.update(os.fsencode(file.relative_to(root)) + file.read_bytes())
        url = os.environ.get("DATABASE_URL") or embedded.database_url()
        try:
            with psycopg.connect(url, connect_timeout=10) as connection:
                identity = connection.execute(
                    "select system_identifier, (select oid from pg_database where datname = current_database()) "
                    "from pg_control_system()"
                ).fetchone()
        except psycopg.errors.InsufficientPrivilege:
            return None
        except psycopg.Error as error:
            raise StartError(
                f"The database of DATABASE_URL cannot be reached: {str(error).strip().splitlines()[0]}"
            ) from error
        digest.update(repr(identity).encode())
        return digest.hexdigest()

    def _manage(self, *arguments: str) -> None:
        """Runs a command of manage.py to its end, which must be a good one."""
        name = arguments[0]
        process = self._process(name, "manage.py", *arguments)
        process.start()
        try:
            while process.exit_code is None:
                if self._stopping.wait(0.05):
                    raise Stopped
        finally:
            process.stop()
        if process.exit_code:
            lines = process.log.read_text(errors="replace").strip().splitlines() or ["it gave no reason"]
            raise StartError(f"`manage.py {' '.join(arguments)}` failed ({lines[-1].strip()}): see {process.log}.")

    def _wait_until_served(self) -> None:
        deadline = time.monotonic() + SERVE_SECONDS
        while not self._healthy():
            for line in self.group.tend():
                _say(line)
            failed = next((each for each in self.group.processes if each.failures >= MAX_FAILED_STARTS), None)
            if failed is not None:
                raise StartError(f"The {failed.name} process ends as soon as it starts: see {failed.log}.")
            if time.monotonic() > deadline:
                raise StartError(f"Nothing answers at {self.address}/healthz: see {self.home / 'web.log'}.")
            if self._stopping.wait(0.05):
                raise Stopped

    def _healthy(self) -> bool:
        request = urllib.request.Request(f"{self.address}/healthz", headers={"Host": "localhost"})  # noqa: S310
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _greet(self) -> None:
        # After `migrate` every setting is known to be good; before it, they may need an address that is not there yet.
        from vibecrm import settings  # noqa: PLC0415

        _say(
            f"\n  VibeCRM is served at {self.address}\n\n"
            f"  Sign in as  {settings.DEMO_EMAIL}\n"
            f"  Password    {settings.DEMO_PASSWORD}\n\n"
            f"  Data and logs are in {self.home}. Ctrl-C stops everything.\n"
        )

    def _claim_home(self) -> Lock:
        """Takes the right to run on this home folder, which one process has at a time."""
        embedded.make_home(self.home)
        file = self.home / "run.lock"
        lock = Lock(file)
        if not lock.acquire(wait=False):
            try:
                other = json.loads(file.read_text())
                where = f" as process {other['pid']} at {other['address']}"
            except (ValueError, KeyError):
                where = ""
            raise StartError(
                f"VibeCRM runs already on {self.home}{where}: stop that one, "
                f"or give this one a folder and a port of its own (`VIBECRM_HOME=... PORT={self.port + 1} make run`)."
            )
        file.write_text(json.dumps({"pid": os.getpid(), "address": self.address}))
        return lock

    def _check_port(self) -> None:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except socket.gaierror as error:
            raise StartError(f"HOST={self.host} is not an address of this machine: {error.strerror}.") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = "is used by another program: stop that, or choose another port"
            elif error.errno == errno.EACCES:
                reason = "may not be used by this user: choose one above 1023"
            else:
                reason = f"cannot be used on {self.host} ({error.strerror}): check HOST, or choose another port"
            raise StartError(f"Port {self.port} {reason} (`PORT={max(8000, self.port) + 1} make run`).") from error

    def _web(self) -> Process:
        return self._process(
            "web",
            *("-m", "granian", "--interface", "wsgi", "--host", self.host, "--port", str(self.port)),
            *("--workers", str(self.web_workers), "--blocking-threads", "8", "--no-ws"),
            *("--workers-max-rss", str(WEB_MAX_MB)),
            *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "5"),
            "vibecrm.wsgi:application",
        )

    def _worker(self) -> Process:
        return self._process(
            "worker",
            *("-m", "celery", "-A", "vibecrm.celery", "worker", "--pool", "threads", "--concurrency", "4"),
            *("--beat", "--schedule", str(self.home / "celerybeat-schedule")),
            *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        )

    def _process(self, name: str, *arguments: str) -> Process:
        return Process(
            name=name,
            command=(sys.executable, *arguments),
            log=self.home / f"{name}.log",
            environment=self.environment,
            directory=embedded.PROJECT_ROOT,
        )

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise StartError(f"PORT={text} is not a port: give a number from 1 to 65535.")
    return int(text)


def _web_workers(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= MOST_WEB_WORKERS:
        raise StartError(f"WEB_WORKERS={text} is not a number of processes: give one from 1 to {MOST_WEB_WORKERS}.")
    return int(text)


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    """Serves the product of this folder until it is told to stop."""
    embedded.load_environment()
    try:
        Product().run()
    except (StartError, EmbeddedServerError) as error:
        print(f"VibeCRM cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
