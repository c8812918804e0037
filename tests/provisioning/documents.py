"""Short ways to write schema documents in tests."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def document(*tables: Document, links: tuple[Document, ...] = (), name: str = "Test") -> Document:
    return {"name": name, "tables": list(tables), "relationships": list(links)}


def table(name: str, *columns: Document, **settings: Any) -> Document:
    return {"name": name, "columns": list(columns), **settings}


def column(name: str, kind: str = "text", **settings: Any) -> Document:
    return {"name": name, "type": kind, **settings}


def link(source: str, name: str, target: str, **settings: Any) -> Document:
    return {"from_table": source, "from_column": name, "to_table": target, "type": "many_to_one", **settings}


def links(source: str, name: str, target: str, **settings: Any) -> Document:
    return {"from_table": source, "from_column": name, "to_table": target, "type": "many_to_many", **settings}


def estate() -> Document:
    """Agents, their properties, and showings that every member of the project sees."""
    status = column("status", "select", options=[{"value": "available"}, {"value": "sold"}], default="available")
    return document(
        table("agents", column("name", required=True), column("email", "email", unique=True)),
        table("properties", column("address", required=True), column("price", "currency", currency="USD"), status),
        table("showings", column("starts_at", "datetime", required=True), access="project"),
        links=(
            link("properties", "agent_id", "agents"),
            link("showings", "property_id", "properties", on_delete="cascade", required=True),
        ),
        name="Estate",
    )
