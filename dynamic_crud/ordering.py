"""In which order a list is: the same for pages, for the API, and for cursors that go on from a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dynamic_crud.listing import default_ordering
from dynamic_crud.resources import Resource, ResourceField
from schemas.column_types import column_types
from schemas.document import TIMESTAMPS


@dataclass(frozen=True, slots=True)
class Term:
    """One of the values that a list is ordered by. Nothing comes last, in either direction.

    Args:
        column: the column's name in its table.
        sql_type: the column's PostgreSQL type.
        descending: whether the greatest comes first.
        nullable: whether a row may have no value.
        relation: the field of the relation whose target has the column; None where the table itself has it.
    """

    column: str
    sql_type: str
    descending: bool
    nullable: bool = False
    relation: ResourceField | None = None

    @property
    def path(self) -> str:
        """The value as Django's queries name it."""
        return f"{self.relation.name}__{self.column}" if self.relation else self.column


def order_terms(resource: Resource, ordering: Iterable[str]) -> tuple[Term, ...]:
    """The asked order, else the table's own, else newest first; the id is last, which makes it a total order.

    Args:
        resource: the table.
        ordering: names of `orderable_columns`, with a minus for descending.
    """
    names = tuple(ordering) or default_ordering(resource)
    terms = tuple(_term(resource, name.removeprefix("-"), name.startswith("-")) for name in names)
    return (*terms, Term("id", "uuid", terms[-1].descending))


def _term(resource: Resource, name: str, descending: bool) -> Term:
    item = resource.by_column.get(name)
    if item is None:
        is_moment = name in {column.name for column in TIMESTAMPS}
        return Term(name, "timestamptz" if is_moment else "uuid", descending)
    if not item.column.is_reference:
        return Term(name, item.type.sql_type(item.column), descending, item.is_nullable)
    # A relation is ordered by the label that people see, not by its id.
    title = resource.target(item).table.title_column
    if title is None:
        return Term("id", "uuid", descending, nullable=True, relation=item)
    return Term(title.name, column_types.get(title.type).sql_type(title), descending, nullable=True, relation=item)
