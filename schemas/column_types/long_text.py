"""Text of many lines."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models

from schemas.column_types.settings import WholeNumber
from schemas.column_types.text import TextType
from schemas.document import Column


class LongTextType(TextType):
    """Notes, descriptions: text of many lines."""

    key = "long_text"
    label = "Long text"
    aliases: ClassVar[tuple[str, ...]] = ("longtext", "mediumtext", "textarea", "multiline", "clob")
    settings = {"max_length": WholeNumber(100_000, low=1, high=10_000_000)}
    examples = ("First line\nSecond line",)
    lookups = ("icontains", "isnull")
    cell = "crud/cells/long_text.html"
    field_class = models.TextField

    def index_bytes(self, column: Column) -> None:
        """None: long values do not fit into an index entry."""

    def validators(self, column: Column) -> list[Any]:
        """The length too: Django's TextField leaves it to the form."""
        return [*super().validators(column), MaxLengthValidator(self.setting(column, "max_length"))]
