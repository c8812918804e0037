"""Names and ids: their form, their length, and that no two of them mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from schemas.document import SYSTEM_COLUMNS, Json
from schemas.names import (
    MAX_ID_BYTES,
    MAX_NAME_BYTES,
    NAME,
    model_name,
    relation_field_name,
    reserved_as_column,
    reserved_as_field,
    reserved_as_table,
    slug,
)
from schemas.problems import Code
from schemas.validation.outline import MAX_LABEL, ColumnOutline, TableOutline
from schemas.validation.report import Report, quote


def check_names(document: Mapping[str, Json], tables: Sequence[TableOutline], report: Report) -> None:
    """Reports every name or id that is malformed, reserved or taken."""
    title = document.get("name")
    if isinstance(title, str) and len(title) > MAX_LABEL:
        report.error(Code.TOO_LONG, "$.name", f"The name is longer than {MAX_LABEL} characters.", "Shorten it.")
    names: dict[str, str] = {}
    models: dict[str, str] = {}
    ids: dict[str, str] = {}
    for table in tables:
        _check_id(table.data.get("id", ""), table.path, ids, report)
        _check_renamed_from(table.data.get("renamed_from", ""), table.path, "table", report)
        if not table.name or not _check_form(table.name, f"{table.path}.name", "table", report):
            _check_columns(table.columns, report)
            continue
        _check_table(table, names, models, report)
        _check_columns(table.columns, report)


def _check_table(table: TableOutline, names: dict[str, str], models: dict[str, str], report: Report) -> None:
    path = f"{table.path}.name"
    reason = reserved_as_table(table.name)
    if reason:
        detail = f"No table can be named {quote(table.name)}: {reason}."
        report.error(Code.RESERVED_NAME, path, detail, f'Choose another name, such as "app_{table.name}".')
    model = model_name(table.name).lower()
    if table.name in names:
        detail = f"{names[table.name]} has the name {quote(table.name)} too."
        report.error(Code.DUPLICATE_NAME, path, detail, "Rename one of the tables, or remove it.")
    elif model in models:
        detail = f"{quote(table.name)} differs from {models[model]} only by underscores."
        report.error(Code.NAME_CLASH, path, detail, "Rename one of the tables.")
    names.setdefault(table.name, table.path)
    models.setdefault(model, f"{quote(table.name)} of {table.path}")


def _check_columns(columns: Sequence[ColumnOutline], report: Report) -> None:
    names: dict[str, str] = {}
    ids: dict[str, str] = {}
    for outline in columns:
        name, path = outline.column.name, f"{outline.path}.{outline.name_key}"
        _check_id(outline.id, outline.path, ids, report)
        _check_renamed_from(outline.renamed_from, outline.path, "column", report)
        if not _check_form(name, path, "column", report):
            continue
        if name in names:
            detail = f"{names[name]} has the name {quote(name)} too."
            report.error(Code.DUPLICATE_NAME, path, detail, "Rename one of the columns, or remove it.")
        elif name in SYSTEM_COLUMNS:
            detail = f"Every table has a column {name} of its own, with another meaning."
            fix = f'Remove this one, or give it another name, such as "external_{name}".'
            report.error(Code.SYSTEM_COLUMN, path, detail, fix)
        else:
            for reason in _reasons(outline):
                detail = f"No column can be named {quote(name)}: {reason}."
                report.error(Code.RESERVED_NAME, path, detail, f'Choose another name, such as "its_{name}".')
        names.setdefault(name, outline.path)
    _check_attributes(columns, {**names, **dict.fromkeys(SYSTEM_COLUMNS, "every table")}, report)


def _reasons(outline: ColumnOutline) -> Iterator[str]:
    """Why the column cannot have its name."""
    name = outline.column.name
    reason = reserved_as_column(name)
    if not reason and outline.column.is_relation:
        reason = reserved_as_field(relation_field_name(name))
    if reason:
        yield reason


def _check_attributes(columns: Sequence[ColumnOutline], names: Mapping[str, str], report: Report) -> None:
    """A record has `agent_id`, and the agent as `agent`: no other column may be called that."""
    for outline in columns:
        name = outline.column.name
        attribute = relation_field_name(name) if outline.column.is_relation else name
        if attribute != name and attribute in names:
            detail = f"A record offers what {name} points to as {attribute}, which is the name of a column too."
            fix = f'Rename the column {attribute}, for example to "{attribute}_name", or this relation.'
            report.error(Code.NAME_CLASH, f"{outline.path}.{outline.name_key}", detail, fix)


def _check_form(name: str, path: str, noun: str, report: Report) -> bool:
    """Whether the name is one; reports it where it is not."""
    if not NAME.match(name):
        detail = f"{quote(name)} is not a {noun} name: use lower-case letters, digits and single underscores."
        report.error(Code.INVALID_NAME, path, detail, f"Write {quote(slug(name))}.")
        return False
    if len(name) > MAX_NAME_BYTES:
        detail = f"The name has {len(name)} bytes; PostgreSQL takes {MAX_NAME_BYTES}."
        report.error(Code.TOO_LONG, path, detail, "Shorten it.")
        return False
    return True


def _check_id(given: str, path: str, seen: dict[str, str], report: Report) -> None:
    if not given:
        return
    if not NAME.match(given) or len(given) > MAX_ID_BYTES:
        detail = (
            f"{quote(given)} is not an id: it takes up to {MAX_ID_BYTES} lower-case letters, digits and underscores."
        )
        report.error(Code.INVALID_ID, f"{path}.id", detail, "Shorten it, or leave it out to be given one.")
    elif given in seen:
        detail = f"{seen[given]} has the id {quote(given)} too."
        report.error(Code.DUPLICATE_ID, f"{path}.id", detail, "Leave one of them out to be given another.")
    seen.setdefault(given, path)


def _check_renamed_from(name: str, path: str, noun: str, report: Report) -> None:
    """Normalisation takes `renamed_from` away where it could follow it."""
    if name:
        detail = f"The version before has no {noun} {quote(name)}, so this {noun} counts as new."
        fix = "Name what it was called before, or remove renamed_from."
        report.warning(Code.UNKNOWN_RENAMED_FROM, f"{path}.renamed_from", detail, fix)
