"""Tables as a whole: their number and size, hints, indexes, and what could be better about them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from schemas import limits
from schemas.column_types import column_types
from schemas.document import SYSTEM_COLUMNS, TIMESTAMPS, Column, Json
from schemas.problems import Code
from schemas.validation.outline import ColumnOutline, TableOutline
from schemas.validation.report import Report, quote

ACCESS: Final = ("private", "project")
"""Who sees a row: its owner, or every member of the project."""

MAX_INDEX_COLUMNS: Final = 32
"""PostgreSQL's INDEX_MAX_KEYS."""

_ICON: Final = re.compile(r"[a-z0-9_]{1,50}\Z")


def check_tables(tables: Sequence[TableOutline], given: Json, report: Report) -> None:
    """Reports what is wrong with tables as a whole.

    Args:
        tables: those that could be made out.
        given: the document's `tables`.
        report: where problems go.
    """
    most = limits.max_tables()
    if isinstance(given, list) and not given:
        report.error(Code.NO_TABLES, "$.tables", "The document has no tables.", "Add a table with a column.")
    if len(tables) > most:
        detail = f"The document has {len(tables)} tables; {most} is the most."
        report.error(Code.TOO_MANY_TABLES, "$.tables", detail, "Split it into several projects.")
    for table in tables:
        _check_size(table, report)
        _check_access(table, report)
        _check_hints(table, report)
        _check_sets(table, report)


def advise(tables: Sequence[TableOutline], report: Report) -> None:
    """Warns of what works but could be better."""
    linked = {outline.column.config.get("to_table") for table in tables for outline in table.columns}
    for table in tables:
        plain = [outline.column for outline in table.columns if not outline.column.is_relation]
        if plain and not table.data.get("ui_hints", {}).get("title_column"):
            detail = f"{table.name} does not say which column names a record to people."
            fix = f'Add "title_column": {quote(plain[0].name)} to its ui_hints.'
            report.warning(Code.NO_TITLE_COLUMN, f"{table.path}.ui_hints", detail, fix)
        if len(tables) > 1 and table.name not in linked and len(plain) == len(table.columns):
            detail = f"{table.name} has no relation to another table, and none to it."
            fix = "Add a relationship, if its records belong to others."
            report.warning(Code.UNLINKED_TABLE, table.path, detail, fix)


def _check_size(table: TableOutline, report: Report) -> None:
    path, most = f"{table.path}.columns", limits.max_columns()
    number = len(table.columns) + len(table.unread)
    if number > most:
        detail = f"{quote(table.name)} has {number} columns; {most} is the most."
        report.error(Code.TOO_MANY_COLUMNS, path, detail, "Move some of them to a table of their own.")
    if number == 0 and not table.data.get("columns", [None]):
        detail = f"{quote(table.name)} has no columns of its own."
        report.error(Code.NO_COLUMNS, path, detail, 'Add one, such as {"name": "name", "type": "text"}.')


def _check_access(table: TableOutline, report: Report) -> None:
    access = table.data.get("access", ACCESS[0])
    if access not in ACCESS:
        detail = f"access has to be one of {', '.join(ACCESS)}."
        fix = 'Write "private" (a record is its owner\'s) or "project" (every member of the project sees it).'
        report.error(Code.INVALID_ACCESS, f"{table.path}.access", detail, fix)


def _check_hints(table: TableOutline, report: Report) -> None:
    hints, path = table.data.get("ui_hints", {}), f"{table.path}.ui_hints"
    icon = hints.get("icon", "")
    if icon and not _ICON.match(icon):
        detail = f"{quote(icon)} is not the name of an icon."
        fix = 'Write the name of a Material Symbol, such as "home" or "event_available".'
        report.error(Code.INVALID_ICON, f"{path}.icon", detail, fix)
    columns = {outline.column.name: outline.column for outline in table.columns}
    own = dict.fromkeys([*columns, *table.unread])
    listable = own | dict.fromkeys(column.name for column in TIMESTAMPS)
    for i, name in enumerate(hints.get("list_columns", [])):
        _check_reference(name, f"{path}.list_columns[{i}]", listable, report)
    sort = hints.get("default_sort", "")
    if sort:
        _check_reference(sort.removeprefix("-"), f"{path}.default_sort", own | dict.fromkeys(SYSTEM_COLUMNS), report)
    title = hints.get("title_column", "")
    if title in columns and columns[title].is_relation:
        detail = f"A record cannot be named by {quote(title)}, which points to another record."
        fix = "Name a column of this table that is no relation."
        report.error(Code.INVALID_TITLE_COLUMN, f"{path}.title_column", detail, fix)
    elif title:
        _check_reference(title, f"{path}.title_column", own, report)


def _check_sets(table: TableOutline, report: Report) -> None:
    """The columns of indexes and unique sets exist, are not too many, and fit into an index."""
    columns: dict[str, ColumnOutline | None] = dict.fromkeys((*SYSTEM_COLUMNS, *table.unread))
    columns |= {outline.column.name: outline for outline in table.columns}
    fits = _Fits(columns)
    for i, index in enumerate(table.data.get("indexes", [])):
        path = f"{table.path}.indexes[{i}]"
        if not isinstance(index, dict) or index.keys() != {"columns"}:
            fix = 'Write {"columns": ["status", "created_at"]}.'
            report.error(Code.INVALID_INDEX, path, "An index has to be an object with nothing but columns.", fix)
        else:
            _check_set(index["columns"], f"{path}.columns", fits, report)
    for i, names in enumerate(table.data.get("unique", [])):
        _check_set(names, f"{table.path}.unique[{i}]", fits, report)
    for outline in table.columns:
        if outline.column.unique:
            _check_fits(outline.column.name, f"{outline.path}.unique", fits, report)


class _Fits(dict[str, bool]):
    """Whether a column's values fit into an index, found out when asked. A faulty column counts as one that does.

    Args:
        columns: all columns that an index may name, None for those of which nothing more is known.
    """

    def __init__(self, columns: Mapping[str, ColumnOutline | None]) -> None:
        super().__init__()
        self.columns = columns

    def __missing__(self, name: str) -> bool:
        outline = self.columns[name]
        self[name] = outline is None or self._fits(outline.column)
        return self[name]

    @staticmethod
    def _fits(column: Column) -> bool:
        column_type = column_types.get(column.type)
        faulty = any(fault.severity == "error" for fault in column_type.faults(column))
        return faulty or column_type.indexable(column)


def _check_set(names: Json, path: str, fits: _Fits, report: Report) -> None:
    if not isinstance(names, list) or not 0 < len(names) <= MAX_INDEX_COLUMNS:
        detail = f"A list of 1 to {MAX_INDEX_COLUMNS} column names is expected here."
        report.error(Code.INVALID_INDEX, path, detail, 'Write the columns, such as ["status", "created_at"].')
        return
    seen: set[str] = set()
    for i, name in enumerate(names):
        if _check_reference(name, f"{path}[{i}]", fits.columns, report):
            _check_fits(name, f"{path}[{i}]", fits, report)
            if name in seen:
                report.error(Code.INVALID_INDEX, f"{path}[{i}]", f"{quote(name)} is named twice.", "Remove one.")
            seen.add(name)


def _check_fits(name: str, path: str, fits: _Fits, report: Report) -> None:
    if not fits[name]:
        detail = f"Values of {quote(name)} may be too long for an index, which a unique column needs too."
        fix = "Give the column a smaller max_length, or leave it out."
        report.error(Code.INVALID_INDEX, path, detail, fix)


def _check_reference(name: Json, path: str, known: Collection[str], report: Report) -> bool:
    """Whether the name is one of the known columns; reports it where it is not."""
    if isinstance(name, str) and name in known:
        return True
    otherwise = "Name a column of this table."
    fix = report.suggest(name, known, otherwise) if isinstance(name, str) else otherwise
    report.error(Code.UNKNOWN_COLUMN, path, f"The table has no column {quote(name)} for this.", fix)
    return False
