"""Indexes and unique sets: their columns exist, are not too many, and fit into an index together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas.column_types import column_types
from schemas.document import SYSTEM_COLUMNS, Column, Json
from schemas.problems import Code, Edit, Remove
from schemas.validation.outline import ColumnOutline, TableOutline
from schemas.validation.report import Report, quote

MAX_INDEX_COLUMNS: Final = 32
"""PostgreSQL's INDEX_MAX_KEYS."""

MAX_ENTRY_BYTES: Final = 2704
"""The largest entry of a B-tree on pages of 8 KiB (BTMaxItemSize, as in the error "index row size ... exceeds")."""

_HEADER_BYTES: Final = 16
"""What an entry has beside its values: the tuple's header, and which of them are null."""

_ALIGNMENT: Final = 8
_SYSTEM_BYTES: Final = 16
_UNKNOWN_BYTES: Final = 0


def check_sets(table: TableOutline, report: Report) -> None:
    """Reports what is wrong with the indexes and unique sets of a table, and with its unique columns."""
    columns: dict[str, ColumnOutline | None] = dict.fromkeys((*SYSTEM_COLUMNS, *table.unread))
    columns |= {outline.column.name: outline for outline in table.columns}
    sizes = _Sizes(columns)
    for i, index in enumerate(table.data.get("indexes", [])):
        path = f"{table.path}.indexes[{i}]"
        if not isinstance(index, dict) or index.keys() != {"columns"}:
            fix = 'Write {"columns": ["status", "created_at"]}.'
            report.error(Code.INVALID_INDEX, path, "An index has to be an object with nothing but columns.", fix)
        else:
            _check_set(index["columns"], f"{path}.columns", sizes, report)
    for i, names in enumerate(table.data.get("unique", [])):
        _check_set(names, f"{table.path}.unique[{i}]", sizes, report)
    for outline in table.columns:
        if outline.column.unique:
            _check_size([outline.column.name], f"{outline.path}.unique", sizes, report)


def report_unknown_column(name: Json, path: str, near: str, report: Report, mend: tuple[Edit, ...] = ()) -> None:
    """Reports a name that no column has.

    Args:
        name: the name.
        path: where it stands.
        near: the column that was probably meant; empty when none is near.
        report: where problems go.
        mend: what a machine can do about it.
    """
    fix = f"Did you mean {quote(near)}?" if near else "Name a column of this table."
    report.error(Code.UNKNOWN_COLUMN, path, f"The table has no column {quote(name)} for this.", fix, mend)


class _Sizes(dict[str, int | None]):
    """How many bytes a column's values take in an index, found out when asked; None where they cannot be indexed.

    Args:
        columns: all columns that an index may name, None for those of which nothing more is known.
    """

    def __init__(self, columns: Mapping[str, ColumnOutline | None]) -> None:
        super().__init__()
        self.columns = columns

    def __missing__(self, name: str) -> int | None:
        outline = self.columns[name]
        unknown = _SYSTEM_BYTES if name in SYSTEM_COLUMNS else _UNKNOWN_BYTES
        self[name] = unknown if outline is None else self._size(outline.column)
        return self[name]

    @staticmethod
    def _size(column: Column) -> int | None:
        kind = column_types.get(column.type)
        if any(fault.severity == "error" for fault in kind.faults(column)):
            return _UNKNOWN_BYTES
        size = kind.index_bytes(column)
        return None if size is None else -(-size // _ALIGNMENT) * _ALIGNMENT


def _check_set(names: Json, path: str, sizes: _Sizes, report: Report) -> None:
    if not isinstance(names, list) or not 0 < len(names) <= MAX_INDEX_COLUMNS:
        detail = f"A list of 1 to {MAX_INDEX_COLUMNS} column names is expected here."
        report.error(Code.INVALID_INDEX, path, detail, 'Write the columns, such as ["status", "created_at"].')
        return
    known: dict[str, None] = {}
    for i, name in enumerate(names):
        place = f"{path}[{i}]"
        if not isinstance(name, str) or name not in sizes.columns:
            near = report.nearest(name, sizes.columns) if isinstance(name, str) else ""
            report_unknown_column(name, place, near, report)
        elif name in known:
            detail = f"{quote(name)} is named twice."
            report.error(Code.INVALID_INDEX, place, detail, "Remove one.", (Remove(place),))
        elif sizes[name] is None:
            _report_unfit(name, place, report)
        else:
            known[name] = None
    _check_size(list(known), path, sizes, report)


def _check_size(names: list[str], path: str, sizes: _Sizes, report: Report) -> None:
    """The longest values of the columns fit into one entry of an index."""
    if any(sizes[name] is None for name in names):
        _report_unfit(names[0], path, report)
        return
    size = _HEADER_BYTES + sum(sizes[name] or 0 for name in names)
    if size <= MAX_ENTRY_BYTES:
        return
    if len(names) == 1:
        _report_unfit(names[0], path, report)
    else:
        detail = f"Values of these columns may take {size:,} bytes together; an index takes {MAX_ENTRY_BYTES:,}."
        fix = "Give the columns a smaller max_length, or leave one of them out."
        report.error(Code.INVALID_INDEX, path, detail, fix)


def _report_unfit(name: str, path: str, report: Report) -> None:
    detail = f"Values of {quote(name)} may be too long for an index, which a unique column needs too."
    fix = "Give the column a smaller max_length, or leave it out."
    report.error(Code.INVALID_INDEX, path, detail, fix)
