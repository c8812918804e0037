"""Fields of the API whose values are read and shown as their columns say, where DRF has a way of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import models
from rest_framework import serializers

from dynamic_crud.file_fields import FilesOfRecord
from schemas.column_types.attachment import FilesField
from schemas.column_types.duration import LengthField
from schemas.column_types.rich_text import RichTextField, sanitised


class _ReadByColumn:
    """Has the model's field read what DRF has read.

    Args:
        column: the model's field.
        **options: as of every field of DRF.
    """

    def __init__(self, *, column: models.Field[Any, Any], **options: Any) -> None:
        super().__init__(**options)
        self.column = column

    def to_internal_value(self, data: Any) -> Any:
        """The value as the column has it; raises Django's `ValidationError` or DRF's."""
        return self.column.to_python(super().to_internal_value(data))  # type: ignore[misc]


class FormattedText(_ReadByColumn, serializers.CharField):
    """HTML, sanitised on its way in and, whoever wrote it, on its way out."""

    def to_internal_value(self, data: Any) -> str:
        """The sanitised text, which may be nothing."""
        text: str | None = super().to_internal_value(data)
        if not text and not self.allow_blank:
            self.fail("blank")
        return text or ""

    def to_representation(self, value: Any) -> str:
        """The sanitised text."""
        return sanitised(super().to_representation(value))


class Length(_ReadByColumn, serializers.DurationField):
    """A duration: `[DD] HH:MM:SS[.ffffff]`, on its way in also as people write it."""

    def to_internal_value(self, value: Any) -> Any:
        """The duration; raises Django's `ValidationError` or DRF's."""
        if not isinstance(value, str):
            self.fail("invalid", format="[DD] [HH:[MM:]]ss[.uuuuuu]")
        return self.column.to_python(value)


class JsonValue(_ReadByColumn, serializers.JSONField):
    """Any JSON. The column says what of it can be stored."""

    def to_internal_value(self, data: Any) -> Any:
        """The value as it was read from JSON: DRF would write it down to see whether that is possible, and fail."""
        return data


_OWN: Final[Mapping[type[models.Field[Any, Any]], type[serializers.Field[Any, Any, Any, Any]]]] = {
    RichTextField: FormattedText,
    LengthField: Length,
    FilesField: FilesOfRecord,
    models.JSONField: JsonValue,
}
"""By the class of the model's field."""


def api_field(column: models.Field[Any, Any], usual: type[Any], options: Mapping[str, Any]) -> tuple[type[Any], Any]:
    """The class and the options of a column's field in the API.

    Where the model's field reads values in a way of its own, such as phone numbers or options in their order, DRF's
    field has it do so.

    Args:
        column: the model's field.
        usual: the class of DRF for such a field.
        options: what DRF would make it with.
    """
    own = _OWN.get(type(column))
    if own is None and not type(column).to_python.__module__.startswith("django."):
        own = type(usual.__name__, (_ReadByColumn, usual), {})
    return (own, {**options, "column": column}) if own else (usual, options)
