"""Tables as a whole: their number and size, their hints, and what could be better about them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from schemas import limits
from schemas.document import SYSTEM_COLUMNS, TIMESTAMPS, Json
from schemas.names import is_certain, is_name, proposed_name
from schemas.problems import Code, Edit, Put, Remove
from schemas.validation.indexes import check_sets, report_unknown_column
from schemas.validation.outline import TableOutline
from schemas.validation.report import Report, quote

ACCESS: Final = ("private", "project")
"""Who sees a row: its owner, or every member of the project."""

ICON: Final = re.compile(r"[a-z0-9_]{1,50}\Z")


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
        check_sets(table, report)


def advise(tables: Sequence[TableOutline], report: Report) -> None:
    """Warns of what works but could be better."""
    linked = {outline.column.config.get("to_table") for table in tables for outline in table.columns}
    for table in tables:
        plain = [outline.column for outline in table.columns if outline.column.can_be_title]
        if plain and not table.data.get("ui_hints", {}).get("title_column"):
            detail = f"{table.name} does not say which column names a record to people."
            usual = next((column for column in plain if column.required), plain[0]).name
            fix = f'Add "title_column": {quote(usual)} to its ui_hints.'
            mend = (Put(f"{table.path}.ui_hints.title_column", usual),) if is_name(usual) else ()
            report.warning(Code.NO_TITLE_COLUMN, f"{table.path}.ui_hints", detail, fix, mend)
        links = any(outline.column.is_relation for outline in table.columns)
        if len(tables) > 1 and table.name not in linked and not links:
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
        plain = access.strip().lower()
        mend = (Put(f"{table.path}.access", plain),) if plain in ACCESS else ()
        report.error(Code.INVALID_ACCESS, f"{table.path}.access", detail, fix, mend)


def _check_hints(table: TableOutline, report: Report) -> None:
    hints, path = table.data.get("ui_hints", {}), f"{table.path}.ui_hints"
    icon = hints.get("icon", "")
    if icon and not ICON.match(icon):
        detail = f"{quote(icon)} is not the name of an icon."
        fix = 'Write the name of a Material Symbol, such as "home" or "event_available".'
        plain = "_".join(icon.lower().replace("-", " ").split())
        mend = (Put(f"{path}.icon", plain),) if ICON.match(plain) else ()
        report.error(Code.INVALID_ICON, f"{path}.icon", detail, fix, mend)
    columns = {outline.column.name: outline.column for outline in table.columns}
    own = dict.fromkeys([*columns, *table.unread])
    listable = own | dict.fromkeys(column.name for column in TIMESTAMPS)
    for i, name in enumerate(hints.get("list_columns", [])):
        _check_hint(name, f"{path}.list_columns[{i}]", listable, report)
    if sort := hints.get("default_sort", ""):
        _check_hint(sort, f"{path}.default_sort", own | dict.fromkeys(SYSTEM_COLUMNS), report)
    title = hints.get("title_column", "")
    if title in columns and not columns[title].can_be_title:
        other = "another record" if columns[title].is_relation else "a member"
        detail = f"A record cannot be named by {quote(title)}, which points to {other}."
        fix = "Name a column of this table that is no relation and no user."
        report.error(Code.INVALID_TITLE_COLUMN, f"{path}.title_column", detail, fix)
    elif title:
        _check_hint(title, f"{path}.title_column", own, report)


def _check_hint(name: Json, path: str, known: Collection[str], report: Report) -> None:
    """A hint names a known column. What it can only mean is written so; what it cannot mean goes."""
    text = name if isinstance(name, str) else ""
    sign = "-" if path.endswith(".default_sort") and text.startswith("-") else ""
    text = text.removeprefix(sign)
    if text in known:
        return
    near, proposed = report.nearest(text, known) if text else "", proposed_name(text)
    mend: tuple[Edit, ...] = ()
    if proposed in known and is_certain(text, proposed):
        near, mend = proposed, (Put(path, f"{sign}{proposed}"),)
    elif not near:
        mend = (Remove(path),)
    report_unknown_column(name, path, near, report, mend)
