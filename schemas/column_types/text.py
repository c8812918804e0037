"""Text of one line, and what all types that are text in PostgreSQL share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from core import sql
from schemas.column_types.base import ColumnType, column_types
from schemas.column_types.conversions import DOES_NOT_FIT, Conversion, checked, trimmed
from schemas.column_types.settings import Setting, WholeNumber
from schemas.document import Column, Json


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
    settings: ClassVar[Mapping[str, Setting]] = {"max_length": WholeNumber(255, in_brackets=True, low=1, high=10_000)}
    examples: ClassVar[tuple[Json, ...]] = ("Hello", "O'Hara \u05d0 \U0001f600 \\")
    lookups: ClassVar[tuple[str, ...]] = ("icontains", "istartswith", "exact", "isnull")
    searchable = True

    pattern: ClassVar[str] = ""
    """What every value matches, in the syntax that Python and PostgreSQL have in common."""
    pattern_message: ClassVar[str] = ""
    """The sentence for a value that does not."""
    field_class: ClassVar[type[models.Field[Any, Any]]] = models.CharField

    def index_bytes(self, column: Column) -> int | None:
        """Four bytes a character at most, and four for the length."""
        return 4 * int(self.setting(column, "max_length")) + 4

    def text_length(self, column: Column) -> int:
        """As long as a value may be."""
        return int(self.setting(column, "max_length"))

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """A text takes the text form of anything, one with a pattern what matches it of other texts."""
        kind = column_types.get(before.type)
        text, length = kind.text_sql(before, sql.identifier(before.name)), kind.text_length(before)
        if self.pattern and kind is not self:
            if kind.sql_type(before) != "text":
                return None
            return Conversion(checked(trimmed(text), after.name, self.checks(after)), DOES_NOT_FIT)
        most = self.text_length(after)
        if length is not None and length <= most:
            return Conversion(text)
        loss = f"Values of more than {most:,} characters become empty."
        return Conversion(checked(text, after.name, self.checks(after)), loss)

    def text_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """The value itself."""
        return value

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
