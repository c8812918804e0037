"""Schemas for tests, written short."""

from __future__ import annotations

from dataclasses import replace

from schemas.document import Json, Schema
from schemas.validation import validate


def application(
    tables: dict[str, Json],
    relationships: list[Json] | None = None,
    parent: Schema | None = None,
    version: str = "1.0.0",
) -> Schema:
    """The validated schema of these tables by name."""
    document = {
        "name": "App",
        "tables": [{"name": name, **table} for name, table in tables.items()],
        "relationships": relationships or [],
    }
    result = validate(document, parent)
    assert result.schema is not None, result.errors
    return replace(result.schema, version=version)


def text(*names: str) -> list[Json]:
    """Text columns of these names."""
    return [{"name": name, "type": "text"} for name in names]
