"""Files that arrive for records, and files that are read: what is checked at either door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict

from core import files
from core.errors import Forbidden, NotFound, Problem, TooLarge, fault, refusal
from core.file_types import HEAD_BYTES, clean_name, is_named_rightly, sniff
from core.models import StoredFile
from core.rights import Right
from core.uploads import Limits
from dynamic_crud.attaching import Claim, Received, described, file_fields, place_of
from dynamic_crud.records import Records
from dynamic_crud.resources import ResourceField
from schemas.column_types.attachment import accepts

_MEGABYTE: Final = 1024 * 1024


def limits_of(request: HttpRequest, project_id: UUID, table: str) -> Limits:
    """The bytes that one file may have, by the name of its column; none for whoever may not write to the table."""
    records = writable(request, project_id, table)
    return {item.name: most_bytes(item) for item in file_fields(records.resource)} if records else {}


def writable(request: HttpRequest, project_id: UUID, table: str) -> Records | None:
    """The records of a table that the sender of a request may write to; None where there are none."""
    if not request.user.is_authenticated:
        return None
    try:
        return Records.access(request.user, project_id, table, Right.WRITE_RECORDS)
    except (NotFound, Forbidden):
        return None


def most_bytes(item: ResourceField) -> int:
    """How long a file of the column may be."""
    return int(item.settings["max_size_mb"]) * _MEGABYTE


def store(records: Records, item: ResourceField, upload: UploadedFile, path: str = "$.file") -> StoredFile:
    """Checks a file that arrived for a column, and keeps it.

    Args:
        records: the table, as its user reaches it.
        item: the column.
        upload: the file, as `core.uploads` read it.
        path: where it stands in the request, for errors.

    Raises:
        TooLarge: when it is longer than the column takes.
        BadRequest: when it is empty, or not of a type that the column takes.
    """
    name = clean_name(upload.name or "")
    if getattr(upload, "is_cut", False) or (upload.size or 0) > most_bytes(item):
        most = item.settings["max_size_mb"]
        detail = f'"{name}" is larger than {most} MB, which is the most that {item.column.title} takes.'
        raise TooLarge(
            detail, code="file_too_large", errors=[fault("file_too_large", path, detail, "Make it smaller.")]
        )
    if not upload.size:
        raise refusal("empty_file", path, f'"{name}" is empty.', "Choose a file that has something in it.")
    content_type = sniff(upload.read(HEAD_BYTES), name)
    upload.seek(0)
    if not _is_accepted(item, name, content_type):
        kinds = ", ".join(item.settings["accept"])
        detail = f'"{name}" cannot be put here: by what is in it, it is {content_type}.'
        raise refusal(
            "type_not_accepted", path, detail, f"{item.column.title} takes {kinds}, with an ending that fits."
        )
    return files.store(records.user, place_of(records.project, records.resource, item), upload, name, content_type)


def receive(records: Records, request: HttpRequest) -> dict[str, Received]:
    """Stores the files of a form, before the project's door opens. Reads the request's form.

    Args:
        records: the table, as its user reaches it.
        request: the post; each column's new files under its name, and there too the ids of those that an earlier try
            of the same form stored.

    Returns:
        What arrived, by the name of the column.
    """
    items = file_fields(records.resource)
    pending = {item.name: list(_ids(request.POST.getlist(item.name))) for item in items}
    claim = Claim.make(records.user, records.project, records.resource, [pending])
    return {item.name: _receive(records, item, claim.find(item, pending[item.name]), request.FILES) for item in items}


def find_file(records: Records, record_id: UUID, file_id: UUID) -> StoredFile:
    """A file of a record that the user may read; raises `NotFound`, in the same words whatever is missing."""
    try:
        row = records.get(record_id)
    except NotFound:
        raise NotFound from None
    for item in file_fields(records.resource):
        if str(file_id) in {file["id"] for file in getattr(row, item.name) or ()}:
            return files.access_file(records.user, place_of(records.project, records.resource, item), file_id)
    raise NotFound


def _receive(
    records: Records, item: ResourceField, kept: list[dict[str, Any]], sent: MultiValueDict[str, UploadedFile]
) -> Received:
    uploads = sent.getlist(item.name)
    most = item.settings["max_files"]
    if len(kept) + len(uploads) > most:
        fault = f"{len(kept) + len(uploads)} files were chosen, and at most {most} fit here."
        return Received(tuple(kept), (fault,))
    faults = []
    for upload in uploads:
        try:
            kept.append(described(store(records, item, upload)))
        except Problem as problem:
            faults += [f"{fault['detail']} {fault['fix']}" for fault in problem.errors]
    return Received(tuple(kept), tuple(faults))


def _is_accepted(item: ResourceField, name: str, content_type: str) -> bool:
    accept = item.settings["accept"]
    return accepts(accept, name, content_type) and (not accept or is_named_rightly(name, content_type))


def _ids(texts: list[str]) -> Iterator[UUID]:
    for text in dict.fromkeys(texts):
        try:
            yield UUID(text)
        except ValueError:
            continue  # no id of ours
