"""Numbers that count up by themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import IContains

from core import sql
from schemas.column_types.base import column_types
from schemas.column_types.conversions import Conversion
from schemas.column_types.number import NumericType, Span
from schemas.column_types.settings import Setting, ShortText, WholeNumber
from schemas.document import Column, Json


class AutoNumberField(models.BigIntegerField):  # type: ignore[type-arg]
    """A number that PostgreSQL gives, in Python as the text that people read: `INV-0001`.

    Args:
        prefix: what stands before the digits.
        padding: the fewest digits.
        **options: as of every field.
    """

    description = "Number that counts up"
    empty_strings_allowed = False
    # Django names no generated column in an INSERT, for which members have no right, and reads what it became.
    generated = True
    db_returning = True

    def __init__(self, *, prefix: str = "", padding: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self.prefix = prefix
        self.padding = padding

    def deconstruct(self) -> Any:
        """With its own settings, so that Django can copy it."""
        name, path, arguments, options = super().deconstruct()
        return name, path, arguments, {**options, "prefix": self.prefix, "padding": self.padding}

    def get_internal_type(self) -> str:
        """As Django's own class, for the database."""
        return "BigIntegerField"

    def from_db_value(self, value: int | None, *_: Any) -> str | None:
        """The number with its prefix."""
        return None if value is None else self.shown(value)

    def shown(self, number: int) -> str:
        """A number with its prefix, such as `INV-0001`."""
        return f"{self.prefix}{number:0{self.padding}d}"

    def to_python(self, value: Any) -> str | None:
        """The text of a number, of a text with or without its prefix; raises `ValidationError`."""
        if value in (None, ""):
            return None
        prefix = re.escape(self.prefix.strip())
        digits = re.fullmatch(rf"(?:{prefix})?\s*([0-9]{{1,18}})", str(value).strip(), re.IGNORECASE)
        if not digits:
            raise ValidationError(f"Enter a number such as {self.shown(1)}.", code="invalid")
        return self.shown(int(digits[1]))

    def get_prep_value(self, value: Any) -> Any:
        """The number that is stored."""
        if not isinstance(value, str):
            return super().get_prep_value(value)
        text = self.to_python(value)
        return None if text is None else int(text.removeprefix(self.prefix))

    @property
    def validators(self) -> list[Any]:
        """None: the bounds are those of a number, and Python has a text."""
        return []

    def formfield(self, *_: Any, **__: Any) -> None:
        """None: nobody enters it."""


class AutoNumberType(NumericType):
    """A number that counts up: unique, and greater than that of every row before. Gaps may stay.

    The prefix belongs to the column: changing it changes how all numbers are written, not the numbers.
    """

    key = "auto_number"
    label = "Number that counts up"
    aliases = ("autonumber", "serial", "bigserial", "sequence", "auto_increment", "identity")
    settings: ClassVar[Mapping[str, Setting]] = {
        "prefix": ShortText("", longest=20, pattern=r"^[^\x00-\x1f]*$", noun="a text of at most 20 characters"),
        "padding": WholeNumber(4, low=1, high=12),
        "start": WholeNumber(1, low=0, high=10**12),
    }
    example = {"prefix": "INV-"}
    examples = ("INV-0001", "INV-123456")
    lookups = ("exact", "gt", "gte", "lt", "lte", "icontains")
    searchable = True
    numbered = True
    no_default = "PostgreSQL gives the numbers"

    def tidy(self, entry: Mapping[str, Json]) -> Mapping[str, Json]:
        """Always unique, and never required: nobody enters it."""
        return {**entry, "unique": True, "required": False}

    def sql_type(self, column: Column) -> str:
        """Always `bigint`; provisioning makes it an identity."""
        return "bigint"

    def span(self, column: Column) -> Span:
        """What an identity counts to."""
        return Span(Decimal(0), Decimal(2**63 - 1))

    def text_length(self, column: Column) -> int:
        """The prefix and the digits."""
        return len(self.setting(column, "prefix")) + max(int(self.setting(column, "padding")), 19)

    def text_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """The number with its prefix."""
        return sql.format(
            "{prefix} || lpad({value}::text, greatest({padding}, length({value}::text)), '0')",
            prefix=sql.literal(self.setting(column, "prefix")),
            padding=sql.literal(self.setting(column, "padding")),
            value=value,
        )

    def search_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """The number with its prefix, and as it is."""
        return sql.format("{text} || ' ' || {value}::text", text=self.text_sql(column, value), value=value)

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """Only its own numbers, which another prefix does not change: PostgreSQL gives them."""
        return Conversion(sql.identifier(before.name)) if column_types.get(before.type) is self else None

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A field that writes the number as the column says."""
        return AutoNumberField(prefix=self.setting(column, "prefix"), padding=self.setting(column, "padding"), **common)


@AutoNumberField.register_lookup
class NumberContains(IContains):
    """A search for a part of the number as it is written."""

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        """The number with its prefix and padding, as SQL."""
        inner, parameters = super().process_lhs(compiler, connection, lhs)
        field = self.lhs.output_field
        digits = f"lpad(({inner})::text, greatest(%s, length(({inner})::text)), '0')"
        return f"(upper(%s) || {digits})", [field.prefix, *parameters, field.padding, *parameters]

    def get_prep_lookup(self) -> Any:
        """Any text."""
        return str(self.rhs)
