"""A model of Django: its fields, its options, and what its module needs besides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from exporter.context import TableContext
from exporter.python_code import Call, imported, laid_out, statement
from exporter.targets.django_columns import DjangoColumn
from exporter.targets.django_limits import Limit
from exporter.targets.django_names import TableNames, index_name

_FIELD: Final = 4
_META: Final = 8
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
class DjangoModel:
    """The model of a table as the templates print it.

    Args:
        facts: what is known about the table.
        names: what it is called.
        columns: its columns in display order.
        inlines: the models of its links.
        limits: its constraints.
    """

    facts: TableContext
    names: TableNames
    columns: tuple[DjangoColumn, ...]
    inlines: tuple[str, ...]
    limits: tuple[Limit, ...]

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
            **{module: names for module, names in self._limit_imports.items() if module.startswith("django.")},
            "django.utils.timezone": sorted(callables & {"localdate", "now"}),
        }
        own = {
            "crud.fields": sorted({column.field_class for column in self.columns if "." not in column.field_class}),
            "crud.formats": ["shown"] if "shown(" in self.title else [],
            "crud.models": ["Record"],
            "crud.patterns": self._limit_imports.get("crud.patterns", []),
        }
        groups = [
            [imported(module, names) for module, names in group.items() if names] for group in (standard, django, own)
        ]
        return "\n\n".join("\n".join(group) for group in groups if group).split("\n")

    @property
    def choices(self) -> list[Choices]:
        """The enumerations of the options of its columns."""
        return [
            Choices(column.choices, tuple(statement(name, pair, _FIELD) for name, pair in column.members))
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
        if self.limits:
            found["constraints"] = [limit.declared for limit in self.limits]
        return found

    @property
    def ordering(self) -> list[str]:
        """The order of records that nobody asked another of."""
        sign, name = ("-" if self.facts.default_sort.startswith("-") else ""), self.facts.default_sort.removeprefix("-")
        column = next((column for column in self.columns if column.facts.name == name), None)
        if column and column.facts.kind in ("relation", "links", "files", "json", "choices"):
            return ["-created_at", "-id"]
        return [f"{sign}{column.field if column else name}", f"{sign}id"]

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
    def title(self) -> str:
        """The expression for what a record is called; empty where nothing names it."""
        title = self.facts.title
        if title is None:
            return ""
        field = self.field_of(title.name)
        if title.kind in _TITLES and title.type_key != "rich_text":
            return f"self.{field}" if title.required else f"self.{field} or super().__str__()"
        return f'shown(self, "{field}") or super().__str__()'

    def field_of(self, name: str) -> str:
        """The field of a column, or of one that every table has."""
        return self.names.fields.get(name, name)

    @property
    def _limit_imports(self) -> dict[str, list[str]]:
        """What its constraints are written with, by modules."""
        found = sorted({one for limit in self.limits for one in limit.imports})
        return {module: [name for place, name in found if place == module] for module, _ in found}

    def _index(self, fields: tuple[str, ...]) -> tuple[tuple[str, ...], Call]:
        name = index_name(self.names.table, tuple(field.removeprefix("-") for field in fields))
        return fields, Call("models.Index", (), {"fields": list(fields), "name": name})
