"""What the builder shows of a draft: its tables, its diagram, what it would change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.models import DecisionTrace, Project
from schemas import diagram
from schemas.changes import AddColumn, AddTable, Change
from schemas.diff import diff
from schemas.document import Column, Schema, Table
from schemas.impact import listed

NEW: Final = "new"
CHANGED: Final = "changed"


@dataclass(frozen=True, slots=True)
class Marks:
    """Which tables and columns of a draft are new or changed, by their ids.

    Args:
        tables: the mark of a table.
        columns: the mark of a column, by the ids of its table and its own; those of new tables have none.
    """

    tables: Mapping[str, str]
    columns: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Card:
    """A table as the builder lists it: with its mark, and its columns with theirs."""

    table: Table
    mark: str
    columns: tuple[tuple[Column, str], ...]


def draft_context(project: Project, trace: DecisionTrace | None, base: DecisionTrace | None = None) -> dict[str, Any]:
    """The template context of the draft that a decision ended with.

    Args:
        project: whose active version the draft is compared with.
        trace: the decision; without a document, what is active is shown instead.
        base: the decision whose draft it refined, if it did.
    """
    active = Schema.from_json(project.active_config.document) if project.active_config else None
    draft = trace if trace and trace.document else None
    schema = Schema.from_json(draft.document) if draft else active
    if schema is None:
        return {"draft": None, "schema": None}
    before = Schema.from_json(base.document) if base and base.document else None
    changes = diff(active, schema)
    compared = active or before
    marks = marks_of(diff(compared, schema) if compared else ())
    response = draft.response if draft else {}
    return {
        "draft": draft,
        "schema": schema,
        "diagram": diagram.draw(schema, marks.tables),
        "legend": tuple(legend(schema, marks)),
        "compared_with": f"version {project.active_config.version}" if project.active_config else "the draft before",
        "cards": [card(table, marks) for table in schema],
        "document_text": json.dumps(schema.to_json(), indent=2, ensure_ascii=False),
        "changes": [change.describe() for change in changes],
        "last_changes": list(response.get("changes", [])) if before else [],
        "is_active": active is not None and not changes,
        "column_count": sum(len(table.columns) for table in schema),
        "relation_count": sum(column.is_relation for table in schema for column in table.columns),
        "warnings": list(response.get("warnings", [])),
    }


def marks_of(changes: Sequence[Change]) -> Marks:
    """What the changes leave to be seen: a table or column that is gone has no place to be marked."""
    tables: dict[str, str] = {}
    columns: dict[tuple[str, str], str] = {}
    for change in changes:
        if change.table_id:
            tables.setdefault(change.table_id, NEW if isinstance(change, AddTable) else CHANGED)
        for column_id in change.column_ids:
            columns.setdefault((change.table_id, column_id), NEW if isinstance(change, AddColumn) else CHANGED)
    return Marks(tables, columns)


def card(table: Table, marks: Marks) -> Card:
    """The table with the marks of its columns."""
    columns = tuple((column, marks.columns.get((table.id, column.id), "")) for column in table.columns)
    return Card(table, marks.tables.get(table.id, ""), columns)


def legend(schema: Schema, marks: Marks) -> Iterator[tuple[str, str]]:
    """Each mark that the diagram shows, with the tables that have it in words."""
    for mark in (NEW, CHANGED):
        labels = [table.label_plural for table in schema if marks.tables.get(table.id) == mark]
        if labels:
            yield mark, listed(labels)
