"""Files of records in the browser: chosen, left out, kept through an error, shown, taken off."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.models import Project, User
from tests.browser.test_accessible import CONTRAST, NAMELESS
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import PDF, provisioned

pytestmark = pytest.mark.browser


def picture() -> bytes:
    """A red PNG of 8 by 8 pixels."""
    rows = (b"\0" + b"\xcc\x22\x44" * 8) * 8

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def project(user: User) -> Project:
    return provisioned(user, documents.leases())


@pytest.fixture
def papers(tmp_path: Path) -> list[Path]:
    """A lease, a note and a file that is too large."""
    files = {
        "Lease agreement 2026, signed by both parties (final version).pdf": PDF,
        "Note.txt": b"Call Ada",
        "Large.pdf": PDF + b"x" * 1024 * 1024,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "Kitchen.png").write_bytes(picture())
    return [tmp_path / name for name in files]


def is_fine(page: Page, fits) -> None:
    fits()
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(NAMELESS) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_files_of_a_record(signed_in: Page, project: Project, papers: list[Path], theme: str, fits) -> None:
    page = signed_in
    page.emulate_media(color_scheme=theme)
    page.goto(f"/projects/{project.pk}/data/leases/new/")
    page.get_by_label("Tenant").fill("Ada")
    page.get_by_label("Papers").set_input_files(papers[0])
    page.get_by_label("Papers").set_input_files(papers[1:])
    expect(page.get_by_text("more than 1 MB")).to_be_visible()
    is_fine(page, fits)
    page.get_by_role("button", name="Remove Large.pdf").click()
    page.get_by_label("Photos").set_input_files(papers[0].parent / "Kitchen.png")
    page.get_by_role("button", name="Save", exact=True).click()

    page.wait_for_url("**/data/leases/*-*/")
    expect(page.get_by_role("link", name=papers[0].name)).to_be_visible()
    expect(page.get_by_role("link", name="Note.txt")).to_be_visible()
    shown = page.locator("img.vc-file-picture")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 8
    is_fine(page, fits)
    with page.expect_download() as download:
        page.get_by_role("link", name=papers[0].name).click()
    assert download.value.suggested_filename == papers[0].name
    assert Path(download.value.path()).read_bytes() == PDF

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Remove Note.txt").check()
    is_fine(page, fits)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/data/leases/*-*/")
    expect(page.get_by_role("link", name="Note.txt")).to_have_count(0)
    page.goto(f"/projects/{project.pk}/data/leases/")
    is_fine(page, fits)
