"""What the builder shows of a draft: its tables, its diagram, what it would change."""

from __future__ import annotations

import json
from typing import Any

from core.models import DecisionTrace, Project
from schemas import diagram
from schemas.diff import diff
from schemas.document import Schema


def draft_context(project: Project, trace: DecisionTrace | None) -> dict[str, Any]:
    """The template context of the draft that a decision ended with.

    Args:
        project: whose active version the draft is compared with.
        trace: the decision; without a document, what is active is shown instead.
    """
    active = Schema.from_json(project.active_config.document) if project.active_config else None
    schema = Schema.from_json(trace.document) if trace and trace.document else active
    if schema is None:
        return {"draft": trace, "schema": None}
    changes = diff(active, schema)
    return {
        "draft": trace if trace and trace.document else None,
        "schema": schema,
        "diagram": diagram.draw(schema),
        "document_text": json.dumps(schema.to_json(), indent=2, ensure_ascii=False),
        "changes": [change.describe() for change in changes] if active else [],
        "is_active": active is not None and not changes,
        "column_count": sum(len(table.columns) for table in schema),
        "relation_count": sum(column.is_relation for table in schema for column in table.columns),
        "warnings": list((trace.response or {}).get("warnings", [])) if trace else [],
    }
