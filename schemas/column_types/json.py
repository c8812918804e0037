"""Whatever JSON can say."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models

from core import sql
from schemas.column_types.base import ColumnType
from schemas.column_types.text import check_storable
from schemas.document import Column, Json, thaw

MAX_DEPTH: Final = 100
"""Objects and lists in each other. PostgreSQL takes more, Python's own reader not much more."""


def check_storable_json(value: Json) -> None:
    """Refuses what jsonb cannot hold: NUL, halves of characters, NaN, infinity; and values nested too deeply."""
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValidationError("The value is nested more than %(depth)s deep.", params={"depth": MAX_DEPTH})
        if isinstance(item, str):
            check_storable(item)
        elif isinstance(item, float) and not math.isfinite(item):
            raise ValidationError("JSON has no NaN and no infinity.")
        elif isinstance(item, dict):
            waiting += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            waiting += [(part, depth + 1) for part in item]


class JsonType(ColumnType):
    """Whatever JSON can say, for what has no columns of its own."""

    key = "json"
    label = "JSON"
    aliases = ("jsonb", "object")
    json_types = (dict, list, str, int, float, bool)
    examples = ({"a": [1, "two", None, True]}, [], "text", 0)
    lookups = ("isnull",)
    cell = "crud/cells/json.html"
    typescript = "unknown"

    def indexable(self, column: Column) -> bool:
        """Never: values may be of any length."""
        return False

    def sql_type(self, column: Column) -> str:
        """Always `jsonb`."""
        return "jsonb"

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """Django's JSON field."""
        return models.JSONField(validators=[check_storable_json], **common)

    def value(self, column: Column, data: Json) -> Any:
        """Any JSON is one."""
        return self.clean(column, thaw(data))

    def parse(self, column: Column, text: str) -> Any:
        """JSON text."""
        try:
            return self.clean(column, json.loads(text))
        except RecursionError:
            raise ValueError(f"The value is nested more than {MAX_DEPTH} deep.") from None
        except json.JSONDecodeError as error:
            raise ValueError(f"This is not JSON: {error}.") from error

    def default_sql(self, column: Column) -> sql.Composable | None:
        """A literal of the type jsonb."""
        if column.default is None:
            return None
        value = json.dumps(self.value(column, column.default), ensure_ascii=False, sort_keys=True)
        return sql.format("{value}::jsonb", value=sql.literal(value))
