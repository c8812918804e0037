"""Schema documents that the tests of records run on."""

from __future__ import annotations

from typing import Any

from schemas.column_types import column_types

COLORS = [
    {"value": "available", "label": "Available", "color": "green"},
    {"value": "sold", "label": "Sold", "color": "gray"},
]


def estate() -> dict[str, Any]:
    """Agents, properties and showings: every consequence of a delete is in it."""
    return {
        "name": "Real estate",
        "tables": [
            {
                "name": "agents",
                "columns": [
                    {"name": "name", "type": "text", "required": True, "max_length": 80},
                    {"name": "email", "type": "email", "unique": True},
                ],
            },
            {
                "name": "properties",
                "ui_hints": {
                    "label": "Property",
                    "label_plural": "Properties",
                    "title_column": "address",
                    "list_columns": ["address", "price", "status", "agent_id"],
                },
                "columns": [
                    {"name": "address", "type": "text", "required": True},
                    {"name": "price", "type": "currency", "currency": "USD", "min": 0},
                    {"name": "status", "type": "select", "options": COLORS, "default": "available", "required": True},
                    {"name": "furnished", "type": "boolean"},
                    {"name": "listed_on", "type": "date", "default": "today"},
                    {"name": "notes", "type": "long_text"},
                ],
                "unique": [["address", "status"]],
            },
            {
                "name": "showings",
                "ui_hints": {"title_column": "visitor"},
                "columns": [
                    {"name": "visitor", "type": "text", "required": True},
                    {"name": "starts_at", "type": "datetime", "required": True},
                ],
            },
            {"name": "offers", "columns": [{"name": "buyer", "type": "text", "required": True}]},
        ],
        "relationships": [
            _relation("properties", "agent_id", "agents", on_delete="set_null", label="Agent"),
            _relation("showings", "property_id", "properties", on_delete="cascade", required=True),
            _relation("showings", "agent_id", "agents", on_delete="set_null"),
            _relation("offers", "property_id", "properties", on_delete="restrict", required=True),
        ],
    }


def every_type() -> dict[str, Any]:
    """A table with an optional column `a_<type>` of each type, and `companies` for its relation."""
    plain = [kind for kind in column_types if kind.key != "relation"]
    columns = [{"name": f"a_{kind.key}", "type": kind.key, **kind.example} for kind in plain]
    return {
        "name": "Every type",
        "tables": [
            {"name": "companies", "columns": [{"name": "name", "type": "text", "required": True}]},
            {"name": "things", "columns": [{"name": "name", "type": "text", "required": True}, *columns]},
        ],
        "relationships": [_relation("things", "company_id", "companies")],
    }


def shared() -> dict[str, Any]:
    """A table that all members see, whose rows point to rows that only their owners see."""
    return {
        "name": "Shared",
        "tables": [
            {"name": "secrets", "columns": [{"name": "title", "type": "text", "required": True}]},
            {
                "name": "notices",
                "access": "project",
                "columns": [{"name": "text", "type": "text", "required": True}],
            },
        ],
        "relationships": [_relation("notices", "secret_id", "secrets", required=True, on_delete="cascade")],
    }


def tagged() -> dict[str, Any]:
    """Contacts with private tags, friends of their own kind and a company; and notices that all members see."""
    return {
        "name": "Tagged",
        "tables": [
            {"name": "tags", "columns": [{"name": "name", "type": "text", "required": True}]},
            {"name": "companies", "columns": [{"name": "name", "type": "text", "required": True}]},
            {"name": "contacts", "columns": [{"name": "name", "type": "text", "required": True, "unique": True}]},
            {
                "name": "notices",
                "access": "project",
                "columns": [{"name": "text", "type": "text", "required": True}],
            },
        ],
        "relationships": [
            _relation("contacts", "company_id", "companies", on_delete="cascade"),
            _links("contacts", "tags", "tags"),
            _links("contacts", "friends", "contacts"),
            _links("companies", "labels", "tags"),
            _links("notices", "tags", "tags"),
        ],
    }


def tasks() -> dict[str, Any]:
    """Tasks that all members see, with an owner, who is whoever adds the task, and a reviewer."""
    return {
        "name": "Tasks",
        "tables": [
            {
                "name": "tasks",
                "access": "project",
                "columns": [
                    {"name": "title", "type": "text", "required": True},
                    {"name": "owner", "type": "user", "default": "current_user"},
                    {"name": "reviewer", "type": "user"},
                ],
            },
            {"name": "notes", "columns": [{"name": "text", "type": "text"}]},
        ],
        "relationships": [_relation("notes", "task_id", "tasks")],
    }


def _links(table: str, column: str, target: str) -> dict[str, Any]:
    return {"from_table": table, "from_column": column, "to_table": target, "type": "many_to_many"}


def leases() -> dict[str, Any]:
    """Leases with papers of any kind and pictures, and notes that have files too."""
    return {
        "name": "Leases",
        "tables": [
            {
                "name": "leases",
                "ui_hints": {"title_column": "tenant", "list_columns": ["tenant", "papers", "photos"]},
                "columns": [
                    {"name": "tenant", "type": "text", "required": True},
                    {"name": "papers", "type": "attachment", "max_size_mb": 1},
                    {"name": "photos", "type": "attachment", "max_files": 2, "accept": ["image/*"]},
                ],
            },
            {
                "name": "notes",
                "access": "project",
                "columns": [
                    {"name": "text", "type": "text", "required": True, "unique": True},
                    {"name": "scan", "type": "attachment", "required": True, "max_files": 1, "accept": [".pdf"]},
                ],
            },
        ],
    }


def _relation(table: str, column: str, target: str, **options: Any) -> dict[str, Any]:
    return {"from_table": table, "from_column": column, "to_table": target, "type": "many_to_one", **options}
