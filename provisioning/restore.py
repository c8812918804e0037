"""A document with something of the archive in it again: provisioned, it is a new version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.errors import NotFound
from core.models import Project, VibeConfig
from core.tenancy import acting_as
from provisioning.archive_entries import Entry

Json = dict[str, Any]

_HINTS_OF_COLUMNS: Final = ("title_column", "default_sort")


def with_restored(project: Project, name: str, found: tuple[Entry, ...]) -> Json:
    """The active document plus the table or column of that name, as it was when it was last hidden.

    What was required comes back optional where no default fills it: rows that were made meanwhile have no value. Links
    to tables that are not there stay in the archive.

    Args:
        project: as `core.permissions.access_project` returns it.
        name: as the entries of the archive are called.
        found: what the archive holds.

    Raises:
        NotFound: when the archive has nothing of that name, or its table or target is not there.
    """
    entry = next((entry for entry in reversed(found) if entry.name == name), None)
    active = project.active_config.document if project.active_config else None
    if entry is None or active is None:
        known = ", ".join(dict.fromkeys(each.name for each in found)) or "nothing"
        raise NotFound(f"The archive has nothing called {name!r}. It holds: {known}.")
    before = _document(project, entry.number - 1)
    document = {key: active[key] for key in active if key != "relationships"}
    document["relationships"] = list(active.get("relationships", []))
    if entry.kind == "table":
        _add_table(document, before, entry.table_id)
    else:
        _add_column(document, before, entry)
    return document


def _document(project: Project, number: int) -> Json:
    with acting_as(project.owner_id):
        row = VibeConfig.objects.filter(project=project, number=number).values_list("document", flat=True).first()
    if row is None:
        raise NotFound("The version that says what this was is gone.")
    return dict(row)


def _add_table(document: Json, before: Json, table_id: str) -> None:
    table = dict(_table(before, table_id) or {})
    if _table(document, table_id) is not None:
        raise NotFound(f"The table {table['name']!r} is there already: bring back its columns by their own names.")
    document["tables"] = [*document["tables"], table]
    links = _links(document, before, table["name"], table["name"])
    document["relationships"] += links
    own = [column["name"] for column in table["columns"]] + [link["from_column"] for link in links]
    table["ui_hints"] = _hints(table.get("ui_hints", {}), own)


def _add_column(document: Json, before: Json, entry: Entry) -> None:
    table, old = _table(document, entry.table_id), _table(before, entry.table_id)
    if table is None or old is None:
        raise NotFound(f"The table of {entry.name!r} is not there. Bring it back first.")
    column = next((dict(each) for each in old["columns"] if each["id"] == entry.column_id), None)
    if column is not None:
        if column.get("required") and column.get("default") is None:
            del column["required"]
        changed = {**table, "columns": [*table["columns"], column]}
        document["tables"] = [changed if each["id"] == entry.table_id else each for each in document["tables"]]
        return
    links = [link for link in _links(document, before, old["name"], table["name"]) if link["id"] == entry.column_id]
    if not links:
        raise NotFound(f"The table that {entry.name!r} links to is not there. Bring it back first.")
    document["relationships"] += [{**link, "required": False} for link in links]


def _links(document: Json, before: Json, old_name: str, name: str) -> list[Json]:
    """The relations of a table whose targets are there, with the names of today."""
    ids = {table["name"]: table["id"] for table in before["tables"]}
    names = {table["id"]: table["name"] for table in document["tables"]}
    return [
        {**link, "from_table": name, "to_table": names[ids[link["to_table"]]]}
        for link in before.get("relationships", [])
        if link["from_table"] == old_name and ids[link["to_table"]] in names
    ]


def _hints(hints: Mapping[str, Any], columns: list[str]) -> Json:
    """The hints without columns that did not come back."""
    known = {*columns, "created_at", "updated_at"}
    kept = dict(hints)
    for key in _HINTS_OF_COLUMNS:
        if str(kept.get(key, "")).removeprefix("-") not in known:
            kept.pop(key, None)
    if "list_columns" in kept:
        kept["list_columns"] = [name for name in kept["list_columns"] if name in known]
    return kept


def _table(document: Json, table_id: str) -> Json | None:
    return next((table for table in document["tables"] if table["id"] == table_id), None)
