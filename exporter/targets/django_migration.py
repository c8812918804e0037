"""The first migration of an exported Django project, which says what its models say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from core import sql
from exporter.python_code import Call, Name, imported, laid_out
from exporter.targets.django_columns import DjangoColumn
from exporter.targets.django_limits import Limit
from exporter.targets.django_links import DjangoLink
from exporter.targets.django_names import TableNames
from exporter.targets.django_tables import DjangoTable

_OPERATION: Final = 8
_OWN_FIELDS: Final[tuple[tuple[str, Call], ...]] = (
    (
        "id",
        Call(
            "models.UUIDField",
            (),
            {
                "db_default": Call("models.Func", (), {"function": "gen_random_uuid"}),
                "default": Name("uuid.uuid4"),
                "editable": False,
                "primary_key": True,
                "serialize": False,
            },
        ),
    ),
    ("created_at", Call("models.DateTimeField", (), {"auto_now_add": True, "db_default": Call("Now")})),
    ("updated_at", Call("models.DateTimeField", (), {"auto_now": True, "db_default": Call("Now")})),
    (
        "user",
        Call(
            "models.ForeignKey",
            (),
            {
                "db_default": Call("models.Func", (), {"function": "auth.uid"}),
                "db_index": False,
                "editable": False,
                "on_delete": Name("models.CASCADE"),
                "related_name": "+",
                "to": Name("settings.AUTH_USER_MODEL"),
                "verbose_name": "owner",
            },
        ),
    ),
)
"""The fields of every model, from the base class."""


@dataclass(frozen=True, slots=True)
class DjangoMigration:
    """The migration that makes all tables.

    Args:
        tables: the tables.
        links: the tables of links.
    """

    tables: list[DjangoTable]
    links: list[DjangoLink]

    @property
    def imports(self) -> list[str]:
        """The imports, with empty lines between their groups."""
        columns = [column for table in self.tables for column in table.columns]
        code = "\n".join(self.operations)
        callables = {column.default_callable for column in columns}
        standard = ["import uuid", *(["from decimal import Decimal"] if "Decimal(" in code else [])]
        django = [
            *(["import django.utils.timezone"] if callables & {"localdate", "now"} else []),
            "from django.conf import settings",
            *(["from django.contrib.postgres.fields import ArrayField"] if "ArrayField(" in code else []),
        ]
        if names := sorted({call.function for column in columns for call in column.validators}):
            django.append(imported("django.core.validators", names))
        functions = ["Length", "Now"] if "Length(" in code else ["Now"]
        django += ["from django.db import migrations, models", imported("django.db.models.functions", functions)]
        django += ["from django.db.models.lookups import LessThanOrEqual"] if "LessThanOrEqual(" in code else []
        own = sorted({f"import {column.module}" for column in columns if column.default_function})
        groups = [group for group in (standard, django, own) if group]
        return "\n\n".join("\n".join(group) for group in groups).split("\n")

    @property
    def operations(self) -> list[str]:
        """The operations: what others need comes first."""
        return [laid_out("", call, _OPERATION, ",") for call in self._calls()]

    def _calls(self) -> Iterator[Call]:
        made: set[str] = set()
        later: list[tuple[DjangoTable, DjangoColumn]] = []
        for column in (column for table in self.tables for column in table.columns if column.sequence):
            yield _sequence(column)
        for table in _sorted(self.tables):
            made.add(table.names.model)
            inline = [column for column in table.columns if _is_inline(column, made)]
            later += [(table, column) for column in table.columns if column not in inline]
            fields = [*_OWN_FIELDS, *((column.field, column.migrated_field) for column in inline)]
            yield _create(table.names, fields, table.options)
        for link in self.links:
            yield _create(link.names, [*_OWN_FIELDS, *link.migrated_fields], link.options)
        for table, column in later:
            options = {"model_name": table.names.model.lower(), "name": column.field, "field": column.migrated_field}
            yield Call("migrations.AddField", (), options)
        for table in self.tables:
            yield from _additions(table)
        for link in self.links:
            yield from _constraints(link.names, link.limits)


def _is_inline(column: DjangoColumn, made: set[str]) -> bool:
    """Whether a column can be made with its table: links need both of their tables, others what they point to."""
    return column.target is None or (column.through is None and column.target.model in made)


def _sequence(column: DjangoColumn) -> Call:
    """The sequence of a column whose numbers PostgreSQL gives."""
    statement = sql.format(
        "create sequence {name} minvalue 0 start {start}",
        name=sql.identifier(column.sequence),
        start=sql.literal(column.facts.settings["start"]),
    )
    undo = sql.format("drop sequence {name}", name=sql.identifier(column.sequence))
    return Call("migrations.RunSQL", (sql.text(statement), sql.text(undo)))


def _create(names: TableNames, fields: list[tuple[str, Call]], options: dict[str, Any]) -> Call:
    kept = {key: value for key, value in options.items() if key not in ("indexes", "constraints")}
    return Call("migrations.CreateModel", (), {"name": names.model, "fields": fields, "options": kept})


def _additions(table: DjangoTable) -> Iterator[Call]:
    for _, index in table.indexes:
        yield Call("migrations.AddIndex", (), {"model_name": table.names.model.lower(), "index": index})
    yield from _constraints(table.names, table.limits)


def _constraints(names: TableNames, limits: tuple[Limit, ...]) -> Iterator[Call]:
    for limit in limits:
        yield Call("migrations.AddConstraint", (), {"model_name": names.model.lower(), "constraint": limit.migrated})


def _sorted(tables: list[DjangoTable]) -> list[DjangoTable]:
    """The tables, those that others point to first as far as that is possible."""
    waiting = list(tables)
    found: list[DjangoTable] = []
    while waiting:
        done = {table.names.model for table in found}
        ready = next((table for table in waiting if _needs(table) <= done), waiting[0])
        waiting.remove(ready)
        found.append(ready)
    return found


def _needs(table: DjangoTable) -> set[str]:
    """The models that a table points to, besides its own."""
    targets = {column.target.model for column in table.columns if column.target and not column.through}
    return targets - {table.names.model}
