"""The links of a relation to many rows in Django: a model of their own, which the relation goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from exporter.context import AppContext, TableContext
from exporter.python_code import Call, Name, statement
from exporter.sql_names import Names
from exporter.targets.django_limits import Limit, unique
from exporter.targets.django_names import APP, ProjectNames, TableNames
from schemas.junctions import SOURCE, TARGET

_FIELD: Final = 4
_META: Final = 8


@dataclass(frozen=True, slots=True)
class DjangoLink:
    """A table of links as the templates print it.

    Args:
        facts: what is known about the table.
        names: what it is called.
        source: the table from which it links.
        target: the table to which it links.
        label: what the links are called.
    """

    facts: TableContext
    names: TableNames
    source: TableNames
    target: TableNames
    label: str

    @property
    def ends(self) -> list[tuple[str, TableNames]]:
        """Its two foreign keys."""
        return [("source", self.source), ("target", self.target)]

    @property
    def fields(self) -> list[str]:
        """The fields of the model."""
        return [
            statement(name, Call("models.ForeignKey", (f"{APP}.{end.model}",), _link_options()), _FIELD)
            for name, end in self.ends
        ]

    @property
    def migrated_fields(self) -> list[tuple[str, Call]]:
        """The fields in a migration."""
        return [
            (name, Call("models.ForeignKey", (), dict(sorted((_link_options() | {"to": end.label}).items()))))
            for name, end in self.ends
        ]

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Its constraint: each link is there once."""
        return (unique(["source", "target"], Names(frozenset()).give(self.names.table, (SOURCE, TARGET), "key")),)

    @property
    def options(self) -> dict[str, Any]:
        """What Django is told about the model."""
        return {"db_table": self.names.table, "constraints": [limit.declared for limit in self.limits]}

    @property
    def meta(self) -> list[str]:
        """The inner class `Meta`."""
        return [statement(name, value, _META) for name, value in self.options.items()]

    @property
    def verbose_name(self) -> str:
        """What the links are called in the admin of the record that they start from."""
        return statement("verbose_name_plural", self.label, _FIELD)


def django_links(app: AppContext, names: ProjectNames) -> list[DjangoLink]:
    """The tables of links."""
    by_name = {table.name: table for table in app.junctions}
    return [
        DjangoLink(
            facts=by_name[column.links.junction],
            names=names.tables[column.links.junction],
            source=names.tables[table.name],
            target=names.tables[column.links.table],
            label=column.label,
        )
        for table in app.tables
        for column in table.columns
        if column.links
    ]


def _link_options() -> dict[str, Any]:
    return {"on_delete": Name("models.CASCADE"), "db_constraint": False, "related_name": "+"}
