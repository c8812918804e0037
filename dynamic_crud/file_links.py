"""The files of a record as pages show them: links with an icon, and small pictures for pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.urls import reverse

from core.file_types import SHOWN_IN_BROWSER
from dynamic_crud.factory import DynamicRow
from dynamic_crud.resources import Resource

_PREVIEW_BYTES: Final = 2 * 1024 * 1024
"""The longest picture that a page shows by itself: there is one copy of each, and the whole of it is sent."""

_ICONS: Final = (
    ("image/", "image"),
    ("video/", "movie"),
    ("audio/", "audio_file"),
    ("application/pdf", "picture_as_pdf"),
    ("application/zip", "folder_zip"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml", "table_chart"),
    ("application/vnd.oasis.opendocument.spreadsheet", "table_chart"),
    ("application/vnd.ms-excel", "table_chart"),
    ("text/csv", "table_chart"),
    ("application/vnd.openxmlformats-officedocument.presentationml", "slideshow"),
    ("application/vnd.oasis.opendocument.presentation", "slideshow"),
)
"""Names of Material Symbols by the start of the media type."""


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file of a record.

    Args:
        name: what it is called.
        size: its length in bytes.
        icon: the name of a Material Symbol.
        url: where it is read.
        is_picture: whether the page shows it.
    """

    name: str
    size: int
    icon: str
    url: str
    is_picture: bool


def file_links(
    project_id: UUID, resource: Resource, row: DynamicRow, files: Iterable[Mapping[str, Any]]
) -> list[FileLink]:
    """The files of one column of a record.

    Args:
        project_id: the project's id.
        resource: the record's table.
        row: the record.
        files: the column's value.
    """
    start = [project_id, resource.table.name, row.pk]
    return [
        FileLink(
            name=file["name"],
            size=file["size"],
            icon=file_icon(file["type"]),
            url=reverse("record-file", args=[*start, file["id"]]),
            is_picture=file["type"] in SHOWN_IN_BROWSER and file["size"] <= _PREVIEW_BYTES,
        )
        for file in files
    ]


def file_icon(content_type: str) -> str:
    """The icon of a media type."""
    return next((icon for start, icon in _ICONS if content_type.startswith(start)), "description")
