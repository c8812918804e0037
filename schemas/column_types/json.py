"""Whatever JSON can say."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models

from core import sql
from schemas.column_types.base import ColumnType, column_types
from schemas.column_types.conversions import Conversion
from schemas.column_types.long_text import LongTextType
from schemas.column_types.text import TextType, check_storable
from schemas.document import Column, Json, thaw

MAX_DEPTH: Final = 100
"""Objects and lists in each other. PostgreSQL takes more, Python's own reader not much more."""

_TOO_DEEP: Final = sql.literal(f"strict $.**{{{MAX_DEPTH + 1}}}")
"""The jsonpath of what is nested more deeply."""
_TOO_LARGE: Final = sql.literal("strict $.** ? (@ > 1e308 || @ < -1e308)")
"""The jsonpath of numbers that jsonb can hold, but no float."""


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
    sortable = False
    cell = "crud/cells/json.html"
    typescript = "unknown"

    def index_bytes(self, column: Column) -> None:
        """None: values may be of any length."""

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
            data = json.loads(text)
        except RecursionError:
            raise ValueError(f"The value is nested more than {MAX_DEPTH} deep.") from None
        except ValueError as error:
            raise ValueError(f"This is not JSON: {error}.") from error
        return self.clean(column, data)

    def text(self, column: Column, value: Any) -> str:
        """JSON text."""
        return json.dumps(value, ensure_ascii=False)

    def json_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """The value itself."""
        return value

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """JSON text that Python reads: not nested too deeply, with numbers of usual size. Its null is no value."""
        value = sql.format(
            "case when not jsonb_path_exists({text}::jsonb, {deep}) and not jsonb_path_exists({text}::jsonb, {huge}) "
            "then nullif({text}::jsonb, 'null') end",
            text=text,
            deep=_TOO_DEEP,
            huge=_TOO_LARGE,
        )
        return sql.format("case when pg_input_is_valid({text}, 'jsonb') then {value} end", text=text, value=value)

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """What the API shows of a value; texts that people write are read as JSON."""
        kind, name = column_types.get(before.type), sql.identifier(before.name)
        if kind is self or kind.sql_type(before) == "jsonb":
            return Conversion(name)
        if type(kind) in (TextType, LongTextType):
            return Conversion(self.read_sql(after, name), "Texts that are no JSON become empty.")
        return Conversion(sql.format("to_jsonb({value})", value=kind.json_sql(before, name)))

    def default_sql(self, column: Column) -> sql.Composable | None:
        """A literal of the type jsonb."""
        if column.default is None:
            return None
        value = json.dumps(self.value(column, column.default), ensure_ascii=False, sort_keys=True)
        return sql.format("{value}::jsonb", value=sql.literal(value))
