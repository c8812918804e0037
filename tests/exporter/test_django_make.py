"""What the owner of an exported Django project types, on a machine with no more than Python and make."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener
from uuid import uuid4

import pytest
from django.core.management import call_command

from exporter.context import app_context
from schemas.document import Schema
from tests.exporter.projects import act
from tests.programs import free_port, output_of
from tests.provisioning.acts import named
from tests.servers.product import until
from vibecrm.demo import make_demo

EMAIL, PASSWORD = "owner@example.com", "a long enough secret"


def shell(home: Path) -> dict[str, str]:
    """The environment of somebody who has just signed in: Python, make, and where pip finds packages."""
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    return {"PATH": f"{sys.base_prefix}/bin:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", **pip}


@contextmanager
def running(folder: Path, environment: dict[str, str]) -> Iterator[tuple[OpenerDirector, str]]:
    """A browser and the address of what `make run` serves; ended with SIGTERM, after which nothing of it is left."""
    address, browser = f"http://127.0.0.1:{free_port()}", build_opener(HTTPCookieProcessor(CookieJar()))
    log = folder.with_name("run.log")
    with log.open("wb") as output:
        command = ["make", "run", f"PORT={address.rpartition(':')[2]}"]
        made = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)

    def answers() -> bool:
        assert made.poll() is None, log.read_text()
        try:
            return text(browser, f"{address}/healthz") == "ok"
        except OSError:
            return False

    try:
        until(answers, 60, "`make run` serves")
        yield browser, address
    finally:
        made.send_signal(signal.SIGTERM)
        made.wait(30)
    assert not answered(address), "The server ends with `make run`."
    assert not (folder / ".postgres/postmaster.pid").exists(), "So does PostgreSQL."
    assert "Traceback" not in log.read_text()
    assert "Warning" not in log.read_text()


def answered(address: str) -> bool:
    try:
        return bool(text(build_opener(), f"{address}/healthz"))
    except OSError:
        return False


def text(browser: OpenerDirector, address: str, **form: str) -> str:
    """The page at an address, or after a form is sent to it."""
    with browser.open(address, urlencode(form).encode() if form else None, timeout=20) as response:
        return response.read().decode()


def sign_in(browser: OpenerDirector, address: str) -> str:
    """The page that follows."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text(browser, f"{address}/"))
    assert found is not None
    page = f"{address}/accounts/sign-in/?next=/"
    return text(browser, page, csrfmiddlewaretoken=found[1], username=EMAIL, password=PASSWORD)


@pytest.mark.exports
def test_the_demo_is_loaded_served_and_tested_by_make_alone(database: None, tmp_path: Path) -> None:
    project, folder = make_demo().project, tmp_path / "homes"
    call_command("export", str(project.pk), "--target", "django", "--data", "--out", str(folder), stdout=StringIO())
    environment = shell(tmp_path)
    owner = {"DJANGO_SUPERUSER_EMAIL": EMAIL, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    output_of(["make", "load"], folder, environment)
    output_of(["make", "superuser", "ARGS=--no-input"], folder, environment | owner)

    with running(folder, environment) as (browser, address):
        dashboard = sign_in(browser, address)
        for table in app_context(Schema.from_json(project.active_config.document)).tables:
            rows = act(project, uuid4(), "admin", named("select id::text from {table}", table=table.name))
            expected = {row_id for (row_id,) in rows}
            listed: Any = json.loads(text(browser, f"{address}/api/{table.slug}/?page_size=500"))
            assert {row["id"] for row in listed["results"]} == expected, table.name
            assert f'href="/{table.slug}/"' in dashboard
            page = text(browser, f"{address}/{table.slug}/")
            shown = set(re.findall(rf"/{table.slug}/([0-9a-f-]{{36}})/", page))
            assert shown, table.name
            assert shown <= expected
            assert "<h1>" in text(browser, f"{address}/{table.slug}/{shown.pop()}/")
        assert "Site administration" in text(browser, f"{address}/admin/")

    assert "\nOK" in output_of(["make", "test"], folder, environment)
    output_of(["make", "lint"], folder, environment)
