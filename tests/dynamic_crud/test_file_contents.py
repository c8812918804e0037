"""What is in files: types, sizes and names that deceive, and how files are served."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core.models import User
from tests.conftest import client_of
from tests.dynamic_crud.conftest import PDF, PNG, RecordsClient, content, page, sent

HTML = b"<!doctype html><script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'
MEGABYTE = 1024 * 1024

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("content_", "name"), [(HTML, "page.html"), (SVG, "icon.svg"), (HTML, "photo.png"), (PDF, "x.pdf")]
)
def test_nothing_that_could_run_is_shown(leases: RecordsClient, browser: Client, content_: bytes, name: str) -> None:
    file = leases.uploaded(content_, name)
    record = leases.made("leases", tenant="Ada", papers=[file])
    for response in (
        browser.get(page(leases, "record-file", record["id"], file["id"])),
        leases.read_file(record, file["id"]),
    ):
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment;")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert content(response) == content_


def test_a_drawing_with_scripts_is_a_picture_that_no_page_shows(leases: RecordsClient, browser: Client) -> None:
    file = leases.uploaded(SVG, "icon.svg", "photos")
    assert file["type"] == "image/svg+xml"
    record = leases.made("leases", tenant="Ada", photos=[file])
    detail = browser.get(page(leases, "record-detail", record["id"])).content.decode()
    url = page(leases, "record-file", record["id"], file["id"])
    assert f'href="{url}"' in detail
    assert f'src="{url}"' not in detail
    assert browser.get(url)["Content-Disposition"] == 'attachment; filename="icon.svg"'


def test_a_picture_is_shown_and_kept_by_the_browser(leases: RecordsClient, browser: Client) -> None:
    file = leases.uploaded(PNG, "x.png", "photos")
    record = leases.made("leases", tenant="Ada", photos=[file])
    url = page(leases, "record-file", record["id"], file["id"])
    response = browser.get(url)
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"] == 'inline; filename="x.png"'
    assert response["Cache-Control"] == "private, no-cache"
    assert content(response) == PNG
    again = browser.get(url, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "private, no-cache")


def test_a_part_of_a_file_is_not_served_and_a_head_is(leases: RecordsClient, browser: Client) -> None:
    file = leases.uploaded()
    record = leases.made("leases", tenant="Ada", papers=[file])
    url = page(leases, "record-file", record["id"], file["id"])
    whole = browser.get(url, headers={"Range": "bytes=0-3"})
    assert (whole.status_code, whole["Accept-Ranges"], content(whole)) == (200, "none", PDF)
    head = browser.head(url)
    assert (head.status_code, head["Content-Length"], content(head)) == (200, str(len(PDF)), b"")
    assert browser.get(url, headers={"If-Match": '"another"'}).status_code == 412
    for method in ("post", "put", "patch", "delete"):
        assert getattr(browser, method)(url).status_code == 405


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(PDF[:-1])], ids=["gone", "cut"])
def test_whoever_may_read_a_lost_file_is_told(
    leases: RecordsClient, browser: Client, folder: Path, other_user: User, spoil: Callable[[Path], Any]
) -> None:
    file = leases.uploaded(name="Lost.pdf")
    record = leases.made("leases", tenant="Ada", papers=[file])
    spoil(folder / str(leases.project.pk) / file["id"])
    response = leases.read_file(record, file["id"])
    assert (response.status_code, response.json()["code"]) == (404, "file_lost")
    shown = browser.get(page(leases, "record-file", record["id"], file["id"]))
    assert shown.status_code == 404
    assert "&quot;Lost.pdf&quot; is lost" in shown.content.decode()
    stranger = RecordsClient(client_of(other_user), leases.project)
    assert stranger.read_file(record, file["id"]).json()["code"] == "not_found"
    assert browser.get(page(leases, "record-detail", record["id"])).status_code == 200


@pytest.mark.parametrize(
    ("name", "content_"),
    [
        ("photo.png", HTML),  # only the name is a picture's
        ("photo.png", PDF),
        ("page.html", PNG),  # only the content is
        ("photo.svg.exe", PNG),
        ("photo.png", b"just text"),
        ("photo.png", b"\0\1\2\3"),
    ],
)
def test_a_disguised_file_is_refused(leases: RecordsClient, folder: Path, name: str, content_: bytes) -> None:
    url = f"/api/v1/projects/{leases.project.pk}/tables/leases/files"
    values = {"column": "photos", "file": sent(name, content_, "image/png")}
    response = leases.client.post(url, values, format="multipart")
    assert response.status_code == 400
    assert response.json()["code"] == "type_not_accepted"
    assert "image/*" in response.json()["errors"][0]["fix"]
    assert not folder.exists()


def test_an_ending_alone_does_not_make_a_pdf(leases: RecordsClient) -> None:
    assert leases.upload(PNG, "scan.pdf", "scan", "notes").json()["code"] == "type_not_accepted"
    assert leases.upload(PDF, "scan.PDF", "scan", "notes").status_code == 201


def test_an_office_document_is_known_by_content_and_ending(leases: RecordsClient) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    assert leases.uploaded(packed.getvalue(), "Lease.docx")["type"].endswith("wordprocessingml.document")
    assert leases.uploaded(packed.getvalue(), "Lease.zip")["type"] == "application/zip"
    assert leases.uploaded(b"MZ\0\0", "Lease.docx")["type"] == "application/octet-stream"


def test_sizes(leases: RecordsClient, folder: Path) -> None:
    assert leases.upload(b"").json()["code"] == "empty_file"
    exact = b"x" * MEGABYTE
    assert leases.uploaded(exact)["size"] == MEGABYTE
    stored = list(folder.rglob("*"))
    response = leases.upload(exact + b"x")
    assert response.status_code == 413
    assert response.json()["code"] == "file_too_large"
    assert "1 MB" in response.json()["detail"]
    assert list(folder.rglob("*")) == stored


def test_a_request_that_is_too_long_is_not_read(leases: RecordsClient, browser: Client, settings) -> None:
    settings.UPLOAD_MAX_MB = 1
    values = {"tenant": "Ada", "papers": [sent(f"{number}.pdf", b"x" * MEGABYTE) for number in range(3)]}
    assert browser.post(page(leases, "record-create"), values).status_code == 413
    assert leases.list("leases").json()["count"] == 0
    response = leases.upload(b"x" * 3 * MEGABYTE)
    assert (response.status_code, response.json()["code"]) == (413, "file_too_large")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/cron.d/x", "x"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\u200b\u2066b\x07.pdf", "ab.pdf"),
        ("Mie\u0301tvertrag.pdf", "Miétvertrag.pdf"),
        ("договор 合同 עברית.pdf", "договор 合同 עברית.pdf"),
        ("  two\u00a0  spaces .pdf ", "two spaces .pdf"),
        ("<img src=x onerror=alert(1)>.pdf", "<img src=x onerror=alert(1)>.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("é" * 300 + ".pdf", "é" * 125 + ".pdf"),  # 254 bytes
        ("&#x202e;gnp.exe", "gnp.exe"),
        ("&#x2f;etc&#x2f;passwd", "passwd"),
        ("x.pdf\0.exe", "x.pdf.exe"),
        ('"; filename="x.html', '"; filename="x.html'),
    ],
)
def test_names_are_made_harmless(leases: RecordsClient, browser: Client, folder: Path, given: str, kept: str) -> None:
    boundary = "----vibecrm"
    quoted = given.replace("\\", "\\\\").replace('"', '\\"')
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="column"\r\n\r\npapers\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    )
    body = parts.encode() + PDF + f"\r\n--{boundary}--\r\n".encode()
    url = f"/api/v1/projects/{leases.project.pk}/tables/leases/files"
    file = leases.client.generic("POST", url, body, f"multipart/form-data; boundary={boundary}").json()
    assert file["name"] == kept
    record = leases.made("leases", tenant="Ada", papers=[file])
    assert all(path.is_dir() or path.name == file["id"] for path in folder.rglob("*"))
    disposition = leases.read_file(record, file["id"])["Content-Disposition"]
    assert not {"\n", "\r", "\0"} & set(disposition)
    assert "<img" not in browser.get(page(leases, "record-detail", record["id"])).content.decode().split("vc-files")[1]
