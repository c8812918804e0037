"""Tables that no document lists: their names follow from others, and may be too long or meet them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.junctions import junction_name
from schemas.names import MAX_NAME_BYTES, is_name, model_name
from schemas.problems import Code
from schemas.validation.outline import TableOutline
from schemas.validation.report import Report, quote


def junction_names(tables: Sequence[TableOutline]) -> dict[str, str]:
    """The junction tables of all many-to-many relations, by the path of the relation's name."""
    return {
        f"{outline.path}.{outline.name_key}": junction_name(table.name, outline.column.name)
        for table in tables
        for outline in table.columns
        if not outline.column.is_stored and is_name(table.name) and is_name(outline.column.name)
    }


def check_junction_names(tables: Sequence[TableOutline], junctions: Mapping[str, str], report: Report) -> None:
    """Reports junction tables whose names are too long, or taken."""
    taken = {_key(table.name): f"the table {table.name}" for table in tables if table.name}
    for path, name in junctions.items():
        if len(name) > MAX_NAME_BYTES:
            detail = f"Its links would be kept in a table {quote(name)}: {len(name)} bytes, and PostgreSQL takes "
            detail += f"{MAX_NAME_BYTES}."
            report.error(Code.TOO_LONG, path, detail, "Shorten the name of the relation, or of its table.")
        elif _key(name) in taken:
            detail = f"Its links would be kept in a table {quote(name)}, and {taken[_key(name)]} has that name already."
            report.error(Code.NAME_CLASH, path, detail, "Rename the relation, or what has this name.")
        taken.setdefault(_key(name), f"that of {path}")


def _key(name: str) -> str:
    """Tables become classes, in whose names underscores do not count."""
    return model_name(name).lower()
