"""Text of many lines."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models

from schemas.column_types.text import TextType
from schemas.document import Column


class LongTextType(TextType):
    """Notes, descriptions: text of many lines."""

    key = "long_text"
    label = "Long text"
    aliases = ("longtext", "mediumtext", "textarea", "multiline", "clob")
    settings = {"max_length": 100_000}
    examples = ("First line\nSecond line",)
    lookups = ("icontains", "isnull")
    cell = "crud/cells/long_text.html"
    longest = 10_000_000
    field_class = models.TextField

    def indexable(self, column: Column) -> bool:
        """Never: long values do not fit into an index entry."""
        return False

    def validators(self, column: Column) -> list[Any]:
        """The length too: Django's TextField leaves it to the form."""
        return [*super().validators(column), MaxLengthValidator(self.setting(column, "max_length"))]
