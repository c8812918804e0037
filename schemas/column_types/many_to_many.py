"""Links to any number of rows of another table."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

from schemas.column_types.base import ColumnType, Fault
from schemas.column_types.settings import TableName
from schemas.document import MANY_TO_MANY, Column, Json
from schemas.names import model_name
from schemas.problems import Code


class ManyToManyType(ColumnType):
    """Links to any number of rows of another table, or of the same, each of which any number of rows may link to.

    They are rows of a junction table (schemas/junctions.py), so a column of this type is none in PostgreSQL. Nobody can
    be required to link: a row exists before its links do.
    """

    key = MANY_TO_MANY
    label = "Links to records"
    aliases = ("m2m", "n:m", "many-to-many", "manytomany", "has_and_belongs_to_many")
    settings = {"to_table": TableName()}
    example = {"to_table": "companies"}
    json_types = (list,)
    lookups = ("exact", "in", "isnull")
    sortable = False
    cell = "crud/cells/many_to_many.html"
    typescript = "string[]"
    no_default = "ids of records exist only in a database"

    def setting_faults(self, column: Column) -> Iterator[Fault]:
        """Links are neither required nor unique."""
        yield from super().setting_faults(column)
        for flag in ("required", "unique"):
            if getattr(column, flag):
                detail = f"Links to many records cannot be {flag}: a record exists before its links do."
                yield Fault(Code.INVALID_RELATION, flag, detail, f"Remove {flag}, or make it a many_to_one relation.")

    def index_bytes(self, column: Column) -> None:
        """None: there is no column to index."""

    def sql_type(self, column: Column) -> str:
        """The type of what the links of a row are together, where a query gathers them."""
        return "uuid[]"

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """Django's field for many rows; `common` brings the `through` model of the junction table."""
        options = {key: value for key, value in common.items() if key not in ("null", "db_column", "db_default")}
        return models.ManyToManyField(model_name(self.setting(column, "to_table")), **{"related_name": "+", **options})

    def value(self, column: Column, data: Json) -> Any:
        """A list of ids."""
        return super().value(column, list(data) if isinstance(data, tuple) else data)

    def clean(self, column: Column, raw: Any) -> list[uuid.UUID]:
        """Ids, each once. Whether there are such records only the database can tell."""
        try:
            return list(dict.fromkeys(uuid.UUID(str(item)) for item in raw))
        except ValueError:
            raise ValueError("The value has to be a list of ids of records.") from None

    def parse(self, column: Column, text: str) -> list[uuid.UUID]:
        """Ids with commas between them."""
        return self.clean(column, [part.strip() for part in text.split(",") if part.strip()])

    def text(self, column: Column, value: Iterable[Any]) -> str:
        """The ids with commas between them."""
        return ",".join(str(item) for item in value)
