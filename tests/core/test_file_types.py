"""What a file is: by what is in it, whatever it is called."""

from __future__ import annotations

import gzip

import pytest

from core.file_types import MAX_FILE_NAME, clean_name, is_named_rightly, sniff

ZIP = b"PK\x03\x04" + b"\0" * 26
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 8


@pytest.mark.parametrize(
    ("head", "name", "found"),
    [
        (b"\x89PNG\r\n\x1a\n....", "x.png", "image/png"),
        (b"\xff\xd8\xff\xe0..JFIF", "x.jpg", "image/jpeg"),
        (b"GIF89a<script>alert(1)</script>", "x.html", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "x.webp", "image/webp"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "x.wav", "audio/wav"),
        (b"....WEBPVP8 ", "x.webp", "text/plain"),
        (b"\0\0\0\x18ftypheic", "x.heic", "image/heic"),
        (b"\0\0\0\x18ftypisom", "x.mp4", "video/mp4"),
        (b"%PDF-1.7", "x.txt", "application/pdf"),
        (ZIP, "x.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (ZIP, "x.XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (ZIP, "x.png", "application/zip"),
        (OLE, "x.doc", "application/msword"),
        (OLE, "x.png", "application/x-ole-storage"),
        (gzip.compress(b"x"), "x.gz", "application/gzip"),
        (b"name,city\nZo\xeb,K\xf6ln\n", "x.csv", "text/csv"),
        ("a;b".encode("utf-16"), "x.csv", "text/csv"),
        (b"<!DOCTYPE html><p>", "x.png", "text/html"),
        (b"\xef\xbb\xbf \n<HTML>", "x.txt", "text/html"),
        ("<html>".encode("utf-16"), "x.txt", "text/html"),
        (b"<script>", "x.csv", "text/html"),
        (b"<svg onload=alert(1)>", "x.png", "image/svg+xml"),
        (b'<?xml version="1.0"?><!-- x --><svg>', "x.xml", "image/svg+xml"),
        (b"<!-- x --><svg>", "x.txt", "image/svg+xml"),
        (b'<?xml version="1.0"?><order/>', "x.xml", "application/xml"),
        (b"alert(1)", "x.js", "text/plain"),
        (b"MZ\x90\0", "x.png", "application/octet-stream"),
        (b"\0", "x.txt", "application/octet-stream"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_content_says_what_a_file_is(head: bytes, name: str, found: str) -> None:
    assert sniff(head, name) == found


@pytest.mark.parametrize(
    ("name", "content_type", "fits"),
    [
        ("x.png", "image/png", True),
        ("x.PNG", "image/png", True),
        ("photo", "image/png", True),
        ("x.html", "image/png", False),
        ("x.exe", "image/png", False),
        ("x.png", "application/octet-stream", False),
        ("x.svg", "text/plain", False),
        ("x.dwg", "application/octet-stream", True),
        ("x.dwg", "text/html", False),
        ("x.numbers", "application/zip", True),
    ],
)
def test_a_name_must_not_contradict_the_content(name: str, content_type: str, fits: bool) -> None:
    assert is_named_rightly(name, content_type) is fits


@pytest.mark.parametrize("name", ["", ".", "..", "/", "\\", " ", "\u202e", "\0", "...", "a/", "\ud800", "\u3164"])
def test_there_is_always_a_name(name: str) -> None:
    assert clean_name(name) == "file"


def test_a_long_name_keeps_its_ending() -> None:
    cleaned = clean_name("x" * 500 + ".docx")
    assert (len(cleaned), cleaned[-5:]) == (MAX_FILE_NAME, ".docx")
    assert len(clean_name("x." + "y" * 500)) <= MAX_FILE_NAME


@pytest.mark.parametrize("character", ["é", "合", "😀"])
def test_a_long_name_fits_into_any_folder(character: str) -> None:
    cleaned = clean_name(character * 250 + ".pdf")
    assert cleaned.endswith(character + ".pdf")
    assert 250 < len(cleaned.encode()) <= 255
