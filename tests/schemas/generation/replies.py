"""Replies of a model, and asking for one."""

from __future__ import annotations

from typing import Any

from schemas.blueprints import blueprint
from schemas.document import Schema
from schemas.generation import Generation, generate
from schemas.generation.draft import Engine
from schemas.generation.reply import from_document

REAL_ESTATE = blueprint("real_estate").document
CLINIC = blueprint("clinic").document
GOOD = from_document(CLINIC.to_json()) | {"message": "A clinic.", "reasoning": "Patients first."}
BAD = GOOD | {"relationships": [GOOD["relationships"][0] | {"to_table": "nowhere"}]}


def ask(engine: Engine, prompt: str = "A clinic", active: Schema | None = None) -> Generation:
    return generate(prompt, active=active, engine=engine)


def modifying(*operations: dict[str, Any], intent: str = "MODIFY") -> dict[str, Any]:
    """A reply that changes the active schema."""
    return GOOD | {"intent": intent, "tables": [], "relationships": [], "operations": list(operations)}
