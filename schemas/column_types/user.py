"""Members of the project."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.db import models

from core import sql
from schemas.column_types.base import ColumnType, DefaultWord, column_types
from schemas.column_types.conversions import Conversion
from schemas.document import Column

CURRENT_USER: Final = "current_user"
"""The default that names whoever adds the row. Forms know who that is; PostgreSQL works it out by itself."""


class UserField(models.UUIDField):  # type: ignore[type-arg]
    """The id of a member. Forms offer the members that there are."""


class UserType(ColumnType):
    """A member of the project, such as whoever is responsible for a record.

    Members are no rows of the project's database, so there is no foreign key: one who leaves stays written down.
    """

    key = "user"
    label = "Member"
    aliases = ("member", "assignee", "person", "collaborator")
    default_words = {CURRENT_USER: DefaultWord(sql.SQL("auth.uid()"), lambda: None)}
    examples = ("6fa459ea-ee8a-3ca4-894e-db77e160355e",)
    lookups = ("exact", "in", "isnull")
    sortable = False
    cell = "crud/cells/user.html"

    def sql_type(self, column: Column) -> str:
        """The type of every user's id."""
        return "uuid"

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A UUID field that knows what it holds."""
        return UserField(**common)

    def text_length(self, column: Column) -> int:
        """That of an id."""
        return 36

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """Ids that are no records' ids. Whether they are members' only the platform can tell."""
        kind = column_types.get(before.type)
        if kind.sql_type(before) == "uuid" and not before.is_relation:
            return Conversion(sql.identifier(before.name))
        return super().conversion(before, after)

    def clean(self, column: Column, raw: Any) -> uuid.UUID:
        """An id. Whether it is a member's only the platform can tell."""
        try:
            return uuid.UUID(str(raw))
        except ValueError:
            raise ValueError("The value has to be the id of a member of the project.") from None
