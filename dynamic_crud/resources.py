"""A provisioned table as pages and API see it: its fields, its relations, its model."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

from django.db import models

from core.errors import NotFound
from dynamic_crud.factory import DynamicRow, build_models, field_name
from schemas.column_types import column_types
from schemas.column_types.base import ColumnType
from schemas.column_types.user import UserField
from schemas.document import Column, Schema, Table

T = TypeVar("T")
Form = TypeVar("Form", bound=Hashable)

_MOST_FORMS = 128
"""Forms of one derivation that are kept; who asks for more of them waits longer."""


@dataclass(frozen=True, slots=True)
class ResourceField:
    """One column of a resource."""

    column: Column
    type: ColumnType
    model_field: models.Field[Any, Any]

    @property
    def name(self) -> str:
        """The name of the model's field: `agent` where the column is `agent_id`."""
        return self.model_field.name

    @property
    def is_nullable(self) -> bool:
        """Whether the column may be empty."""
        return not self.column.required

    @property
    def settings(self) -> dict[str, Any]:
        """The type's own settings, as the column has them."""
        return {name: self.type.setting(self.column, name) for name in self.type.settings}

    def value(self, row: DynamicRow) -> Any:
        """The row's value; for a relation the related row or rows, if they were fetched and may be seen."""
        value = getattr(row, self.name)
        return value if self.column.is_stored else list(value.all())

    def stored(self, row: DynamicRow) -> Any:
        """The row's value as its column's type has it: of a link the id, of links to many rows their ids."""
        if self.column.is_stored:
            return getattr(row, self.model_field.attname)
        return [linked.pk for linked in self.value(row)] or None


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of another table (or of the same) that point to a resource's rows."""

    source: Resource
    field: ResourceField

    @property
    def on_delete(self) -> str:
        """What PostgreSQL does to these rows when the row they point to goes; empty where they lose a link at most."""
        return str(self.field.column.config.get("on_delete", ""))


@dataclass(eq=False)
class Resource:
    """A table of one schema version, with everything derived from it."""

    table: Table
    model: type[DynamicRow]
    runtime: Runtime = field(repr=False)
    derivations: dict[Any, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def fields(self) -> tuple[ResourceField, ...]:
        """All columns in display order."""
        return tuple(self.field_of(column) for column in self.table.columns)

    @cached_property
    def relations(self) -> tuple[ResourceField, ...]:
        """The columns that point to a row of another table."""
        return tuple(item for item in self.fields if item.column.is_reference)

    @cached_property
    def links(self) -> tuple[ResourceField, ...]:
        """The columns that point to any number of rows of another table."""
        return tuple(item for item in self.fields if not item.column.is_stored)

    @cached_property
    def member_fields(self) -> tuple[ResourceField, ...]:
        """The columns that name a member of the project."""
        return tuple(item for item in self.fields if isinstance(item.model_field, UserField))

    @cached_property
    def expandable(self) -> tuple[ResourceField, ...]:
        """The columns that the API can answer as objects instead of ids."""
        return (*self.relations, *self.links, *self.member_fields)

    @cached_property
    def list_fields(self) -> tuple[ResourceField, ...]:
        """The columns that a list shows, the title first."""
        shown = [self.by_column.get(column.name) or self.field_of(column) for column in self.table.list_columns]
        title = self.title_field
        return (title, *(item for item in shown if item != title)) if title else tuple(shown)

    @cached_property
    def by_column(self) -> dict[str, ResourceField]:
        """The fields by column name."""
        return {item.column.name: item for item in self.fields}

    @cached_property
    def title_field(self) -> ResourceField | None:
        """The column that names a row to people."""
        title = self.table.title_column
        return self.by_column[title.name] if title else None

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every column of the schema that points here."""
        found = []
        for table, column in self.runtime.schema.referencing(self.table.name):
            source = self.runtime.resource(table.name)
            found.append(Reference(source=source, field=source.by_column[column.name]))
        return tuple(found)

    def defaults(self) -> dict[str, Any]:
        """What each column is when nobody gives it a value, by attribute name: PostgreSQL's DEFAULT, or nothing."""
        given = (item for item in self.fields if not item.type.numbered)  # a number stays the row's
        return {item.model_field.attname: item.model_field.get_default() for item in given}

    def target(self, relation: ResourceField) -> Resource:
        """The resource that a relation of this one points to."""
        return self.runtime.resource(relation.column.config["to_table"])

    def field_of(self, column: Column) -> ResourceField:
        """The field of a column of the table, one that documents do not list too."""
        model_field = cast("models.Field[Any, Any]", self.model._meta.get_field(field_name(column)))
        return ResourceField(column=column, type=column_types.get(column.type), model_field=model_field)


class Runtime:
    """A schema version made usable: its models and resources, complete and never changed again.

    Args:
        schema: a validated schema.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.models = build_models(schema)
        self.resources = {
            table.name: Resource(table=table, model=self.models[table.name], runtime=self) for table in schema
        }

    def resource(self, name: str) -> Resource:
        """The resource of that table; raises `NotFound`."""
        try:
            return self.resources[name]
        except KeyError:
            raise NotFound(f"This project has no table named {name!r}.") from None


def derived(build: Callable[[Resource], T]) -> Callable[[Resource], T]:
    """Keeps what is built from a resource with it, so that it is built once and dies with the schema version."""

    @wraps(build)
    def kept(resource: Resource) -> T:
        found: T | None = resource.derivations.get(build)
        return resource.derivations.setdefault(build, build(resource)) if found is None else found

    return kept


def derived_by(build: Callable[[Resource, Form], T]) -> Callable[[Resource, Form], T]:
    """As `derived`, for what is built in many forms."""

    @wraps(build)
    def kept(resource: Resource, form: Form) -> T:
        forms: dict[Form, T] = resource.derivations.setdefault(build, {})
        found = forms.get(form)
        if found is None:
            if len(forms) >= _MOST_FORMS:
                forms.clear()
            found = forms[form] = build(resource, form)
        return found

    return kept
