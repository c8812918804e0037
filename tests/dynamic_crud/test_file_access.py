"""Whose files: strangers, members, guesses and forged requests against the files of records."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from core import sql
from core.models import Project, User
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import PDF, PNG, RecordsClient, content, page, provisioned, sent
from tests.factories import share

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def others(other_user: User) -> RecordsClient:
    """The same tables in a project of somebody else."""
    return RecordsClient(client_of(other_user), provisioned(other_user, documents.leases()))


@pytest.fixture
def twin(leases: RecordsClient, user: User) -> RecordsClient:
    """Another project of the same user, made of the same document: its tables and columns have the same ids."""
    return RecordsClient(leases.client, provisioned(user, leases.project.active_config.document))


@pytest.fixture
def member(leases: RecordsClient, other_user: User) -> RecordsClient:
    """An editor of the project of `leases`."""
    return RecordsClient(client_of(other_user), share(leases.project, other_user))


def test_foreign_and_missing_files_are_refused_in_the_same_words(
    leases: RecordsClient, others: RecordsClient, twin: RecordsClient
) -> None:
    foreign = [
        others.uploaded()["id"],  # of another user
        twin.uploaded()["id"],  # of another project
        leases.uploaded(column="scan", table="notes")["id"],  # of another table
        leases.uploaded(PNG, "x.png", "photos")["id"],  # of another column
        str(uuid4()),
    ]
    said = set()
    made = leases.made("leases", tenant="Ada")
    for file_id in foreign:
        for response in (
            leases.create("leases", {"tenant": "Eve", "papers": [file_id]}),
            leases.change("leases", made["id"], {"papers": [file_id]}),
        ):
            assert response.status_code == 400
            said.add(response.content.decode().replace(file_id, "ID"))
    assert len(said) == 1
    assert leases.get("leases", made["id"]).json()["papers"] is None
    assert leases.list("leases").json()["count"] == 1


def test_a_file_is_read_only_through_the_record_that_has_it(leases: RecordsClient, others: RecordsClient) -> None:
    attached, loose = leases.uploaded(), leases.uploaded()
    record = leases.made("leases", tenant="Ada", papers=[attached])
    other = leases.made("leases", tenant="Bob")
    theirs = others.made("leases", tenant="Eve", papers=[others.uploaded()])
    attempts = [
        leases.read_file(record, loose["id"]),
        leases.read_file(record, str(uuid4())),
        leases.read_file(other, attached["id"]),
        leases.read_file({"id": str(uuid4())}, attached["id"]),
        leases.read_file(record, theirs["papers"][0]["id"]),
        leases.read_file(record, attached["id"], table="notes"),
        leases.read_file(theirs, theirs["papers"][0]["id"]),
        others.read_file(record, attached["id"]),
        RecordsClient(others.client, leases.project).read_file(record, attached["id"]),
        RecordsClient(others.client, Project(pk=uuid4())).read_file(record, attached["id"]),
    ]
    assert {(response.status_code, response.content) for response in attempts} == {(404, attempts[0].content)}
    assert leases.read_file(record, attached["id"]).status_code == 200


def test_a_row_that_names_a_foreign_file_does_not_open_it(
    leases: RecordsClient, others: RecordsClient, twin: RecordsClient, superuser
) -> None:
    """Whatever wrote the row: a row is not believed beyond its own project, table and column."""
    elsewhere = leases.uploaded(PNG, "x.png", "photos"), leases.uploaded(column="scan", table="notes")
    record = leases.made("leases", tenant="Ada")
    for file in (others.uploaded(), twin.uploaded(), *elsewhere):
        leases_table = sql.identifier(leases.project.schema_name, "leases")
        superuser.execute(sql.format("update {table} set papers = %s", table=leases_table), [json.dumps([file])])
        assert leases.get("leases", record["id"]).json()["papers"] == [file]
        assert leases.read_file(record, file["id"]).status_code == 404


def test_a_member_reads_the_files_of_the_records_that_they_may_read(
    leases: RecordsClient, member: RecordsClient, other_user: User
) -> None:
    scan = leases.uploaded(column="scan", table="notes")
    shared = leases.made("notes", text="x", scan=[scan])
    private = leases.made("leases", tenant="Ada", papers=[leases.uploaded()])
    own = member.made("leases", tenant="Bob", papers=[member.uploaded(PDF + b"2")])
    assert content(member.read_file(shared, scan["id"], table="notes")) == PDF
    assert content(member.read_file(own, own["papers"][0]["id"])) == PDF + b"2"
    assert content(leases.read_file(own, own["papers"][0]["id"])) == PDF + b"2"
    browser = Client()
    browser.force_login(other_user)
    hidden = private["papers"][0]["id"]
    for record in (private, own, {"id": str(uuid4())}):
        assert member.read_file(record, hidden).status_code == 404
        assert browser.get(page(leases, "record-file", record["id"], hidden)).status_code == 404


def test_a_member_attaches_no_file_of_another(leases: RecordsClient, member: RecordsClient) -> None:
    """To be able to read a file is no right to put it where others read it, nor to bring back what was taken off."""
    scan, spare = (leases.uploaded(column="scan", table="notes") for _ in range(2))
    shared = leases.made("notes", text="x", scan=[scan])
    paper = leases.uploaded()
    assert member.create("notes", {"text": "y", "scan": [scan]}).status_code == 400
    assert member.create("leases", {"tenant": "Eve", "papers": [paper]}).status_code == 400
    leases.change("notes", shared["id"], {"scan": [spare]})
    assert member.create("notes", {"text": "y", "scan": [scan]}).status_code == 400
    assert member.list("notes").json()["count"] == 1


def test_a_file_goes_with_its_record_and_comes_back_only_by_who_uploaded_it(leases: RecordsClient) -> None:
    file = leases.uploaded()
    first = leases.made("leases", tenant="Ada", papers=[file])
    leases.change("leases", first["id"], {"papers": None})
    assert leases.read_file(first, file["id"]).status_code == 404
    second = leases.made("leases", tenant="Bob", papers=[file])
    assert leases.read_file(second, file["id"]).status_code == 200
    assert leases.read_file(first, file["id"]).status_code == 404
    leases.delete("leases", second["id"])
    assert leases.read_file(second, file["id"]).status_code == 404


def test_nobody_gets_a_file_without_signing_in_nor_of_a_deleted_project(leases: RecordsClient, superuser) -> None:
    file = leases.uploaded()
    record = leases.made("leases", tenant="Ada", papers=[file])
    nobody = RecordsClient(type(leases.client)(), leases.project)
    assert nobody.read_file(record, file["id"]).status_code == nobody.upload().status_code == 401
    superuser.execute("update core_project set deleted_at = now()")
    assert leases.read_file(record, file["id"]).status_code == leases.upload().status_code == 404


def test_pages_of_files_answer_strangers_as_if_nothing_was_there(
    leases: RecordsClient, other_user: User, browser: Client
) -> None:
    file = leases.uploaded()
    record = leases.made("leases", tenant="Ada", papers=[file])
    url = page(leases, "record-file", record["id"], file["id"])
    assert browser.get(url).status_code == 200
    stranger = Client()
    assert stranger.get(url).status_code == 302
    stranger.force_login(other_user)
    nowhere = [url.replace(file["id"], str(uuid4())), url.replace(str(leases.project.pk), str(uuid4()))]
    responses = [stranger.get(each) for each in (url, *nowhere)] + [browser.get(nowhere[0])]
    # Every page differs in its one-time CSRF token, and in its own address.
    said = {re.sub(r'(?<=content=")\w{64}|/projects/[^"]+', "", response.content.decode()) for response in responses}
    assert ({response.status_code for response in responses}, len(said)) == ({404}, 1)


def test_a_stranger_uploads_nothing(leases: RecordsClient, other_user: User, folder: Path) -> None:
    stranger = RecordsClient(client_of(other_user), leases.project)
    assert stranger.upload().status_code == 404
    assert RecordsClient(stranger.client, Project(pk=uuid4())).upload().content == stranger.upload().content
    form = Client()
    for _ in range(2):
        values = {"tenant": "Eve", "papers": sent("x.pdf", PDF)}
        assert form.post(page(leases, "record-create"), values).status_code in (302, 404)
        form.force_login(other_user)
    assert not folder.exists()


def test_files_go_nowhere_where_none_are_taken(leases: RecordsClient, browser: Client, settings) -> None:
    assert browser.post(reverse("account_login"), {"login": "x", "file": sent("x.pdf", PDF)}).status_code in (200, 302)
    assert browser.post(page(leases, "record-delete", uuid4()), {"papers": sent("x.pdf", PDF)}).status_code == 404
    assert not settings.UPLOAD_TEMP_DIR.exists() or not list(settings.UPLOAD_TEMP_DIR.iterdir())


def test_a_form_with_files_needs_the_csrf_token(leases: RecordsClient, user: User, folder: Path) -> None:
    attacker = Client(enforce_csrf_checks=True)
    attacker.force_login(user)
    values = {"tenant": "Eve", "papers": sent("x.pdf", PDF)}
    assert attacker.post(page(leases, "record-create"), values).status_code == 403
    url = f"/api/v1/projects/{leases.project.pk}/tables/leases/files"
    assert attacker.post(url, {"column": "papers", "file": sent("x.pdf", PDF)}).status_code == 403
    assert leases.list("leases").json()["count"] == 0
    assert not folder.exists()
    form = attacker.get(page(leases, "record-create")).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token
    answer = attacker.post(url, {"column": "papers", "file": sent("x.pdf", PDF)}, headers={"X-CSRFToken": token[1]})
    assert answer.status_code == 201
    values = {"tenant": "Ada", "papers": sent("x.pdf", PDF), "csrfmiddlewaretoken": token[1]}
    assert attacker.post(page(leases, "record-create"), values).status_code == 302
