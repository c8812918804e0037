"""Files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models

from core import sql
from core.file_types import MAX_FILE_NAME
from schemas.column_types.base import ColumnType, column_types
from schemas.column_types.conversions import Conversion
from schemas.column_types.settings import Setting, TextList, WholeNumber
from schemas.column_types.text import check_storable
from schemas.document import Column, Json, thaw

MOST_FILES: Final = 50
"""Files that a column may be made to take."""

_MOST_BYTES: Final = 2**53
"""As far as a JavaScript number counts; how large a file may be, its column says when it comes in."""
_KEYS: Final = ("id", "name", "size", "type")
_ACCEPT: Final = r"^(?:[a-z]+/(?:\*|[a-z0-9][a-z0-9.+-]*)|\.[a-z0-9]{1,10})$"


class FilesField(models.JSONField):
    """The files of a record: a list of `{id, name, size, type}`. None stands for no file."""

    def to_python(self, value: Any) -> Any:
        """The list; an empty one is None: there is one way to say that there is no file."""
        return None if value in ([], ()) else super().to_python(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """The list as jsonb, an empty one as null."""
        return super().get_db_prep_save(value or None, connection)


def check_files(value: Any) -> None:
    """Refuses what is no list of files. Whether they exist and whose they are, only the platform can tell."""
    if not isinstance(value, list) or not all(_is_file(item) for item in value):
        raise ValidationError("The value has to be a list of files, each with id, name, size and type.", code="invalid")
    for item in value:
        check_storable(item["name"])
        check_storable(item["type"])
    if len({item["id"] for item in value}) < len(value):
        raise ValidationError("The same file is listed twice.", code="duplicate")


def accepts(column_setting: Json, name: str, content_type: str) -> bool:
    """Whether a file may be put into a column.

    Args:
        column_setting: the column's `accept`; empty for any file.
        name: the file's name.
        content_type: its media type.
    """
    kinds = [str(kind) for kind in column_setting]
    return not kinds or any(
        name.lower().endswith(kind) if kind.startswith(".") else _matches(kind, content_type) for kind in kinds
    )


class AttachmentType(ColumnType):
    """Files, such as contracts or photos. The column has what is known of them; storage has what is in them."""

    key = "attachment"
    label = "Files"
    aliases = ("attachments", "file", "files", "image", "images", "photo", "document", "upload")
    settings: ClassVar[Mapping[str, Setting]] = {
        "max_files": WholeNumber(10, low=1, high=MOST_FILES),
        "max_size_mb": WholeNumber(10, low=1, high=100),
        "accept": TextList(
            (),
            longest=100,
            pattern=_ACCEPT,
            noun='a list of media types and endings, such as ["image/*", "application/pdf", ".docx"]',
            most=20,
        ),
    }
    json_types = (list,)
    examples = (
        [{"id": "6fa459ea-ee8a-3ca4-894e-db77e160355e", "name": "Lease.pdf", "size": 3, "type": "application/pdf"}],
    )
    lookups = ("isnull",)
    sortable = False
    cell = "crud/cells/attachment.html"
    typescript = "Attachment[]"
    no_default = "a file belongs to one record"

    def index_bytes(self, column: Column) -> None:
        """None: lists of files may be long."""

    def sql_type(self, column: Column) -> str:
        """Always `jsonb`."""
        return "jsonb"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """A list of at least one file and at most as many as the column takes."""
        names = {"name": sql.identifier(column.name), "most": sql.literal(self.setting(column, "max_files"))}
        yield sql.format("jsonb_typeof({name}) = 'array' and jsonb_array_length({name}) between 1 and {most}", **names)

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A JSON field for what is known of the files."""
        most = self.setting(column, "max_files")

        def check_number(value: Any) -> None:
            if isinstance(value, list) and len(value) > most:
                raise ValidationError(f"At most {most} files fit here.", code="too_many")

        return FilesField(validators=[check_files, check_number], **common)

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """Only files: nothing else is one. Those that are there stay, whatever may be added."""
        if column_types.get(before.type) is not self:
            return None
        grows = self.setting(before, "max_files") <= self.setting(after, "max_files")
        return Conversion(sql.identifier(before.name)) if grows else super().conversion(before, after)

    def value(self, column: Column, data: Json) -> Any:
        """A list of files."""
        return super().value(column, thaw(data) if isinstance(data, list | tuple) else data)

    def parse(self, column: Column, text: str) -> Any:
        """A list of files as JSON."""
        try:
            files = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("The value has to be a list of files as JSON.") from None
        return self.clean(column, files)

    def text(self, column: Column, value: Any) -> str:
        """The list as JSON."""
        return json.dumps(value, ensure_ascii=False)


def _is_file(item: Any) -> bool:
    if not isinstance(item, dict) or set(item) != set(_KEYS):
        return False
    if not all(isinstance(item[key], str) for key in ("id", "name", "type")) or type(item["size"]) is not int:
        return False
    if not (0 < len(item["name"]) <= MAX_FILE_NAME and len(item["type"]) <= MAX_FILE_NAME):
        return False
    if not 0 <= item["size"] <= _MOST_BYTES:
        return False
    try:
        return bool(str(UUID(item["id"])) == item["id"])
    except ValueError:
        return False


def _matches(kind: str, content_type: str) -> bool:
    whole_family = kind.endswith("/*") and content_type.startswith(kind.removesuffix("*"))
    return whole_family or content_type == kind
