"""A link to a row of another table."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db import models

from core import sql
from schemas.column_types.base import ColumnType, Fault
from schemas.column_types.conversions import Conversion
from schemas.column_types.settings import OneOf, TableName
from schemas.document import Column, Json
from schemas.names import model_name
from schemas.problems import Code

MANY_TO_ONE: Final = "many_to_one"
ONE_TO_ONE: Final = "one_to_one"
ONE_TO_MANY: Final = "one_to_many"
"""A way of writing many_to_one from the other end; `schemas.normalise` turns it round."""

ON_DELETE: Final[Mapping[str, sql.SQL]] = {
    "set_null": sql.SQL("set null"),
    "cascade": sql.SQL("cascade"),
    "restrict": sql.SQL("restrict"),
}
"""What happens to a row when the row it points to is deleted, and how PostgreSQL writes it."""

_FIELDS: Final[Mapping[str, type[models.ForeignKey[Any, Any]]]] = {
    MANY_TO_ONE: models.ForeignKey,
    ONE_TO_ONE: models.OneToOneField,
}
RELATION_KINDS: Final = tuple(_FIELDS)
"""How many rows may point to the same one."""

_SPELLINGS: Final = {
    "manytoone": MANY_TO_ONE, "n:1": MANY_TO_ONE, "belongs_to": MANY_TO_ONE, "foreign_key": MANY_TO_ONE,
    "onetoone": ONE_TO_ONE, "1:1": ONE_TO_ONE, "has_one": ONE_TO_ONE,
    "onetomany": ONE_TO_MANY, "1:n": ONE_TO_MANY, "has_many": ONE_TO_MANY,
}  # fmt: skip


class RelationType(ColumnType):
    """A link to one row of another table, or of the same."""

    key = "relation"
    label = "Link to a record"
    aliases = ("reference", "foreign_key", "fk", "link_to_record", "belongs_to")
    settings = {
        "to_table": TableName(),
        "relation": OneOf(MANY_TO_ONE, words=RELATION_KINDS),
        "on_delete": OneOf("set_null", words=tuple(ON_DELETE)),
    }
    example = {"to_table": "companies"}
    lookups = ("exact", "in", "isnull")
    cell = "crud/cells/relation.html"
    no_default = "ids of records exist only in a database"

    def tidy(self, entry: Mapping[str, Json]) -> Mapping[str, Json]:
        """The kind in its usual spelling, and what a delete does said outright."""
        relation = _usual(entry.get("relation", MANY_TO_ONE))
        if isinstance(relation, str):
            relation = _SPELLINGS.get(relation, relation)
        on_delete = _usual(entry.get("on_delete"))
        if on_delete in (None, "no_action"):
            on_delete = "restrict" if on_delete or entry.get("required") is True else "set_null"
        tidied = {**entry, "relation": relation, "on_delete": on_delete}
        # PostgreSQL knows one_to_one only as a unique column.
        return tidied | {"unique": True} if relation == ONE_TO_ONE else tidied

    def setting_faults(self, column: Column) -> Iterator[Fault]:
        """The kind and `on_delete` are known and go together. Whether the target exists, the validation sees."""
        relation, on_delete = self.setting(column, "relation"), self.setting(column, "on_delete")
        if not isinstance(relation, str) or relation not in RELATION_KINDS:
            kinds = " or ".join(RELATION_KINDS)
            detail = f"The kind of a relation has to be {kinds}."
            yield Fault(Code.INVALID_RELATION, "relation", detail, f"Write {kinds}.")
        if not isinstance(on_delete, str) or on_delete not in ON_DELETE:
            choices = ", ".join(ON_DELETE)
            detail = f"on_delete has to be one of {choices}."
            yield Fault(Code.INVALID_ON_DELETE, "on_delete", detail, f"Write one of {choices}.")
        elif on_delete == "set_null" and column.required:
            detail = "A required relation cannot become empty when the record that it points to is deleted."
            fix = 'Write "on_delete": "restrict" or "cascade", or make the relation optional.'
            yield Fault(Code.REQUIRED_SET_NULL, "on_delete", detail, fix)

    def sql_type(self, column: Column) -> str:
        """The type of every table's `id`."""
        return "uuid"

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A foreign key that leaves deletes to PostgreSQL, which alone sees all rows that point to a row."""
        options = {"related_name": "+", **common, "on_delete": models.DO_NOTHING, "db_constraint": False}
        return _FIELDS[self.setting(column, "relation")](model_name(self.setting(column, "to_table")), **options)

    def text_length(self, column: Column) -> int:
        """That of an id."""
        return 36

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """Only links to the same table: of other ids nobody knows which record they are."""
        same = before.config.get("to_table") == after.config["to_table"]
        return Conversion(sql.identifier(before.name)) if same and before.is_reference else None

    def clean(self, column: Column, raw: Any) -> uuid.UUID:
        """An id. Whether there is such a record only the database can tell."""
        try:
            return uuid.UUID(str(raw))
        except ValueError:
            raise ValueError("The value has to be the id of a record.") from None


def _usual(value: Json) -> Json:
    """`Many-To-One` as `many_to_one`."""
    return value.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(value, str) else value
