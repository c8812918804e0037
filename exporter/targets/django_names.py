"""What tables, columns and relations are called in an exported Django project: by their own names wherever they can be.

Names of documents are those of PostgreSQL, which quotes them. In Python some are keywords, some are what every model
has already, and some are what the modules import; these get a word more, and the model says its table or column.
"""

from __future__ import annotations

import hashlib
import keyword
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import models

from exporter.column_context import ColumnContext
from exporter.context import AppContext, TableContext
from schemas.names import model_name, singular

APP: Final = "records"
"""The Django app with the tables of the document."""

LINKS_MODULE: Final = "links"
"""The module of the models of links."""

MAX_INDEX_NAME: Final = models.Index.max_name_length

_IMPORTED_CLASSES: Final = frozenset(
    {"Any", "AutoNumberField", "CurrencyField", "Decimal", "EmailAddressField", "FilesField", "Length"}
    | {"LengthField", "LessThanOrEqual", "Link", "LongTextField"}
    | {"MaxValueValidator", "MinValueValidator", "OptionsField", "PercentField", "PhoneField", "RatingField", "Record"}
    | {"RichTextField", "SelectField", "WebAddressField"}
)
"""What the modules of models import."""

_OWN_FIELDS: Final = frozenset({"id", "pk", "user", "user_id", "created_at", "updated_at"})
_IMPORTED_NAMES: Final = frozenset({"models", "uuid4", "now", "localdate", "shown"})
_RECORD_MEMBERS: Final = frozenset({"get_absolute_url", "objects", "self"})
_RESERVED_FIELDS: Final = frozenset(dir(models.Model)) | _OWN_FIELDS | _IMPORTED_NAMES | _RECORD_MEMBERS
_TAKEN_TABLES: Final = ("accounts_", "auth_", "authtoken_", "django_")
"""How the tables begin that Django and the project's other apps make."""


@dataclass(frozen=True, slots=True)
class TableNames:
    """What a table is called.

    Args:
        model: its class.
        module: the file of its model, without the ending.
        table: its name in PostgreSQL.
        fields: its fields, by the names of the columns.
        choices: the classes of the options of its columns, by the names of the columns.
    """

    model: str
    module: str
    table: str
    fields: dict[str, str]
    choices: dict[str, str]

    @property
    def label(self) -> str:
        """The model as migrations name it."""
        return f"{APP}.{self.model.lower()}"


@dataclass(frozen=True, slots=True)
class ProjectNames:
    """What everything of an application is called.

    Args:
        tables: the names of each table and of each table of links, by its name in the document.
        related: what each relation is called from the other end, by table and column.
    """

    tables: dict[str, TableNames]
    related: dict[tuple[str, str], str]


def project_names(app: AppContext) -> ProjectNames:
    """The names of an application's tables, fields and relations."""
    models_of, modules = _classes(app), _modules(app)
    tables = {
        table.name: TableNames(
            model=models_of[table.name],
            module=modules.get(table.name, ""),
            table=f"{APP}_{table.name}" if table.name.startswith(_TAKEN_TABLES) else table.name,
            fields=_fields(table),
            choices=_choices(table, models_of[table.name]),
        )
        for table in (*app.tables, *app.junctions)
    }
    return ProjectNames(tables, _related_names(app, tables))


def field_of(column: ColumnContext) -> str:
    """What a column's field would be called: a relation is called by what it points to."""
    return column.reference.field if column.reference else column.name


def index_name(table: str, fields: tuple[str, ...]) -> str:
    """A name of an index, short enough for every database that Django knows."""
    name = "_".join((table, *fields, "idx"))
    if len(name) <= MAX_INDEX_NAME:
        return name
    digest = hashlib.sha256("\n".join((table, *fields)).encode()).hexdigest()[:8]
    return f"{name[: MAX_INDEX_NAME - 13].rstrip('_')}_{digest}_idx"


def _classes(app: AppContext) -> dict[str, str]:
    """The class of each table. Django tells them apart by their lower-case names."""
    found: dict[str, str] = {}
    taken = {name.lower() for name in _IMPORTED_CLASSES}
    for table in (*app.tables, *app.junctions):
        name = table.row_name
        while keyword.iskeyword(name) or name.lower() in taken:
            name += "Entry"
        taken.add(name.lower())
        found[table.name] = name
    return found


def _modules(app: AppContext) -> dict[str, str]:
    return {
        table.name: f"{table.name}_" if keyword.iskeyword(table.name) or table.name == LINKS_MODULE else table.name
        for table in app.tables
    }


def _fields(table: TableContext) -> dict[str, str]:
    """The field of each column. `agent` and `agent_id` cannot both be fields, since every relation has both names."""
    found: dict[str, str] = {}
    taken = set(_RESERVED_FIELDS)
    for column in sorted(table.columns, key=lambda column: column.reference is None):
        name = field_of(column)
        while keyword.iskeyword(name) or taken & set(_attributes(name, column)):
            name += "_value"
        taken.update(_attributes(name, column))
        found[column.name] = name
    return found


def _attributes(name: str, column: ColumnContext) -> Iterator[str]:
    """What a record has by a field."""
    yield name
    if column.reference or column.kind == "user":
        yield f"{name}_id"


def _choices(table: TableContext, model: str) -> dict[str, str]:
    """The enumeration of the options of each column that has some, beside the model in its module."""
    found: dict[str, str] = {}
    taken = _IMPORTED_CLASSES | {"Record", model}
    for column in table.columns:
        if column.options:
            name = model_name(column.name)
            while keyword.iskeyword(name) or name in taken or name in found.values():
                name += "Choice"
            found[column.name] = name
    return found


def _related_names(app: AppContext, tables: dict[str, TableNames]) -> dict[tuple[str, str], str]:
    """What records are found by that point to a record: by their table, and by the relation where that is taken."""
    taken = {name: {*_RESERVED_FIELDS, *names.fields.values()} for name, names in tables.items()}
    for name, names in tables.items():
        taken[name] |= {f"{field}_id" for field in names.fields.values()}
    found: dict[tuple[str, str], str] = {}
    for table in app.tables:
        for column in table.columns:
            target = column.reference.table if column.reference else column.links.table if column.links else ""
            if target:
                field = tables[table.name].fields[column.name]
                related = singular(table.name) if column.reference and column.unique else table.name
                if related in taken[target] or keyword.iskeyword(related):
                    related = f"{table.name}_by_{field}"
                while related in taken[target]:
                    related += "_too"
                taken[target].add(related)
                found[table.name, column.name] = related
    return found
