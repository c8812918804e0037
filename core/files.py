"""Uploaded files: their rows in the platform's database, their bytes in Django's storage named `attachments`.

Each function opens its own door, so call them outside of any. A file is reached by its id inside a project and a
column; what somebody else uploaded and what does not exist are answered alike.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.utils import timezone

from core.errors import NotFound
from core.models import Project, StoredFile, User
from core.tenancy import acting_as

logger = logging.getLogger(__name__)

STORAGE = "attachments"
"""The alias in STORAGES. Nothing but the guarded addresses of files serves what is in it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where files belong: a column of a project's table, by the ids that survive a rename."""

    project: Project
    table_id: str
    column_id: str


def storage() -> Storage:
    """The storage of the bytes."""
    return storages[STORAGE]


def storage_name(project_id: UUID, file_id: UUID) -> str:
    """What a file is called in storage: nothing that a person typed."""
    return f"{project_id}/{file_id}"


def store(user: User, place: Place, content: File[bytes], name: str, content_type: str) -> StoredFile:
    """Keeps a file that was checked.

    Args:
        user: who uploads it.
        place: where it may be attached.
        content: its bytes.
        name: its name, made harmless by `core.file_types.clean_name`.
        content_type: its type, found by `core.file_types.sniff`.
    """
    digest, size = hashlib.sha256(), 0
    for chunk in content.chunks():
        digest.update(chunk)
        size += len(chunk)
    file_id = uuid4()
    content.seek(0)
    # The bytes first: a row without them would be a promise that nobody keeps. Bytes without a row are purged.
    storage().save(storage_name(place.project.pk, file_id), content)
    with acting_as(user.pk):
        return StoredFile.objects.create(
            id=file_id,
            project=place.project,
            uploaded_by=user,
            table_id=place.table_id,
            column_id=place.column_id,
            name=name,
            size=size,
            content_type=content_type,
            sha256=digest.hexdigest(),
        )


def claim_own(user: User, project: Project, ids: Collection[UUID]) -> Mapping[UUID, StoredFile]:
    """Those of the files that the user uploaded to the project, about to be attached to a row.

    Their time of use becomes now. A purge deletes no file whose time of use is recent, so that none of these can
    vanish before the row that will refer to them is stored.
    """
    with acting_as(user.pk):
        own = StoredFile.objects.filter(project=project, uploaded_by=user, pk__in=ids)
        own.update(used_at=timezone.now())
        return own.in_bulk()


def access_file(user: User, place: Place, file_id: UUID) -> StoredFile:
    """A file of that place; raises `NotFound`. Whether the user may read it, the row that it is attached to says."""
    with acting_as(user.pk):
        found = StoredFile.objects.filter(
            pk=file_id, project=place.project, table_id=place.table_id, column_id=place.column_id
        ).first()
    if found is None:
        raise NotFound
    return found


def content_of(file: StoredFile) -> File[bytes]:
    """The bytes of a file, opened.

    Args:
        file: a file that the user may read: the error tells its name.

    Raises:
        NotFound: with the code `file_lost`, when the storage has lost them, or a part of them.
    """
    name = storage_name(file.project_id, file.pk)
    try:
        content = storage().open(name)
        if content.size == file.size:
            return content
        content.close()
    except FileNotFoundError:
        pass  # as bad as too short, and told below
    logger.error("The storage of attachments does not have the %d bytes of %s.", file.size, name)
    detail = (
        f'The content of "{file.name}" is lost: the record names the file, but the storage does not have it. '
        "Upload it again, or ask whoever runs this server to bring it back from a backup."
    )
    raise NotFound(detail, code="file_lost")
