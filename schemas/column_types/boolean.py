"""Yes or no."""

from __future__ import annotations

from typing import Any, Final

from django.db import models

from core import sql
from schemas.column_types.base import ColumnType
from schemas.column_types.conversions import trimmed
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

    def text(self, column: Column, value: bool) -> str:
        """`true` or `false`."""
        return "true" if value else "false"

    def text_length(self, column: Column) -> int:
        """That of `false`."""
        return 5

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """True or false, yes or no, in any case."""
        true, false = ([word for word, meaning in _WORDS.items() if meaning is wanted] for wanted in (True, False))
        return sql.format(
            "case when lower({text}) in ({true}) then true when lower({text}) in ({false}) then false end",
            text=trimmed(text),
            true=sql.literals(true),
            false=sql.literals(false),
        )
