"""One of a list of options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models

from core import sql
from schemas.column_types.base import column_types
from schemas.column_types.conversions import Conversion, checked, trimmed
from schemas.column_types.options import MAX_VALUE_LENGTH, OptionsType
from schemas.document import Column


class SelectType(OptionsType):
    """One of a list of options.

    Stored as text with a CHECK: an enum of PostgreSQL could not lose an option, and row security would keep its
    comparisons off the index.
    """

    key = "select"
    label = "Select"
    aliases = ("enum", "choice", "dropdown", "single_select", "status")
    examples = ("open", "closed")
    lookups = ("exact", "in", "isnull")
    cell = "crud/cells/select.html"

    def index_bytes(self, column: Column) -> int:
        """The longest value."""
        return 4 * MAX_VALUE_LENGTH + 4

    def sql_type(self, column: Column) -> str:
        """Always `text`."""
        return "text"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """One of the options. Their order is a matter of display, so it is not that of the condition."""
        values = sql.literals(sorted(self.option_values(column)))
        yield sql.format("{name} in ({values})", name=sql.identifier(column.name), values=values)

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A text field with the options as choices."""
        longest = max(map(len, self.option_values(column)))
        return models.CharField(max_length=longest, choices=self.choices(column), **common)

    def text_length(self, column: Column) -> int:
        """The longest value."""
        return max(map(len, self.option_values(column)))

    def text_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """The value itself."""
        return value

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """An option's value, or its label in any case."""
        return self.option_sql(column, trimmed(text))

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """Options that the column has too, the only one of several, and what can be read of texts."""
        kind, name = column_types.get(before.type), sql.identifier(before.name)
        if kind is self and self.has_options_of(before, after):
            return Conversion(name)
        if not isinstance(kind, OptionsType) or kind is self:
            return super().conversion(before, after)
        only = sql.format("case when cardinality({name}) = 1 then {name}[1] end", name=name)
        loss = "Values with more than one option, or with one that the column has not, become empty."
        return Conversion(checked(only, after.name, self.checks(after)), loss)

    def parse(self, column: Column, text: str) -> Any:
        """An option's value, or its label in any case."""
        return self.clean(column, self.value_of(column, text))
