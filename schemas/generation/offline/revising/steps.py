"""Operations in the form in which a model would write them, from what the commands found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schemas.document import Column, Json, Schema, Table
from schemas.generation.offline.finding import Place
from schemas.generation.offline.linking import many_to_many, relation
from schemas.generation.offline.reading import Reading

Step = dict[str, Json]
Words = Mapping[str, str]
"""What a pattern caught, by the names of its groups; empty where a group caught nothing."""
Handler = Callable[[Schema, Words, Reading], list[Step]]


def table_step(table: Table) -> Step:
    """Adds a table."""
    return {"op": "add_table", "table": table.to_json() | {"columns": [column.to_json() for column in table.columns]}}


def column_step(table: Table, column: Column) -> Step:
    """Adds a column."""
    return {"op": "add_column", "table": table.name, "column": column.to_json()}


def relation_step(table: Table, target: Table, name: str = "", *, is_single: bool = False) -> Step:
    """Links rows of a table to one row of the target, or of the table itself."""
    name = name or (f"parent_{target.label.lower().replace(' ', '_')}" if table.name == target.name else "")
    column = relation(target.name, name=name, is_single=is_single)
    return {"op": "add_relation", "relationship": column.to_relationship(table.name)}


def many_step(table: Table, target: Table) -> Step:
    """Links rows of a table to many rows of the target, and the other way round."""
    return {"op": "add_relation", "relationship": many_to_many(target.name).to_relationship(table.name)}


def dropped(place: Place) -> Step:
    """Removes a column or a relation."""
    op = "drop_relation" if place.column.is_relation else "drop_column"
    return {"op": op, "table": place.table.name, "column": place.column.name}


def change(place: Place, **facts: Json) -> Step:
    """Changes facts of a column."""
    return {"op": "change_column", "table": place.table.name, "column": place.column.name, "set": facts}


def options_of(place: Place) -> list[Json]:
    """The choices that a column has now."""
    return list(place.column.to_json().get("options", []))
