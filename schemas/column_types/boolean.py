"""Yes or no."""

from __future__ import annotations

from typing import Any, Final

from django.db import models

from schemas.column_types.base import ColumnType
from schemas.document import Column

_WORDS: Final = {"true": True, "yes": True, "t": True, "1": True, "false": False, "no": False, "f": False, "0": False}


class BooleanType(ColumnType):
    """Yes or no."""

    key = "boolean"
    label = "Yes or no"
    aliases = ("bool", "checkbox", "flag")
    json_types = (bool,)
    examples = (True, False)
    cell = "crud/cells/boolean.html"
    typescript = "boolean"

    def sql_type(self, column: Column) -> str:
        """Always `boolean`."""
        return "boolean"

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """Django's boolean field."""
        return models.BooleanField(**common)

    def parse(self, column: Column, text: str) -> bool:
        """True or false, yes or no, in any case."""
        try:
            return _WORDS[text.strip().lower()]
        except KeyError:
            raise ValueError('The value has to be "true" or "false".') from None
