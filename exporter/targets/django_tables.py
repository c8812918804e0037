"""A table in Django: its model, its form, its admin, and what its migration says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from exporter.column_context import ColumnContext
from exporter.context import AppContext, TableContext
from exporter.python_code import WIDTH, Call, Name, laid_out, statement
from exporter.sql_names import Names
from exporter.targets.django_columns import DjangoColumn
from exporter.targets.django_names import APP, ProjectNames, TableNames, index_name

_FIELD: Final = 4
_META: Final = 8
_TIMES: Final = ("created_at", "updated_at")
_FILTERED: Final = {
    "boolean": ["exact"],
    "choice": ["exact"],
    "date": ["gte", "lte"],
    "datetime": ["gte", "lte"],
    "decimal": ["gte", "lte"],
    "integer": ["gte", "lte"],
    "relation": ["exact"],
    "user": ["exact"],
}
"""What a list can be filtered by, by the kind of the values."""
_QUERY_WORDS: Final = frozenset({"page", "page_size", "search", "ordering"})
"""What lists and the API are asked for themselves."""
_TITLES: Final = ("text", "email", "url", "long_text")


@dataclass(frozen=True, slots=True)
class Choices:
    """The enumeration of the options of a column: its name and its members, each a line or more."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DefaultFunction:
    """A function that makes a default anew for each record."""

    name: str
    type: str
    code: str


@dataclass(frozen=True, slots=True)
class DjangoTable:
    """A table as the templates print it.

    Args:
        facts: what is known about the table.
        names: what it is called.
        columns: its columns in display order.
        inlines: the models of its links.
    """

    facts: TableContext
    names: TableNames
    columns: tuple[DjangoColumn, ...]
    inlines: tuple[str, ...]

    @property
    def imports(self) -> list[str]:
        """The imports of the module of its model, with empty lines between their groups."""
        callables = {column.default_callable for column in self.columns}
        standard = {
            "decimal": ["Decimal"] if any("Decimal(" in field for field in self.fields) else [],
            "typing": ["Any"] if self.default_functions or self.inlines else [],
            "uuid": ["uuid4"] if "uuid4" in callables else [],
        }
        django = {
            "django.core.validators": sorted({call.function for column in self.columns for call in column.validators}),
            "django.db": ["models"],
            "django.utils.timezone": sorted(callables & {"localdate", "now"}),
        }
        own = {
            "crud.fields": sorted({column.field_class for column in self.columns if "." not in column.field_class}),
            "crud.formats": ["shown"] if "shown(" in self.title else [],
            "crud.models": ["Record"],
        }
        groups = [
            [imported(module, names) for module, names in group.items() if names] for group in (standard, django, own)
        ]
        return "\n\n".join("\n".join(group) for group in groups if group).split("\n")

    @property
    def choices(self) -> list[Choices]:
        """The enumerations of the options of its columns."""
        return [
            Choices(column.choices, tuple(statement(name, pair, _META) for name, pair in column.members))
            for column in self.columns
            if column.choices
        ]

    @property
    def default_functions(self) -> list[DefaultFunction]:
        """The functions that make defaults which are lists or objects."""
        return [
            DefaultFunction(
                name=column.default_function,
                type="dict[str, Any]" if isinstance(column.facts.default, dict) else "list[Any]",
                code=laid_out("return ", column.facts.default, _FIELD),
            )
            for column in self.columns
            if column.default_function
        ]

    @property
    def fields(self) -> list[str]:
        """The fields of the model."""
        return [statement(column.declared, column.model_field, _FIELD) for column in self.columns]

    @property
    def meta(self) -> list[str]:
        """The inner class `Meta`."""
        return [statement(name, value, _META) for name, value in self.options.items()]

    @property
    def options(self) -> dict[str, Any]:
        """What Django is told about the model."""
        facts = self.facts
        found: dict[str, Any] = {"db_table": self.names.table}
        found["verbose_name"] = facts.label
        found["verbose_name_plural"] = facts.label_plural
        found["ordering"] = self.ordering
        if indexes := [call for _, call in self.indexes]:
            found["indexes"] = indexes
        if constraints := list(self.constraints):
            found["constraints"] = constraints
        return found

    @property
    def ordering(self) -> list[str]:
        """The order of records that nobody asked another of."""
        sign, name = ("-" if self.facts.default_sort.startswith("-") else ""), self.facts.default_sort.removeprefix("-")
        column = next((column for column in self.columns if column.facts.name == name), None)
        if column and column.facts.kind in ("relation", "links", "files", "json", "choices"):
            return ["-created_at"]
        return [f"{sign}{column.field if column else name}", "id"]

    @property
    def indexes(self) -> Iterator[tuple[tuple[str, ...], Call]]:
        """Its indexes, each with its fields."""
        yield self._index(("user", "-created_at"))
        yield self._index(("-created_at", "-id"))
        keys = {(column.facts.name,) for column in self.columns if column.facts.reference or column.facts.unique}
        for columns in self.facts.indexes:
            if columns not in keys:  # these have one already
                yield self._index(tuple(map(self.field_of, columns)))

    @property
    def constraints(self) -> Iterator[Call]:
        """Its unique sets of columns."""
        names = Names(frozenset())
        for columns in self.facts.unique:
            fields = [self.field_of(column) for column in columns]
            name = names.give(self.names.table, columns, "key")
            yield Call("models.UniqueConstraint", (), {"fields": fields, "name": name})

    @property
    def title(self) -> str:
        """The expression for what a record is called; empty where nothing names it."""
        title = self.facts.title
        if title is None:
            return ""
        field = self.field_of(title.name)
        if title.kind in _TITLES and title.type_key != "rich_text":
            return f"self.{field}" if title.required else f"self.{field} or super().__str__()"
        return f'shown(self, "{field}") or super().__str__()'

    @property
    def form_fields(self) -> str:
        """The fields that people fill in."""
        return statement("fields" if self._entered else "fields: list[str]", self._entered, _META)

    @property
    def serializer_fields(self) -> str:
        """The fields of the API."""
        return statement("fields", ["id", *(column.field for column in self.columns), "user", *_TIMES], _META)

    @property
    def read_only_fields(self) -> str:
        """The fields of the API that nobody sets."""
        return statement("read_only_fields", ["user"], _META)

    @property
    def filter_fields(self) -> str:
        """What lists are filtered by."""
        found = {
            column.field: _FILTERED[column.facts.kind]
            for column in self.columns
            if column.facts.kind in _FILTERED and column.field not in _QUERY_WORDS
        }
        return statement("fields" if found else "fields: dict[str, list[str]]", found, _META)

    @property
    def section(self) -> str:
        """The section of the pages and the API."""
        model = self.names.model
        options: dict[str, Any] = {
            "slug": self.facts.slug,
            "model": Name(f"models.{model}"),
            "form_class": Name(f"forms.{model}Form"),
            "serializer_class": Name(f"serializers.{model}Serializer"),
            "filterset_class": Name(f"filters.{model}Filter"),
            "columns": self.listed,
        }
        options |= {"search_fields": self.searched} if self.searched else {}
        return laid_out("", Call("Section", (), options), _FIELD, ",")

    @property
    def listed(self) -> list[str]:
        """The fields that lists show."""
        return [self.field_of(column.name) for column in self.facts.list_columns]

    @property
    def searched(self) -> list[str]:
        """The fields that a search looks into."""
        return [column.field for column in self.columns if column.facts.searchable and not column.facts.numbered]

    @property
    def admin(self) -> list[str]:
        """The attributes of the class of the admin."""
        shown = [column.field for column in self.columns if column.facts.name in self._listed_names]
        searched = tuple(self.searched) or ("id",)
        picked = tuple(column.field for column in self.columns if column.facts.reference or column.facts.kind == "user")
        read_only = tuple(column.field for column in self.columns if column.facts.numbered)
        filtered = tuple(column.field for column in self.columns if column.facts.kind in ("boolean", "choice"))
        found: dict[str, Any] = {"list_display": ("__str__", *shown[:5])}
        found |= {"list_filter": filtered} if filtered else {}
        found["search_fields"] = searched
        found |= {"autocomplete_fields": picked} if picked else {}
        found |= {"readonly_fields": (*read_only, "user", *_TIMES)} if read_only else {}
        found |= {"inlines": tuple(Name(f"{model}Inline") for model in self.inlines)} if self.inlines else {}
        return [statement(name, value, _FIELD) for name, value in found.items()]

    def field_of(self, name: str) -> str:
        """The field of a column, or of one that every table has."""
        return self.names.fields.get(name, name)

    @property
    def _listed_names(self) -> set[str]:
        title = self.facts.title.name if self.facts.title else ""
        return {column.name for column in self.facts.list_columns if not column.links} - {title}

    @property
    def _entered(self) -> list[str]:
        return [column.field for column in self.columns if column.is_entered]

    def _index(self, fields: tuple[str, ...]) -> tuple[tuple[str, ...], Call]:
        name = index_name(self.names.table, tuple(field.removeprefix("-") for field in fields))
        return fields, Call("models.Index", (), {"fields": list(fields), "name": name})


def django_tables(app: AppContext, names: ProjectNames) -> list[DjangoTable]:
    """The tables of an application as Django sees them, in the order of the document."""
    return [
        DjangoTable(
            facts=table,
            names=names.tables[table.name],
            columns=tuple(_column(table, column, names) for column in table.columns),
            inlines=tuple(names.tables[c.links.junction].model for c in table.columns if c.links),
        )
        for table in app.tables
    ]


def _column(table: TableContext, column: ColumnContext, names: ProjectNames) -> DjangoColumn:
    own = names.tables[table.name]
    place = column.reference.table if column.reference else column.links.table if column.links else ""
    field = own.fields[column.name]
    default = ""
    if isinstance(column.default, dict | list):
        default = f"default_{field}"
        while default in own.fields.values():
            default += "_value"
    return DjangoColumn(
        facts=column,
        field=field,
        choices=own.choices.get(column.name, ""),
        default_function=default,
        module=f"{APP}.models.{own.module}",
        sequence=Names(frozenset()).give(own.table, (column.name,), "seq") if column.numbered else "",
        target=names.tables[place] if place else None,
        through=names.tables[column.links.junction] if column.links else None,
        related_name=names.related.get((table.name, column.name), ""),
    )


def imported(module: str, names: list[str]) -> str:
    """An import of names that are sorted already."""
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join((f"from {module} import (", *(f"    {name}," for name in names), ")"))
