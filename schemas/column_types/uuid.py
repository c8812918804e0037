"""Identifiers that other systems know."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from core import sql
from schemas.column_types.base import ColumnType, DefaultWord, column_types
from schemas.column_types.conversions import Conversion
from schemas.document import Column


class UuidType(ColumnType):
    """A UUID, such as the id of a record in another system."""

    key = "uuid"
    label = "UUID"
    aliases = ("guid", "uniqueidentifier")
    default_words = {"uuid": DefaultWord(sql.SQL("gen_random_uuid()"), uuid.uuid4)}
    examples = ("6fa459ea-ee8a-3ca4-894e-db77e160355e",)
    lookups = ("exact", "in", "isnull")

    def sql_type(self, column: Column) -> str:
        """Always `uuid`."""
        return "uuid"

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """Django's UUID field."""
        return models.UUIDField(**common)

    def text_length(self, column: Column) -> int:
        """Always the same."""
        return 36

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """Ids of anything."""
        if column_types.get(before.type).sql_type(before) == "uuid":
            return Conversion(sql.identifier(before.name))
        return super().conversion(before, after)
