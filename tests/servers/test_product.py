"""`make run` from outside: it serves, survives what is done to it, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from tests.programs import free_port
from tests.servers.product import Product, processes_of, refused, served, until
from vibecrm import embedded

pytestmark = pytest.mark.servers


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home that may be kept in another place, when the tests run as root below a closed folder."""
    path = tmp_path / "home"
    yield path
    forget(path)


def forget(home: Path) -> None:
    """Removes what root keeps outside of a home."""
    link = home / "postgres"
    if link.is_symlink():
        subprocess.run(["rm", "-rf", str(link.readlink().parent)], check=True)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    home = tmp_path_factory.mktemp("product") / "home"
    with served(home) as running:
        yield running
    forget(home)


def workers_answer(home: Path) -> bool:
    broker = embedded.celery_broker_url(embedded.Home.open(home).redis_url)
    app = Celery(broker=broker)
    try:
        with app.connection_for_write() as connection:
            return bool(app.control.inspect(timeout=0.5, connection=connection).ping())
    except (OperationalError, RedisError):
        return False


def test_it_says_where_it_is_served_and_how_to_sign_in(product: Product) -> None:
    until(lambda: "Password" in product.said, 5, "It says how to sign in")
    assert product.url in product.said
    assert "demo@vibecrm.local" in product.said
    assert "demo-vibecrm" in product.said


def test_the_demo_user_can_sign_in(product: Product) -> None:
    account = {"email": "demo@vibecrm.local", "password": "demo-vibecrm"}
    token = product.call("POST", "/api/v1/auth/token", account)["access"]
    assert product.call("GET", "/api/v1/projects", token=token)["count"] >= 1


PARTS = {
    "postgres": ("postgres", " -D "),
    "redis": ("redis-server",),
    "web": ("granian",),
    "worker": ("celery", "worker"),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_is_back_within_10_seconds_and_no_committed_record_is_lost(product: Product, part: str) -> None:
    token = product.token()
    confirmed: list[str] = []
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                confirmed.append(product.call("POST", "/api/v1/projects", {"name": f"Record {number}"}, token)["id"])
            except OSError:
                time.sleep(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        until(lambda: len(confirmed) >= 5, 20, "Five records are written")
        family = product.pids(*PARTS[part])
        os.kill(min(family), signal.SIGKILL)
        begin = time.monotonic()
        until(lambda: product.pids(*PARTS[part]) - family, 10, f"{part} runs again")
        left = 10 - (time.monotonic() - begin)
        seen = len(confirmed)
        until(lambda: product.healthy() and len(confirmed) > seen, left, "Records are written again")
        until(lambda: workers_answer(product.home), 10 - (time.monotonic() - begin), "A worker answers again")
    finally:
        stop.set()
        writer.join()
    stored = set()
    page = product.call("GET", "/api/v1/projects?page_size=100", token=token)
    while True:
        stored |= {each["id"] for each in page["results"]}
        if not page["next"]:
            break
        page = product.call("GET", page["next"].removeprefix(product.url), token=token)
    assert set(confirmed) <= stored
    assert product.process.poll() is None


def test_the_child_of_a_killed_web_server_does_not_keep_its_port(product: Product) -> None:
    family = product.pids("granian")
    assert len(family) > 1
    os.kill(min(family), signal.SIGKILL)
    until(lambda: not product.pids("granian") & family, 5, "The old web processes are gone")
    until(product.healthy, 10, "The new one serves")


def test_a_restart_is_told_in_one_line(product: Product) -> None:
    before = product.said.count("\n")
    worker = product.pid("celery", "worker")
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    until(lambda: product.said.count("\n") > before, 5, "It says so")
    assert product.said[:-1].rpartition("\n")[2].startswith("worker was killed by signal 9; starting it again")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_product_leaves_no_process_and_starts_again_without_preparing_anything(
    home: Path, number: signal.Signals
) -> None:
    product = Product(home)
    product.wait_until_served()
    token = product.token()
    product.call("POST", "/api/v1/projects", {"name": "Kept"}, token)
    assert product.stop(number) == 0
    assert processes_of(home) == {}

    again = Product(home, product.port)
    try:
        again.wait_until_served()
        assert "Preparing" not in again.said
        assert again.call("GET", "/api/v1/projects", token=token)["results"][0]["name"] == "Kept"
    finally:
        assert again.stop() == 0


def test_a_stop_while_it_starts_leaves_no_process(home: Path) -> None:
    product = Product(home)
    until(lambda: "Preparing" in product.said, 30, "It prepares the database")
    assert product.stop() == 0
    assert processes_of(home) == {}


def test_after_a_killed_supervisor_the_next_run_takes_over_what_is_left(home: Path) -> None:
    product = Product(home)
    product.wait_until_served()
    token = product.token()
    postgres = product.pid(*PARTS["postgres"])
    product.stop(signal.SIGKILL)
    until(lambda: product.pid("granian") is None and product.pid("celery") is None, 15, "Web and worker end with it")
    with served(home) as again:
        assert again.pid(*PARTS["postgres"]) == postgres
        assert again.call("GET", "/api/v1/auth/user", token=token)
    assert processes_of(home) == {}


def test_after_a_power_failure_stale_pid_files_do_not_matter(home: Path) -> None:
    with served(home) as product:
        token = product.token()
        for pid in sorted(processes_of(home)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        product.process.wait(10)
    until(lambda: not processes_of(home), 10, "All are dead")
    pid_file = embedded.Home.open(home).storage / "postgres" / "postmaster.pid"
    assert pid_file.exists()
    pid_file.write_text("\n".join([str(os.getppid()), *pid_file.read_text().splitlines()[1:]]) + "\n")
    with served(home) as again:
        assert again.call("GET", "/api/v1/auth/user", token=token)


def test_a_busy_port_is_one_sentence_with_the_way_out(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = refused(home, PORT=str(port))
    assert f"Port {port} is used by another program" in sentence
    assert f"PORT={port + 1} make run" in sentence
    assert processes_of(home) == {}


def test_a_second_run_on_the_same_home_names_the_first(product: Product) -> None:
    sentence = refused(product.home, PORT=str(free_port()))
    assert f"process {product.process.pid} at {product.url}" in sentence
    assert product.healthy()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"PORT": "http"}, "PORT=http is not a port"),
        ({"PORT": "70000"}, "PORT=70000 is not a port"),
        ({"WEB_WORKERS": "0"}, "WEB_WORKERS=0 is not a number of processes"),
        ({"HOST": "203.0.113.9", "PORT": "8000"}, "cannot be used on 203.0.113.9"),
        ({"DATABASE_URL": "postgresql://x:y@127.0.0.1:9/x", "REDIS_URL": "redis://127.0.0.1:9"}, "cannot be reached"),
    ],
)
def test_a_wrong_setting_is_one_sentence(home: Path, variables: dict[str, str], expected: str) -> None:
    assert expected in refused(home, **{"PORT": str(free_port()), **variables})
    assert processes_of(home) == {}
