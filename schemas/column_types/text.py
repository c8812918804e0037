"""Text of one line, and what all types that are text in PostgreSQL share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from core import sql
from schemas.column_types.base import ColumnType, Fault, whole_number_faults
from schemas.document import Column, Json

_MAX_INDEXED_CHARACTERS = 650
"""Four bytes a character at most, in an index entry of 2,704 bytes."""


def check_storable(value: str) -> None:
    """Refuses text that PostgreSQL cannot hold: NUL, and halves of characters (lone surrogates)."""
    if "\0" in value:
        raise ValidationError("Null characters are not allowed.", code="null_characters_not_allowed")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValidationError("The text contains half of a character.", code="surrogate_characters") from error


class TextType(ColumnType):
    """A line of text of limited length."""

    key = "text"
    label = "Text"
    aliases: ClassVar[tuple[str, ...]] = (
        "string",
        "varchar",
        "char",
        "character",
        "character varying",
        "citext",
        "short_text",
    )
    parameters: ClassVar[tuple[str, ...]] = ("max_length",)
    settings = {"max_length": 255}
    examples: ClassVar[tuple[Json, ...]] = ("Hello", "O'Hara \u05d0 \U0001f600 \\")
    lookups: ClassVar[tuple[str, ...]] = ("icontains", "istartswith", "exact", "isnull")
    searchable = True

    longest: ClassVar[int] = 10_000
    """The largest `max_length`, in characters."""
    pattern: ClassVar[str] = ""
    """What every value matches, in the syntax that Python and PostgreSQL have in common."""
    pattern_message: ClassVar[str] = ""
    """The sentence for a value that does not."""
    field_class: ClassVar[type[models.Field[Any, Any]]] = models.CharField

    def setting_faults(self, column: Column) -> Iterator[Fault]:
        """`max_length` is within the type's bounds."""
        yield from whole_number_faults(self, column, "max_length", 1, self.longest)

    def indexable(self, column: Column) -> bool:
        """Whether the longest value fits into an index entry."""
        return bool(self.setting(column, "max_length") <= _MAX_INDEXED_CHARACTERS)

    def sql_type(self, column: Column) -> str:
        """Always `text`: a length in the type could not be changed without a rewrite."""
        return "text"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """The length in characters, and the pattern."""
        name, length = sql.identifier(column.name), sql.literal(self.setting(column, "max_length"))
        yield sql.format("char_length({name}) <= {length}", name=name, length=length)
        if self.pattern:
            yield sql.format("{name} ~ {pattern}", name=name, pattern=sql.literal(self.pattern))

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A field with the same length and pattern."""
        return self.field_class(
            max_length=self.setting(column, "max_length"), validators=self.validators(column), **common
        )

    def validators(self, column: Column) -> list[Any]:
        """What the field checks beside its length."""
        return [check_storable, *([RegexValidator(self.pattern, self.pattern_message)] if self.pattern else [])]
