"""Every type that a column can have, one class a file.

The built-in types register through the call that a plugin would use. The order is the order of menus and documentation.
"""

from __future__ import annotations

import re
from typing import Final

from schemas.column_types.attachment import AttachmentType
from schemas.column_types.auto_number import AutoNumberType
from schemas.column_types.base import ColumnType, Fault, column_types
from schemas.column_types.boolean import BooleanType
from schemas.column_types.conversions import Conversion
from schemas.column_types.currency import CurrencyType
from schemas.column_types.date import DateType
from schemas.column_types.datetime import DatetimeType
from schemas.column_types.decimal import DecimalType
from schemas.column_types.duration import DurationType
from schemas.column_types.email import EmailType
from schemas.column_types.integer import IntegerType
from schemas.column_types.json import JsonType
from schemas.column_types.long_text import LongTextType
from schemas.column_types.many_to_many import ManyToManyType
from schemas.column_types.multi_select import MultiSelectType
from schemas.column_types.percent import PercentType
from schemas.column_types.phone import PhoneType
from schemas.column_types.rating import RatingType
from schemas.column_types.relation import RelationType
from schemas.column_types.rich_text import RichTextType
from schemas.column_types.select import SelectType
from schemas.column_types.text import TextType
from schemas.column_types.time import TimeType
from schemas.column_types.url import UrlType
from schemas.column_types.user import UserType
from schemas.column_types.uuid import UuidType
from schemas.document import Column
from schemas.json_values import same

__all__ = ["ColumnType", "Conversion", "Fault", "column_types", "conversion", "lossless", "resolve_type"]

column_types.register("text", TextType())
column_types.register("long_text", LongTextType())
column_types.register("rich_text", RichTextType())
column_types.register("integer", IntegerType())
column_types.register("decimal", DecimalType())
column_types.register("currency", CurrencyType())
column_types.register("percent", PercentType())
column_types.register("boolean", BooleanType())
column_types.register("date", DateType())
column_types.register("datetime", DatetimeType())
column_types.register("time", TimeType())
column_types.register("duration", DurationType())
column_types.register("email", EmailType())
column_types.register("phone", PhoneType())
column_types.register("url", UrlType())
column_types.register("select", SelectType())
column_types.register("multi_select", MultiSelectType())
column_types.register("relation", RelationType())
column_types.register("many_to_many", ManyToManyType())
column_types.register("attachment", AttachmentType())
column_types.register("rating", RatingType())
column_types.register("user", UserType())
column_types.register("auto_number", AutoNumberType())
column_types.register("json", JsonType())
column_types.register("uuid", UuidType())


def conversion(before: Column, after: Column) -> Conversion | None:
    """What becomes of the values of a column that changes its type or settings; None where it cannot.

    Args:
        before: the column as it was.
        after: the same column as it will be, without faults.
    """
    if not (before.is_stored and after.is_stored):
        return None
    return column_types.get(after.type).conversion(before, after)


def lossless(before: Column, after: Column) -> bool:
    """Whether a column can change as said, and no value that it may hold gets lost by that."""
    if before.type == after.type and same(before.config, after.config):
        return True
    found = conversion(before, after)
    return found is not None and found.kind == "lossless"


_LONGEST_ALIAS: Final = 80
_ALIAS: Final = re.compile(r"([a-z][a-z0-9_ -]*?) *(?:\( *([0-9]{1,6}) *(?:, *([0-9]{1,6}) *)?\) *([a-z ]*))?\Z")


def resolve_type(name: str) -> tuple[str, dict[str, int]] | None:
    """What a type is called in documents, and the settings that its alias carries; None for an unknown type.

    `NUMERIC(12, 2)` is `("decimal", {"precision": 12, "scale": 2})`, `timestamptz(3)` is `("datetime", {})`.

    Args:
        name: a type's own name or one of its aliases, in any case.
    """
    found = _ALIAS.match(" ".join(name.lower().split())) if len(name) <= _LONGEST_ALIAS else None
    if found is None:
        return None
    word = f"{found[1]} {found[4]}".strip() if found[4] else found[1]
    column_type = _named(word)
    if column_type is None:
        return None
    if found[2] is None:
        return column_type.key, {}
    numbers = (int(found[2]), int(found[3] or 0))
    names = [name for name, setting in column_type.settings.items() if setting.in_brackets]
    return column_type.key, dict(zip(names, numbers, strict=False))


def _named(word: str) -> ColumnType | None:
    if word in column_types:
        return column_types.get(word)
    return next((column_type for column_type in column_types if word in column_type.aliases), None)
