"""Reads the form of a document: which tables and columns can be made out, and what has the wrong form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from schemas.column_types import column_types
from schemas.document import Column, Json
from schemas.problems import Code, Edit, Put, Remove
from schemas.validation.report import Report, key_path, quote

TEXT, FLAG, LIST, OBJECT = "a text", "true or false", "a list", "an object"
_PYTHON_TYPES: Final = {TEXT: str, FLAG: bool, LIST: list, OBJECT: dict}

_SHARED: Final = {"id": TEXT, "label": TEXT, "help_text": TEXT, "required": FLAG, "unique": FLAG, "renamed_from": TEXT}
DOCUMENT: Final = {"$schema": TEXT, "version": TEXT, "name": TEXT, "tables": LIST, "relationships": LIST}
TABLE: Final = {
    "id": TEXT, "name": TEXT, "description": TEXT, "access": TEXT, "renamed_from": TEXT,
    "ui_hints": OBJECT, "columns": LIST, "indexes": LIST, "unique": LIST,
}  # fmt: skip
HINTS: Final = {
    "label": TEXT, "label_plural": TEXT, "icon": TEXT, "title_column": TEXT, "default_sort": TEXT, "list_columns": LIST,
}  # fmt: skip
COLUMN: Final = _SHARED | {"name": TEXT, "type": TEXT}
RELATIONSHIP: Final = _SHARED | {
    "from_table": TEXT, "from_column": TEXT, "to_table": TEXT, "type": TEXT, "on_delete": TEXT,
}  # fmt: skip

_LOOSE_VERSION: Final = re.compile(r"[vV]?\s*([0-9]{1,6})(?:\.([0-9]{1,6}))?(?:\.([0-9]{1,6}))?\Z")
_REMARKS: Final = ("$", "_", "x-")
"""How keys begin that tools and people put into JSON for themselves."""

MAX_LABEL: Final = 100
MAX_DESCRIPTION: Final = 1000
LONGEST: Final = {
    "label": MAX_LABEL, "label_plural": MAX_LABEL, "help_text": MAX_DESCRIPTION, "description": MAX_DESCRIPTION,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnOutline:
    """A column that could be made out.

    Args:
        path: where its entry stands.
        column: the column.
        id: the id that its entry says; empty for none.
        renamed_from: what its entry says about it; empty for nothing.
        name_key: the key under which its entry says its name.
    """

    path: str
    column: Column
    id: str
    renamed_from: str
    name_key: str = "name"


@dataclass(frozen=True, slots=True)
class TableOutline:
    """A table that could be made out.

    Args:
        path: where its entry stands.
        name: its name; empty where it has none.
        data: those keys of its entry that have the right form.
        columns: its columns, as far as they could be made out.
        unread: the names of the others.
    """

    path: str
    name: str
    data: Mapping[str, Json]
    columns: list[ColumnOutline] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_outline(document: Json, report: Report) -> list[TableOutline]:
    """The tables of a normalised document; what has the wrong form is reported and left out."""
    if not isinstance(document, dict):
        fix = 'Write {"name": ..., "tables": [...], "relationships": [...]}.'
        report.error(Code.WRONG_TYPE, "$", "A schema document has to be an object.", fix)
        return []
    entry = _read_entry(document, DOCUMENT, ("name", "tables"), "$", report)
    _warn_of_unknown_keys(document, DOCUMENT, "$", report)
    tables = [
        table
        for i, item in enumerate(entry.get("tables", []))
        if (table := _read_table(item, f"$.tables[{i}]", report)) is not None
    ]
    by_name = {table.name: table for table in reversed(tables) if table.name}
    for i, item in enumerate(entry.get("relationships", [])):
        _read_relationship(item, f"$.relationships[{i}]", by_name, report)
    return tables


def _read_table(given: Json, path: str, report: Report) -> TableOutline | None:
    if not _is_object(given, path, "A table", report):
        return None
    entry = _read_entry(given, TABLE, ("name", "columns"), path, report)
    _refuse_unknown_keys(given, TABLE, path, "A table", report)
    if "ui_hints" in entry:
        hints_path = f"{path}.ui_hints"
        entry["ui_hints"] = _read_entry(entry["ui_hints"], HINTS, (), hints_path, report)
        _warn_of_unknown_keys(given["ui_hints"], HINTS, hints_path, report)
    table = TableOutline(path, entry.get("name", ""), entry)
    for i, item in enumerate(entry.get("columns", [])):
        _read_column(item, f"{path}.columns[{i}]", table, report)
    return table


def _read_column(given: Json, path: str, table: TableOutline, report: Report) -> None:
    if not _is_object(given, path, "A column", report):
        return
    entry = _read_entry(given, COLUMN, ("name", "type"), path, report)
    key = entry.get("type")
    if key is None or key not in column_types:
        table.unread.append(entry.get("name", ""))
    if key is None:
        return
    if key not in column_types:
        names = ", ".join(column_types.names())
        words = [*column_types.names(), *(alias for column_type in column_types for alias in column_type.aliases)]
        fix = report.suggest(key.lower(), words, f"Use one of {names}.")
        report.error(Code.UNKNOWN_TYPE, f"{path}.type", f"There is no column type {quote(key)}.", fix)
        return
    settings = column_types.get(key).settings
    _refuse_unknown_keys(given, {**COLUMN, **settings, "default": None}, path, f"A column of the type {key}", report)
    entry |= {name: given[name] for name in (*settings, "default") if name in given}
    if "name" in entry:
        column = Column.from_json(entry, path)
        table.columns.append(ColumnOutline(path, column, entry.get("id", ""), entry.get("renamed_from", "")))


def _read_relationship(given: Json, path: str, tables: Mapping[str, TableOutline], report: Report) -> None:
    if not _is_object(given, path, "A relationship", report):
        return
    entry = _read_entry(given, RELATIONSHIP, ("from_table", "from_column", "to_table"), path, report)
    _refuse_unknown_keys(given, {**RELATIONSHIP, "default": None}, path, "A relationship", report)
    name = entry.get("from_table")
    if name is not None and name not in tables:
        report.error(Code.UNKNOWN_TABLE, f"{path}.from_table", *unknown_table(name, tables, report))
    elif name is not None and entry.keys() >= {"from_column", "to_table"}:
        entry |= {"default": given["default"]} if "default" in given else {}
        _, column = Column.from_relationship(entry, path)
        outline = ColumnOutline(path, column, entry.get("id", ""), entry.get("renamed_from", ""), "from_column")
        tables[name].columns.append(outline)


def unknown_table(name: str, tables: Iterable[str], report: Report) -> tuple[str, str]:
    """The sentence and the fix for a name that no table has."""
    fix = report.suggest(name, tables, "Add the table, or name one that exists.")
    return f"There is no table named {quote(name)}.", fix


def _is_object(given: Json, path: str, noun: str, report: Report) -> bool:
    if isinstance(given, dict):
        return True
    report.error(Code.WRONG_TYPE, path, f"{noun} has to be an object.", "Write it in curly brackets.")
    return False


def _read_entry(
    given: Mapping[str, Json], shape: Mapping[str, str], needed: tuple[str, ...], path: str, report: Report
) -> dict[str, Json]:
    """Those keys of the shape whose values have the right form; the others are reported."""
    entry: dict[str, Json] = {}
    for key, kind in shape.items():
        if key not in given or (key in needed and given[key] in ("", None)):
            continue
        value = given[key]
        if not isinstance(value, _PYTHON_TYPES[kind]):
            mend = mended_version(value) if key == "version" else ()
            report.error(Code.WRONG_TYPE, f"{path}.{key}", f"{key} has to be {kind}.", f"Write {kind} here.", mend)
        elif isinstance(value, str) and len(value) > LONGEST.get(key, len(value)):
            detail = f"{key} is longer than {LONGEST[key]} characters."
            report.error(Code.TOO_LONG, f"{path}.{key}", detail, "Shorten it.")
        else:
            entry[key] = value
    for key in needed:
        if key not in given or given[key] in ("", None):
            report.error(Code.MISSING_KEY, f"{path}.{key}", f"{key} is missing.", f"Add {key}: {shape[key]}.")
    return entry


def _refuse_unknown_keys(
    given: Mapping[str, Json], known: Mapping[str, Json], path: str, noun: str, report: Report
) -> None:
    """Reports keys that should do something and do not. Only one that asks for nothing can go unasked."""
    for key in (key for key in given if key not in known):
        place = key_path(path, key)
        fix = report.suggest(key, known, f"Remove it. Known are {', '.join(sorted(known))}.")
        mend = () if given[key] else (Remove(place),)
        report.error(Code.UNKNOWN_KEY, place, f"{noun} has no setting {quote(key)}.", fix, mend)


def _warn_of_unknown_keys(given: Mapping[str, Json], known: Mapping[str, Json], path: str, report: Report) -> None:
    """Warns of keys that are ignored. One that may be a slip of the pen for a known one stays, as does a remark."""
    for key in (key for key in given if key not in known):
        place, near = key_path(path, key), report.nearest(key, known)
        fix = f"Did you mean {quote(near)}?" if near else f"Remove it. Known are {', '.join(sorted(known))}."
        mend = (Remove(place),) if not given[key] or not (near or key.startswith(_REMARKS)) else ()
        report.warning(Code.UNKNOWN_KEY, place, f"{quote(key)} means nothing here and is ignored.", fix, mend)


def mended_version(given: Json) -> tuple[Edit, ...]:
    """The edit that writes a version such as `v2` or 1.1 in the form of versions; none for anything else."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return ()
    found = _LOOSE_VERSION.match(str(given).strip())
    return (Put("$.version", ".".join(str(int(part or 0)) for part in found.groups())),) if found else ()
