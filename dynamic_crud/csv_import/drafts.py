"""Imports that are under way: a row of the platform's and the bytes of a file, both for their user alone.

The bytes are in the storage of attachments, in a folder that no address leads to. They go when the import is done or
cancelled, and after a day in any case, and with them whatever the folder holds that no row knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.core.files.base import ContentFile, File
from django.utils import timezone

from core import files
from core.errors import Conflict, NotFound
from core.tenancy import acting_as, as_platform
from dynamic_crud.csv_import.cells import text_of
from dynamic_crud.csv_import.matching import suggested
from dynamic_crud.csv_import.reading import Sheet
from dynamic_crud.csv_import.targets import cut
from dynamic_crud.models import CsvImport
from dynamic_crud.records import Records

KEPT: Final = timedelta(days=1)
"""How long an import can be gone on with."""

_FOLDER: Final = "imports"
_REFUSED: Final = ".refused.csv"
_MOST_UNFINISHED: Final = 20
"""Imports of a user in a project that wait to be gone on with: each keeps a file."""
_SAMPLES: Final = 3
_SAMPLE_LENGTH: Final = 60
_GONE: Final = "This import is not there any more: it was cancelled, or it is older than a day. Upload the file again."


def begin(records: Records, name: str, content: bytes, sheet: Sheet) -> CsvImport:
    """Keeps a file that was read, with the columns that its own names mean.

    Args:
        records: the table, as its user reaches it.
        name: what the file is called, made harmless by `core.file_types.clean_name`.
        content: its bytes.
        sheet: what was read of it.

    Raises:
        Conflict: when too many imports wait already.
    """
    with acting_as(records.user.pk):
        waiting = CsvImport.objects.filter(user=records.user, project=records.project, result__isnull=True).count()
    if waiting >= _MOST_UNFINISHED:
        detail = f"{waiting} imports of yours are not finished. Finish or discard one first."
        raise Conflict(detail, code="too_many_imports")
    draft = CsvImport(
        id=uuid4(),
        user=records.user,
        project=records.project,
        table=records.resource.table.id,
        name=name,
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        size=len(content),
        row_count=len(sheet.lines),
        columns=[{"name": each, "samples": _samples(sheet, place)} for place, each in enumerate(sheet.header)],
        matching=suggested(records.resource, sheet.header),
    )
    # The bytes first: a row without them would be a promise that nobody keeps. Bytes without a row go within a day.
    files.storage().save(_stored_name(draft.pk), ContentFile(content))
    with acting_as(records.user.pk):
        draft.save(force_insert=True)
    return draft


def find(records: Records, import_id: UUID) -> CsvImport:
    """The user's import into the table; raises `NotFound`."""
    with acting_as(records.user.pk):
        found = _own(records).filter(pk=import_id).first()
    if found is None:
        raise NotFound(_GONE)
    return found


def unfinished(records: Records) -> list[CsvImport]:
    """The user's imports into the table that can be gone on with, newest first."""
    with acting_as(records.user.pk):
        return list(_own(records).filter(result__isnull=True))


def content_of(draft: CsvImport) -> bytes:
    """The bytes of its file; raises `NotFound`."""
    try:
        with files.storage().open(_stored_name(draft.pk)) as content:
            return bytes(content.read())
    except FileNotFoundError:
        raise NotFound(_GONE) from None


def keep(draft: CsvImport, **values: Any) -> None:
    """Stores what is new about an import; what was cancelled meanwhile stays away."""
    with acting_as(draft.user_id):
        CsvImport.objects.filter(pk=draft.pk).update(**values)
    for name, value in values.items():
        setattr(draft, name, value)


def keep_refused(draft: CsvImport, content: bytes) -> None:
    """Keeps the file of the lines with which something is wrong, in place of an earlier one."""
    files.storage().delete(_stored_name(draft.pk, _REFUSED))
    files.storage().save(_stored_name(draft.pk, _REFUSED), ContentFile(content))


def refused_of(draft: CsvImport) -> File[bytes]:
    """That file, opened; raises `NotFound` when there is none."""
    try:
        return files.storage().open(_stored_name(draft.pk, _REFUSED))
    except FileNotFoundError:
        raise NotFound("There is no file of refused lines. Check the import again.") from None


def forget_file(draft: CsvImport) -> None:
    """Deletes the bytes of an import that is done. The file of refused lines stays for a day."""
    files.storage().delete(_stored_name(draft.pk))


def forget(draft: CsvImport) -> None:
    """Deletes an import with all that is kept of it."""
    with acting_as(draft.user_id):
        CsvImport.objects.filter(pk=draft.pk).delete()
    for ending in ("", _REFUSED):
        files.storage().delete(_stored_name(draft.pk, ending))


def forget_old() -> None:
    """Deletes imports older than a day, and the bytes of those that went with their user or project."""
    before = timezone.now() - KEPT
    with as_platform():
        CsvImport.objects.filter(created_at__lt=before).delete()
    with suppress(FileNotFoundError):  # nothing was ever imported
        _, names = files.storage().listdir(_FOLDER)
        _forget_files([f"{_FOLDER}/{name}" for name in names])


def _forget_files(names: Sequence[str]) -> None:
    before = timezone.now() - KEPT
    for name in names:
        with suppress(FileNotFoundError):  # somebody else was faster
            if files.storage().get_modified_time(name) < before:
                files.storage().delete(name)


def _own(records: Records) -> Any:
    """The user's imports into the table that are not too old. The policy says the same of the user."""
    mine = {"user": records.user, "project": records.project, "table": records.resource.table.id}
    return CsvImport.objects.filter(**mine, created_at__gte=timezone.now() - KEPT)


def _stored_name(import_id: UUID, ending: str = "") -> str:
    return f"{_FOLDER}/{import_id}{ending}"


def _samples(sheet: Sheet, place: int) -> list[str]:
    """The first values of a column that say something."""
    found: list[str] = []
    for line in sheet.lines:
        text = text_of(line.cells[place]) if place < len(line.cells) else ""
        if text and (shown := cut(" ".join(text.split()), _SAMPLE_LENGTH)) not in found:
            found.append(shown)
        if len(found) == _SAMPLES:
            break
    return found
