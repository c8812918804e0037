"""How files of a request are read: nowhere, but where a view takes them, and never more of them than it takes.

Django stores every file of every form that somebody sends, before any view has a say. Here a file that nobody asked
for is let go of while it arrives, and one that is too long is cut, so that no request can fill memory or the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from core.errors import BadRequest, TooLarge

_ENVELOPE_BYTES = 1024 * 1024
"""What a request may hold beside its files: the other fields and the lines around them."""

Limits = Mapping[str, int]
"""The names of the form fields that take files, each with the bytes that one file may have."""


class Upload(UploadedFile):
    """A file that arrived. It is on disk, without a name there, so that it is gone when the request ends."""

    is_cut: bool = False
    """Whether it was longer than its field takes. What arrived was let go of."""


class NoUploads(FileUploadHandler):
    """Takes no file: how every request is read unless its view says otherwise."""

    def new_file(self, *args: Any, **options: Any) -> None:
        """Skips the file."""
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Nothing of a skipped file is offered."""

    def file_complete(self, file_size: int) -> None:
        """Nor is its end told."""


class LimitedUploads(FileUploadHandler):
    """Takes the files of some form fields, each up to a limit.

    Args:
        request: the request that is read.
        find_limits: says which fields take files. It is asked when the first file arrives: the CSRF check reads the
            form before the view runs.
    """

    def __init__(self, request: HttpRequest, find_limits: Callable[[], Limits]) -> None:
        super().__init__(request)
        self._find_limits = find_limits
        self._limits: Limits | None = None
        self._upload: Upload | None = None

    def new_file(self, field_name: str, file_name: str, *args: Any, **options: Any) -> None:
        """Starts a file, or skips it where its field takes none."""
        super().new_file(field_name, file_name, *args, **options)
        if self._limits is None:
            self._limits = self._find_limits()
        if field_name not in self._limits:
            raise SkipFile
        settings.UPLOAD_TEMP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = TemporaryFile(dir=settings.UPLOAD_TEMP_DIR)  # noqa: SIM115  (it lives as long as the request)
        self._upload = Upload(file, self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Writes what arrived, or lets go of all of it once it is too long."""
        if self._upload is None or self._limits is None:
            return
        if start + len(raw_data) > self._limits[self.field_name]:
            self._upload.is_cut = True
            self._upload.truncate(0)
        if not self._upload.is_cut:
            self._upload.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """The file, to be read from its start; None for one that was skipped."""
        upload, self._upload = self._upload, None
        if upload is not None:
            upload.seek(0)
            upload.size = file_size
        return upload

    def upload_interrupted(self) -> None:
        """Closes, and so deletes, what arrived of a file whose sender has gone."""
        if self._upload is not None:
            self._upload.close()


def take_files(request: HttpRequest, find_limits: Callable[[], Limits]) -> None:
    """Lets a request bring files. Call it before anything reads the request's form: in `dispatch`.

    What is longer than its field takes is read to its end all the same: a client that is still sending hears no answer.

    Args:
        request: the request.
        find_limits: says which fields take files; asked when the first one arrives.

    Raises:
        BadRequest: when the request does not say how long it is: Django would take it for an empty one.
        TooLarge: when all files together are more than UPLOAD_MAX_MB; nothing of them is read then.
    """
    most = settings.UPLOAD_MAX_MB * 1024 * 1024
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length == "0" and "Transfer-Encoding" in request.headers:
        raise BadRequest("Send the header Content-Length: files are not read without it.", code="no_length")
    if length.isdecimal() and int(length) > most + _ENVELOPE_BYTES:
        detail = f"The request is larger than {settings.UPLOAD_MAX_MB} MB. Send fewer or smaller files."
        raise TooLarge(detail, code="file_too_large")
    request.upload_handlers = [LimitedUploads(request, find_limits)]
