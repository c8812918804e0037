"""What the column types say about their columns, and where relations lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from schemas.column_types import column_types
from schemas.problems import Code, Problem
from schemas.validation.faults import mend_of_fault
from schemas.validation.outline import ColumnOutline, TableOutline, unknown_table
from schemas.validation.report import Report

MAX_CYCLES: Final = 20
"""As many are reported; who mends these mends most of the others."""


def check_columns(tables: Sequence[TableOutline], report: Report) -> None:
    """Reports faulty settings, options and defaults, and relations to tables that do not exist."""
    names = dict.fromkeys(table.name for table in tables if table.name)
    for table in tables:
        for outline in table.columns:
            for fault in column_types.get(outline.column.type).faults(outline.column):
                path = f"{outline.path}.{_key(outline, fault.key)}"
                mend = mend_of_fault(outline, fault)
                report.add(Problem(fault.severity, fault.code, path, fault.detail, fault.fix, mend))
            target = outline.column.config.get("to_table")
            if isinstance(target, str) and target not in names:
                report.error(Code.UNKNOWN_TABLE, f"{outline.path}.to_table", *unknown_table(target, names, report))


def _key(outline: ColumnOutline, key: str) -> str:
    """In `relationships` the kind of a relation is called `type`."""
    return "type" if key == "relation" and outline.name_key == "from_column" else key


def check_required_cycles(tables: Sequence[TableOutline], report: Report) -> None:
    """Reports required relations that lead back to their own table: nobody could add the first record."""
    needs: dict[str, dict[str, ColumnOutline]] = {table.name: {} for table in tables}
    for table in tables:
        for outline in table.columns:
            target = outline.column.config.get("to_table")
            if outline.column.required and target in needs:
                needs[table.name].setdefault(target, outline)
    for _ in range(MAX_CYCLES):
        cycle = _find_cycle(needs)
        if cycle is None:
            return
        outline = needs[cycle[-1]].pop(cycle[0])
        steps = " -> ".join([*cycle, cycle[0]])
        detail = f"No first record could be added: each of these tables requires the next, {steps}."
        fix = "Make one of these relations optional."
        report.error(Code.REQUIRED_CYCLE, f"{outline.path}.required", detail, fix)


def _find_cycle(needs: Mapping[str, Mapping[str, ColumnOutline]]) -> list[str] | None:
    """Tables of which each needs the next and the last the first; None when there are none.

    Tables that need nothing are taken away until only those remain that lie on a cycle or need one that does; from
    any of these, following what it needs leads into a cycle.
    """
    remaining = {name: set(targets) for name, targets in needs.items()}
    while free := [name for name, targets in remaining.items() if not targets & remaining.keys()]:
        for name in free:
            del remaining[name]
    if not remaining:
        return None
    path = [next(iter(remaining))]
    while True:
        following = min(remaining[path[-1]] & remaining.keys())
        if following in path:
            return path[path.index(following) :]
        path.append(following)
