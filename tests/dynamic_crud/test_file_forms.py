"""Files of records in forms, without scripts: chosen, kept through an error, taken off, counted."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from core import sql
from core.models import User
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import PDF, PNG, RecordsClient, page, provisioned, sent

pytestmark = pytest.mark.usefixtures("folder")


def test_a_form_brings_files_without_scripts(leases: RecordsClient, browser: Client) -> None:
    create = page(leases, "record-create")
    form = browser.get(create).content.decode()
    assert 'enctype="multipart/form-data"' in form
    assert 'type="file" name="papers" multiple' in form
    assert 'accept="image/*"' in form
    values = {"tenant": "Ada", "papers": [sent("1.pdf", PDF), sent("2.pdf", PDF)], "photos": sent("x.png", PNG)}
    detail = browser.post(create, values, follow=True).content.decode()
    (made,) = leases.list("leases").json()["results"]
    assert [file["name"] for file in made["papers"]] == ["1.pdf", "2.pdf"]
    for file in made["papers"] + made["photos"]:
        url = page(leases, "record-file", made["id"], file["id"])
        assert f'href="{url}"' in detail
        assert (f'src="{url}"' in detail) == (file["type"] == "image/png")
    listed = browser.get(page(leases, "record-list")).content.decode()
    assert "1.pdf" in listed
    assert "<img" not in listed.split("<tbody>")[1]

    edit = page(leases, "record-edit", made["id"])
    first = made["papers"][0]["id"]
    assert f'value="{first}"' in browser.get(edit).content.decode()
    values = {"tenant": "Ada", "papers": sent("3.pdf", PDF), "papers-removed": first}
    assert browser.post(edit, values).status_code == 302
    changed = leases.get("leases", made["id"]).json()
    assert [file["name"] for file in changed["papers"]] == ["2.pdf", "3.pdf"]
    assert changed["photos"] == made["photos"]


def test_a_form_with_errors_keeps_the_files_that_came(leases: RecordsClient, browser: Client, folder: Path) -> None:
    create = page(leases, "record-create")
    values = {
        "tenant": "",
        "papers": [sent("1.pdf", PDF), sent("empty.pdf", b"")],
        "photos": sent("x.png", b"<!doctype html><p>"),
    }
    response = browser.post(create, values)
    assert response.status_code == 422
    text = response.content.decode()
    assert "&quot;empty.pdf&quot; is empty." in text
    assert "&quot;x.png&quot; cannot be put here" in text
    (pending,) = re.findall(r'type="hidden" name="papers" value="([^"]+)"', text)
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
    values = {"tenant": "Ada", "papers": [pending, sent("2.pdf", PDF)]}
    assert browser.post(create, values).status_code == 302
    (made,) = leases.list("leases").json()["results"]
    assert [file["name"] for file in made["papers"]] == ["1.pdf", "2.pdf"]


def test_a_form_takes_no_foreign_file(leases: RecordsClient, other_user: User, browser: Client) -> None:
    others = RecordsClient(client_of(other_user), provisioned(other_user, documents.leases()))
    for file_id in (others.uploaded()["id"], leases.uploaded(PNG, "x.png", "photos")["id"], str(uuid4()), "x"):
        assert browser.post(page(leases, "record-create"), {"tenant": "Ada", "papers": file_id}).status_code == 302
    assert {row["papers"] for row in leases.list("leases").json()["results"]} == {None}


def test_a_form_refuses_too_many_and_too_large_files(leases: RecordsClient, browser: Client, folder: Path) -> None:
    create = page(leases, "record-create")
    many = browser.post(create, {"tenant": "Ada", "photos": [sent(f"{number}.png", PNG) for number in range(50)]})
    assert many.status_code == 422
    assert "50 files were chosen, and at most 2 fit here." in many.content.decode()
    large = browser.post(create, {"tenant": "Ada", "papers": sent("x.pdf", PDF + b"x" * 1024 * 1024)})
    assert large.status_code == 422
    assert "is larger than 1 MB" in large.content.decode()
    assert not folder.exists()
    record = leases.made("leases", tenant="Ada", photos=[leases.uploaded(PNG, "x.png", "photos")])
    edit = page(leases, "record-edit", record["id"])
    added = browser.post(edit, {"tenant": "Ada", "photos": [sent("1.png", PNG), sent("2.png", PNG)]})
    assert "That makes 3 files, and at most 2 fit here." in added.content.decode()
    too_many = browser.post(edit, {"tenant": "A", **{f"f{number}": sent("x", b"x") for number in range(101)}})
    assert too_many.status_code == 400


def test_two_forms_at_once_lose_no_file(leases: RecordsClient, browser: Client) -> None:
    """A form adds and takes off files; it does not set what the record has."""
    record = leases.made("leases", tenant="Ada", papers=[leases.uploaded(name="1.pdf")])
    edit = page(leases, "record-edit", record["id"])
    for name in ("2.pdf", "3.pdf"):  # both were opened when there was one file
        assert browser.post(edit, {"tenant": "Ada", "papers": sent(name, PDF)}).status_code == 302
    papers = leases.get("leases", record["id"]).json()["papers"]
    assert [file["name"] for file in papers] == ["1.pdf", "2.pdf", "3.pdf"]
    values = {"tenant": "Ada", "papers-removed": [file["id"] for file in papers]}
    assert browser.post(edit, values).status_code == 302
    assert leases.get("leases", record["id"]).json()["papers"] is None


def test_forms_at_the_same_moment_lose_no_file_and_keep_to_the_limit(
    leases: RecordsClient, user: User, superuser
) -> None:
    record = leases.made("leases", tenant="Ada")
    edit = page(leases, "record-edit", record["id"])

    def add(number: int) -> int:
        client = Client()
        client.force_login(user)
        values = {"tenant": "Ada", "papers": sent(f"{number}.pdf", PDF), "photos": sent(f"{number}.png", PNG)}
        try:
            return client.post(edit, values).status_code
        finally:
            connections.close_all()

    table = sql.identifier(leases.project.schema_name, "leases")
    with ThreadPoolExecutor(4) as pool:
        with superuser.transaction():  # holds the record until all four wait for it
            superuser.execute(sql.format("select from {table} for update", table=table))
            answers = [pool.submit(add, number) for number in range(4)]
            waiting = "select count(*) from pg_locks where not granted"
            while superuser.execute(waiting).fetchone() != (4,) and not any(answer.done() for answer in answers):
                time.sleep(0.01)
        codes = sorted(answer.result() for answer in answers)
    assert codes == [302, 302, 422, 422]
    stored = leases.get("leases", record["id"]).json()
    assert (len(stored["papers"]), len(stored["photos"])) == (2, 2)


def test_what_postgresql_refuses_keeps_the_files_that_came(leases: RecordsClient, browser: Client) -> None:
    create = page(leases, "record-create", table="notes")
    assert browser.post(create, {"text": "x", "scan": sent("1.pdf", PDF)}).status_code == 302
    refused = browser.post(create, {"text": "x", "scan": sent("2.pdf", PDF)})
    assert refused.status_code == 422
    (pending,) = re.findall(r'type="hidden" name="scan" value="([^"]+)"', refused.content.decode())
    assert leases.list("notes").json()["count"] == 1
    assert browser.post(create, {"text": "y", "scan": pending}).status_code == 302
    assert leases.list("notes", text="y").json()["results"][0]["scan"][0]["id"] == pending
