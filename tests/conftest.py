"""Real servers for the tests: one throwaway PostgreSQL and Redis a pytest process, one Celery worker, one web server.

Doors open the outermost transaction, so tests cannot run inside one that is rolled back: the `database` fixture
commits like the product does and empties what a test left behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from rest_framework.test import APIClient

from core import sql
from core.models import User
from tests.factories import UserFactory
from tests.programs import free_port
from tests.schemas.scratch import Scratch
from tests.sessions import begin_new_session
from vibecrm import embedded
from vibecrm.celery import app as celery_app

ROOT = Path(__file__).resolve().parent.parent
FRESH = 25
"""After how many tests the session of a test process is a new one."""
_tests = count(1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the long tests of all exports unless they are asked for (`-m exports`), and groups others.

    What installs packages or kills servers stays in one of several test processes: it is set up once there.
    """
    if "exports" not in config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("exports")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        for name in ("node", "servers"):
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded.Servers]:
    """PostgreSQL and Redis of this test run."""
    running = embedded.Servers(settings.HOME, throwaway=True)
    with running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup(servers: embedded.Servers, django_db_blocker) -> Iterator[None]:
    """The platform's tables, made by the migrations, as the role that the product runs as."""
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)
        yield
        for connection in connections.all():
            connection.close_pool()


@pytest.fixture
def superuser(servers: embedded.Servers) -> Iterator[psycopg.Connection]:
    """A connection that sees everything, for looking behind the product's back."""
    with psycopg.connect(_superuser_url(), autocommit=True) as connection:
        yield connection


@pytest.fixture
def scratch(django_db_setup: None, superuser: psycopg.Connection) -> Scratch:
    """A table of one column."""
    return Scratch(superuser)


@pytest.fixture
def database(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """An empty platform database that commits; emptied again after the test."""
    with django_db_blocker.unblock():
        yield
        _empty()
        if next(_tests) % FRESH == 0:
            _refresh()


@pytest.fixture
def user(database: None) -> User:
    return UserFactory()


@pytest.fixture
def other_user(database: None) -> User:
    return UserFactory()


@pytest.fixture
def api(user: User) -> APIClient:
    """The API as `user`."""
    return client_of(user)


def client_of(user: User) -> APIClient:
    """An API client that is signed in by token."""
    from rest_framework_simplejwt.tokens import AccessToken

    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")
    return client


@pytest.fixture(scope="session")
def worker_process(django_db_setup: None) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker with beat."""
    with running_worker("-B", "-s", str(settings.HOME / "celerybeat-schedule")) as process:
        yield process


@contextmanager
def running_worker(*options: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker that takes jobs as soon as it is ready, with this in its environment."""
    log = settings.HOME / f"test-worker-{uuid4()}.log"
    command = [
        sys.executable, "-m", "celery", "-A", "vibecrm.celery", "worker", "--pool", "threads", "--concurrency", "4",
        "--hostname", f"{uuid4()}@%h", "--loglevel", "INFO", *options,
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=_environment() | environment, stdout=output, stderr=output)
    try:
        _wait_for(lambda: b" ready." in log.read_bytes(), process, log)
        yield process
    finally:
        _stop(process)


@pytest.fixture
def worker(worker_process: subprocess.Popen[bytes], database: None) -> Iterator[subprocess.Popen[bytes]]:
    """The worker, for as long as the test runs; in tests that do not ask for it, nobody takes the jobs."""
    queue = celery_app.conf.task_default_queue
    celery_app.control.purge()
    celery_app.control.add_consumer(queue, reply=True, limit=1, timeout=5)
    yield worker_process
    celery_app.control.cancel_consumer(queue, reply=True, limit=1, timeout=5)


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[str]:
    """The address of a real web server."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = settings.HOME / "test-web.log"
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "8", "vibecrm.wsgi:application",
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=_environment(), stdout=output, stderr=output)
    _wait_for(lambda: _answers(f"{url}/healthz"), process, log)
    yield url
    _stop(process)


def _environment() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "vibecrm.settings"}


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as response:
            return response.status == 200
    except (URLError, OSError):
        return False


def _wait_for(ready, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            _stop(process)
            pytest.fail(f"A server of the tests did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _superuser_url() -> str:
    return embedded.Home.open(settings.HOME).superuser_url()


def _refresh() -> None:
    """Begins a new session and clears the catalog of what tests have dropped: both slow PostgreSQL down bit by bit."""
    begin_new_session()
    with psycopg.connect(_superuser_url(), autocommit=True) as session:
        session.execute("vacuum")


def _empty() -> None:
    """Drops what projects left in the server and empties the platform's tables."""
    cache.clear()
    with psycopg.connect(_superuser_url(), autocommit=True) as connection:
        schemas = connection.execute(r"select nspname from pg_namespace where nspname like 'p\_%'").fetchall()
        for (name,) in schemas:
            connection.execute(sql.format("drop schema {name} cascade", name=sql.identifier(name)))
        roles = connection.execute(r"select rolname from pg_roles where rolname like 'p\_%'").fetchall()
        for (name,) in roles:
            connection.execute(sql.format("drop owned by {name}", name=sql.identifier(name)))
            connection.execute(sql.format("drop role {name}", name=sql.identifier(name)))
        connection.execute("truncate core_user cascade")
