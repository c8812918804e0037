"""Files of records by API: uploaded, attached and taken off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from rest_framework.response import Response

from tests.conftest import client_of
from tests.dynamic_crud.conftest import PDF, PNG, RecordsClient, content, page, sent

pytestmark = pytest.mark.usefixtures("folder")


def codes(response: Response) -> set[tuple[str, str]]:
    return {(error["code"], error["path"]) for error in response.json()["errors"]}


def test_a_file_is_uploaded_attached_and_read(leases: RecordsClient, folder: Path) -> None:
    file = leases.uploaded(PDF, "Lease 2026.pdf")
    assert file == {"id": file["id"], "name": "Lease 2026.pdf", "size": len(PDF), "type": "application/pdf"}
    made = leases.made("leases", tenant="Ada", papers=[{"id": file["id"]}])
    assert made["papers"] == [file]
    assert leases.get("leases", made["id"]).json() == made
    response = leases.read_file(made, file["id"])
    assert content(response) == PDF
    assert response["Content-Disposition"] == 'attachment; filename="Lease 2026.pdf"'
    assert response["Content-Length"] == str(len(PDF))
    assert leases.list("leases", papers__isnull="false").json()["count"] == 1
    stored = [path for path in folder.rglob("*") if path.is_file()]
    assert [path.relative_to(folder).as_posix() for path in stored] == [f"{leases.project.pk}/{file['id']}"]
    assert {oct(path.stat().st_mode & 0o777) for path in folder.rglob("*")} == {"0o700", "0o600"}
    assert oct(folder.stat().st_mode & 0o777) == "0o700"


def test_what_the_caller_says_of_a_file_is_ignored(leases: RecordsClient) -> None:
    file = leases.uploaded()
    lies = {"id": file["id"], "name": "../../etc/passwd", "size": -1, "type": "text/html", "extra": [1]}
    assert leases.made("leases", tenant="Ada", papers=[lies])["papers"] == [file]
    assert leases.made("leases", tenant="Bob", papers=[file["id"]])["papers"] == [file]


def test_files_are_added_ordered_and_taken_off(leases: RecordsClient) -> None:
    first, second = leases.uploaded(name="1.pdf"), leases.uploaded(name="2.pdf")
    made = leases.made("leases", tenant="Ada", papers=[first])
    changed = leases.change("leases", made["id"], {"papers": [second, first]})
    assert changed.json()["papers"] == [second, first]
    assert leases.change("leases", made["id"], {"tenant": "Eve"}).json()["papers"] == [second, first]
    for nothing in ([], None):
        leases.change("leases", made["id"], {"papers": [first["id"]]})
        assert leases.change("leases", made["id"], {"papers": nothing}).json()["papers"] is None
    assert leases.replace("leases", made["id"], {"tenant": "Ada"}).json()["papers"] is None
    assert leases.list("leases", papers__isnull="true").json()["count"] == 1


def test_a_list_of_records_takes_files_all_or_none(leases: RecordsClient) -> None:
    files = [leases.uploaded(name=f"{number}.pdf") for number in range(3)]
    made = leases.create("leases", [{"tenant": "Ada", "papers": files[:2]}, {"tenant": "Bob", "papers": files[2:]}])
    assert [row["papers"] for row in made.json()] == [files[:2], files[2:]]
    refused = leases.create("leases", [{"tenant": "C", "papers": files[:1]}, {"tenant": "D", "papers": [str(uuid4())]}])
    assert codes(refused) == {("does_not_exist", "$[1].papers[0]")}
    assert leases.list("leases").json()["count"] == 2


def test_too_many_files_are_refused(leases: RecordsClient) -> None:
    files = [leases.uploaded(PNG, f"{number}.png", "photos") for number in range(3)]
    assert codes(leases.create("leases", {"tenant": "Ada", "photos": files})) == {("too_many", "$.photos")}
    made = leases.made("leases", tenant="Ada", photos=files[:2])
    assert codes(leases.change("leases", made["id"], {"photos": files})) == {("too_many", "$.photos")}
    assert len(leases.get("leases", made["id"]).json()["photos"]) == 2


def test_a_list_that_no_column_could_take_is_not_looked_up(leases: RecordsClient) -> None:
    response = leases.create("leases", {"tenant": "Ada", "papers": [str(uuid4())] * 100_000})
    assert response.status_code == 400
    assert codes(response) == {("too_many", "$.papers")}
    assert len(response.content) < 1000


def test_a_refused_record_leaves_no_row_and_its_file_can_be_used_again(leases: RecordsClient) -> None:
    taken, spare = (leases.uploaded(column="scan", table="notes") for _ in range(2))
    leases.made("notes", text="x", scan=[taken])
    assert leases.create("notes", {"text": "x", "scan": [spare]}).status_code == 409
    assert leases.create("notes", [{"text": "y", "scan": [spare]}, {"text": "x", "scan": [spare]}]).status_code == 409
    assert [row["scan"] for row in leases.list("notes").json()["results"]] == [[taken]]
    assert leases.made("notes", text="y", scan=[spare])["scan"] == [spare]


def test_no_file_is_known_whose_bytes_were_not_kept(leases: RecordsClient, folder: Path, superuser) -> None:
    folder.mkdir()
    (folder / str(leases.project.pk)).touch()  # in the way of the project's folder
    leases.client.raise_request_exception = False
    assert leases.upload().status_code == 500
    assert superuser.execute("select count(*) from core_storedfile").fetchone() == (0,)


def test_uploads_at_once_do_not_meet(leases: RecordsClient) -> None:
    def upload(number: int) -> dict[str, Any]:
        try:
            return RecordsClient(client_of(leases.project.owner), leases.project).uploaded(PDF + b"%d" % number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        files = list(pool.map(upload, range(8)))
    record = leases.made("leases", tenant="Ada", papers=files)
    assert [content(leases.read_file(record, file["id"])) for file in files] == [PDF + b"%d" % n for n in range(8)]


@pytest.mark.parametrize(
    "value",
    ["x", {"id": "x"}, ["x"], [None], [{}], [{"id": 1}], [["x"]], [[]], 7, True, ["\0"], [{"id": "\ud83d"[:0]}]],
)
def test_what_names_no_file_is_refused(leases: RecordsClient, value: Any) -> None:
    assert leases.create("leases", {"tenant": "Ada", "papers": value}).status_code == 400


def test_the_same_file_twice_is_refused(leases: RecordsClient) -> None:
    file = leases.uploaded()
    assert leases.create("leases", {"tenant": "Ada", "papers": [file, file["id"].upper()]}).status_code == 400


def test_a_required_column_wants_a_file(leases: RecordsClient) -> None:
    for nothing in ({}, {"scan": []}, {"scan": None}):
        assert leases.create("notes", {"text": "x", **nothing}).status_code == 400
    file = leases.uploaded(column="scan", table="notes")
    assert leases.made("notes", text="x", scan=[file])["scan"] == [file]


def test_an_upload_says_what_is_missing(leases: RecordsClient) -> None:
    url = f"/api/v1/projects/{leases.project.pk}/tables/leases/files"
    for values, code in (
        ({"file": sent("x.pdf", PDF)}, "no_column"),
        ({"column": "tenant", "file": sent("x.pdf", PDF)}, "no_column"),
        ({"column": "papers"}, "no_file"),
        ({"column": "papers", "file": "text"}, "no_file"),
        ({"column": "papers", "file": [sent("x.pdf", PDF), sent("y.pdf", PDF)]}, "no_file"),
    ):
        response = leases.client.post(url, values, format="multipart")
        assert (response.status_code, response.json()["code"]) == (400, code)
    assert leases.client.post(url, "{}", content_type="application/json").status_code == 415
    assert leases.client.post(url, b"\xff\xfe", content_type="multipart/form-data; boundary=x").status_code == 400


def test_a_csv_names_the_files(leases: RecordsClient, browser: Client) -> None:
    file = leases.uploaded()
    leases.made("leases", tenant="Ada", papers=[file])
    response = browser.get(page(leases, "record-list"), {"format": "csv"})
    assert file["id"] in content(response).decode()
