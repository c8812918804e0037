"""How files of a request are read: only where they are wanted, and never more of them than that."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import SkipFile
from django.http import HttpRequest
from django.test import RequestFactory

from core.errors import BadRequest, TooLarge
from core.uploads import LimitedUploads, Limits, take_files


@pytest.fixture
def handler() -> LimitedUploads:
    """One that takes ten bytes in the field `papers`."""
    return LimitedUploads(HttpRequest(), lambda: {"papers": 10})


def begin(handler: LimitedUploads, field: str) -> None:
    handler.new_file(field, "x.pdf", "application/pdf", None)


def post(**headers: str) -> HttpRequest:
    files = {"papers": SimpleUploadedFile("x.pdf", b"x" * 20), "other": SimpleUploadedFile("y.pdf", b"y")}
    return RequestFactory().post("/", files, headers=headers)


def on_disk(upload: UploadedFile) -> bytes:
    upload.seek(0)
    return upload.read()


def test_a_file_is_judged_while_it_arrives_and_let_go_of_once_it_is_too_long(handler: LimitedUploads) -> None:
    begin(handler, "papers")
    for start, chunk in ((0, b"12345"), (5, b"67890"), (10, b"1"), (11, b"2345")):
        handler.receive_data_chunk(chunk, start)
    upload = handler.file_complete(15)
    assert upload is not None
    assert (upload.size, upload.is_cut, on_disk(upload)) == (15, True, b"")


def test_a_file_of_just_the_limit_is_taken(handler: LimitedUploads) -> None:
    begin(handler, "papers")
    handler.receive_data_chunk(b"1234567890", 0)
    upload = handler.file_complete(10)
    assert upload is not None
    assert (upload.size, upload.is_cut, on_disk(upload)) == (10, False, b"1234567890")


def test_a_file_that_nobody_asked_for_is_skipped(handler: LimitedUploads) -> None:
    with pytest.raises(SkipFile):
        begin(handler, "other")
    assert handler.file_complete(0) is None


def test_what_arrived_of_a_broken_upload_is_gone(handler: LimitedUploads) -> None:
    begin(handler, "papers")
    handler.receive_data_chunk(b"123", 0)
    upload = handler._upload
    handler.upload_interrupted()
    assert upload is not None
    assert upload.closed


def test_a_request_brings_the_files_that_its_view_takes_and_no_others() -> None:
    asked: list[str] = []

    def limits() -> Limits:
        asked.append("once")
        return {"papers": 20}

    request = post()
    take_files(request, limits)
    assert asked == []
    assert [(name, file.size) for name, file in request.FILES.items()] == [("papers", 20)]
    assert asked == ["once"]


def test_a_view_that_takes_none_gets_none() -> None:
    request = post()
    assert list(request.FILES) == []


def test_a_request_says_how_long_it_is(settings) -> None:
    settings.UPLOAD_MAX_MB = 1
    request = post()
    request.META["CONTENT_LENGTH"] = str(3 * 1024 * 1024)
    with pytest.raises(TooLarge):
        take_files(request, dict)
    silent = post(**{"Transfer-Encoding": "chunked"})
    del silent.META["CONTENT_LENGTH"]
    with pytest.raises(BadRequest, match="Content-Length"):
        take_files(silent, dict)
