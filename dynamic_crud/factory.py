"""Builds the Django models of a schema version, all at once."""

from __future__ import annotations

from threading import Lock
from typing import Any, ClassVar, Final, Self
from uuid import uuid4

from django.db import models
from django.db.models import Func
from django.db.models.functions import Now

from dynamic_crud.registry import APP_LABEL, SchemaApps
from dynamic_crud.wording import title_reader
from schemas.column_types import column_types
from schemas.document import Column, Schema, Table
from schemas.junctions import SOURCE, TARGET, junctions
from schemas.names import model_name, relation_field_name

_build_lock: Final = Lock()


class DatabaseDecides(Func):
    """Stands for a column's own DEFAULT: PostgreSQL evaluates it, Django only writes the word and reads the value."""

    template = "DEFAULT"
    arity = 0


def current_user() -> Func:
    """Who has opened the door, as PostgreSQL knows."""
    return Func(function="auth.uid", output_field=models.UUIDField())


class DynamicRow(models.Model):
    """What every provisioned table has: the columns that documents do not list."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False, verbose_name="ID")
    user_id = models.UUIDField(db_default=current_user(), editable=False, verbose_name="Owner")
    created_at = models.DateTimeField(db_default=Now(), editable=False, verbose_name="Created")
    updated_at = models.DateTimeField(db_default=Now(), editable=False, verbose_name="Updated")

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True


def build_models(schema: Schema) -> dict[str, type[DynamicRow]]:
    """The models of every table of the schema, by table name.

    They belong to one private registry, so a class never meets one of another version, and they are complete when
    this returns: nothing is added to them later. Junction tables have models too, which are found through the fields
    that they serve. One build at a time: it is pure computation, which threads only slow down.

    Raises:
        UnresolvedRelation: when a relation points to a table that the schema lacks.
    """
    with _build_lock:
        apps = SchemaApps()
        with apps.building():
            built = {table.name: _build_model(table, model_name(table.name), apps) for table in schema}
            for found in junctions(schema):
                _build_model(found.table, _junction_model_name(found.source, found.column), apps)
        apps.warm()
    return built


def field_name(column: Column) -> str:
    """The name of the column's field on its model: `agent` for the relation column `agent_id`."""
    return relation_field_name(column.name) if column.is_reference else column.name


def _build_model(table: Table, name: str, apps: SchemaApps) -> type[DynamicRow]:
    options: dict[str, Any] = {
        "apps": apps,
        "app_label": APP_LABEL,
        "db_table": table.name,
        "managed": False,
        "verbose_name": table.label,
        "verbose_name_plural": table.label_plural,
    }
    members: dict[str, Any] = {field_name(column): _build_field(table, column) for column in table.columns}
    members |= {"__module__": __name__, "__str__": _title_reader(table), "Meta": type("Meta", (), options)}
    return type(name, (DynamicRow,), members)


def _junction_model_name(table: Table, column: Column) -> str:
    """The class name of a relation's links. The underscore keeps it apart from those of all tables."""
    return f"{model_name(table.name)}_{model_name(column.name)}"


def _build_field(table: Table, column: Column) -> models.Field[Any, Any]:
    common: dict[str, Any] = {
        "verbose_name": column.title,
        "help_text": column.help_text,
        "db_column": column.name,
        # A related row may be hidden by a policy. Only for a nullable field does Django join from the outside, so
        # that the row itself stays visible; whether a value must be given is `blank`, and PostgreSQL's NOT NULL.
        "null": column.is_reference or not column.required,
        "blank": not column.required,
    }
    kind = column_types.get(column.type)
    if column.default is not None or kind.numbered:
        common["db_default"] = DatabaseDecides()
    if column.is_relation:
        common["related_name"] = reverse_name(table, column)
    if not column.is_stored:
        ends = (relation_field_name(SOURCE), relation_field_name(TARGET))
        common |= {"through": _junction_model_name(table, column), "through_fields": ends}
    return kind.model_field(column, **common)


def reverse_name(table: Table, column: Column) -> str:
    """How the target's queries reach the rows that point to it. The capital keeps it apart from every column."""
    return f"By_{table.id}_{column.id}".replace("__", "_")


def _title_reader(table: Table) -> Any:
    """The `__str__` of a table's rows: the title column as people read it, else the start of the id."""
    title = table.title_column
    read = title_reader(title) if title else None

    def read_title(row: DynamicRow) -> str:
        value = getattr(row, title.name) if title else None
        text = "" if read is None or value is None else read(value)
        return text or f"{table.label} {str(row.pk)[:8]}"

    return read_title
