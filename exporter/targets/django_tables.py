"""A table in Django: its model, and what forms, lists, the API and the admin show of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from exporter.column_context import ColumnContext
from exporter.context import AppContext, TableContext
from exporter.python_code import Call, Name, laid_out, statement
from exporter.sql_names import Names
from exporter.targets.django_columns import DjangoColumn
from exporter.targets.django_limits import Limit, limit, unique
from exporter.targets.django_models import DjangoModel
from exporter.targets.django_names import APP, ProjectNames, TableNames

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


@dataclass(frozen=True, slots=True)
class DjangoTable(DjangoModel):
    """A table as the templates print it."""

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

    @property
    def _listed_names(self) -> set[str]:
        title = self.facts.title.name if self.facts.title else ""
        return {column.name for column in self.facts.list_columns if not column.links} - {title}

    @property
    def _entered(self) -> list[str]:
        return [column.field for column in self.columns if column.is_entered]


def django_tables(app: AppContext, names: ProjectNames) -> list[DjangoTable]:
    """The tables of an application as Django sees them, in the order of the document."""
    constraints = Names(frozenset())  # Django wants them to be unique among all models
    return [_table(table, names, constraints) for table in app.tables]


def _table(table: TableContext, names: ProjectNames, constraints: Names) -> DjangoTable:
    columns = tuple(_column(table, column, names) for column in table.columns)
    return DjangoTable(
        facts=table,
        names=names.tables[table.name],
        columns=columns,
        inlines=tuple(names.tables[c.links.junction].model for c in table.columns if c.links),
        limits=tuple(_limits(table, names.tables[table.name], columns, constraints)),
    )


def _limits(
    table: TableContext, own: TableNames, columns: tuple[DjangoColumn, ...], constraints: Names
) -> Iterator[Limit]:
    """Its unique sets of columns, and what the values of each column may be."""
    for together in table.unique:
        fields = [own.fields.get(name, name) for name in together]
        yield unique(fields, constraints.give(own.table, together, "key"))
    for column in columns:
        if found := limit(column, constraints.give(own.table, (column.facts.name,), "check")):
            yield found


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
