"""Names and ids: their form, their length, and that no two of them mean the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from schemas.characters import difference, invisible, lookalikes, named, skeleton, without_invisible
from schemas.document import SYSTEM_COLUMNS, stable_id
from schemas.names import (
    MAX_ID_BYTES,
    MAX_NAME_BYTES,
    NAME,
    is_certain,
    is_name,
    model_name,
    proposed_name,
    relation_column_name,
    relation_field_name,
    reserved_as_column,
    reserved_as_field,
    reserved_as_table,
    reserved_beside,
)
from schemas.problems import Code, Edit, Put, Remove, Rename
from schemas.validation.derived import check_junction_names, junction_names
from schemas.validation.outline import ColumnOutline, TableOutline
from schemas.validation.report import Report, quote


def check_names(tables: Sequence[TableOutline], report: Report) -> None:
    """Reports every name or id that is malformed, reserved or taken."""
    ids = _Ids("t", report)
    names = _Names("table", report)
    table_ids = [table.data.get("id", "") for table in tables]
    junctions = junction_names(tables)
    for table in tables:
        ids.check(table.data.get("id", ""), table.name, table.path)
        _check_renamed_from(table.data.get("renamed_from", ""), table.path, "table", report)
        if table.name:
            names.add(_table_name(table), reserved_as_table(table.name, table_ids))
        _check_columns(table, report)
    names.check(taken=junctions.values())
    check_junction_names(tables, junctions, report)


def _table_name(table: TableOutline) -> _Name:
    label_path = None if table.data.get("ui_hints", {}).get("label_plural") else f"{table.path}.ui_hints.label_plural"
    return _Name(table.name, f"{table.path}.name", table.path, label_path=label_path)


def _check_columns(table: TableOutline, report: Report) -> None:
    ids = _Ids("c", report)
    names = _Names("column", report)
    own = {outline.column.name for outline in table.columns}
    for outline in table.columns:
        ids.check(outline.id, outline.column.name, outline.path)
        _check_renamed_from(outline.renamed_from, outline.path, "column", report)
        name = _column_name(outline)
        reason = reserved_as_column(name.text) or reserved_beside(name.text, own)
        if not reason and name.is_reference:
            reason = reserved_as_field(relation_field_name(name.text))
        names.add(name, reason)
    names.check(taken=[*table.unread, *SYSTEM_COLUMNS])


def _column_name(outline: ColumnOutline) -> _Name:
    column = outline.column
    label_path = None if column.label else f"{outline.path}.label"
    path = f"{outline.path}.{outline.name_key}"
    return _Name(column.name, path, outline.path, column.is_reference, label_path)


@dataclass(frozen=True, slots=True)
class _Name:
    """The name of a table or column.

    Args:
        text: the name.
        path: where it stands.
        owner: where the table or column stands.
        is_reference: whether it is the column of a relation, which records offer under a second name.
        label_path: where its label would stand; None where it has one.
    """

    text: str
    path: str
    owner: str
    is_reference: bool = False
    label_path: str | None = None

    @property
    def form(self) -> str:
        """What the name is, or was meant to be: two names of one form cannot stand side by side."""
        if NAME.match(self.text):
            return self.text
        proposed = proposed_name(self.text)
        return proposed if is_certain(self.text, proposed) else skeleton(self.text)

    def uses(self, name: str) -> set[str]:
        """The names that records would know it by if it had this name."""
        if not self.is_reference:
            return {name}
        column = relation_column_name(name)
        return {name, column, relation_field_name(column)}


class _Names:
    """The names of all tables, or of all columns of a table."""

    def __init__(self, noun: str, report: Report) -> None:
        self.noun = noun
        self.report = report
        self.names: list[tuple[_Name, str]] = []
        self.forms: dict[str, _Name] = {}
        self.used: dict[str, int] = {}

    def add(self, name: _Name, reserved: str) -> None:
        """Notes a name.

        Args:
            name: the name.
            reserved: why nobody may use it, as the end of a sentence; empty where one may.
        """
        self.names.append((name, reserved))
        for used in name.uses(name.form):
            self.used[self._key(used)] = self.used.get(self._key(used), 0) + 1

    def check(self, taken: Collection[str]) -> None:
        """Reports what is wrong with the names.

        Args:
            taken: further names that none of them may have.
        """
        for name, reserved in self.names:
            clashes = self._check_pair(name)
            if not NAME.match(name.text):
                self._report_form(name, clashes, taken)
            elif len(name.text) > MAX_NAME_BYTES:
                detail = f"The name has {len(name.text)} bytes; PostgreSQL takes {MAX_NAME_BYTES}."
                self.report.error(Code.TOO_LONG, name.path, detail, "Shorten it.")
            elif not clashes:
                self._check_meaning(name, reserved)
        if self.noun == "column":
            self._check_attributes()

    def _key(self, name: str) -> str:
        """Tables become classes, in whose names underscores do not count."""
        return model_name(name).lower() if self.noun == "table" else name

    def _check_pair(self, name: _Name) -> bool:
        """Whether an earlier name is the same or looks the same; reports it."""
        first = self.forms.setdefault(name.form, name)
        if first is name:
            return False
        if first.text == name.text:
            detail = f"{first.owner} has the name {quote(name.text)} too."
            fix = f"Rename one of the {self.noun}s, or remove it."
            self.report.error(Code.DUPLICATE_NAME, name.path, detail, fix)
        else:
            detail = f"{quote(name.text)} and {quote(first.text)} of {first.owner} {_difference(name, first)}."
            fix = f"Remove one of the {self.noun}s, or give it a name of its own."
            self.report.error(Code.NAME_CLASH, name.path, detail, fix)
        return True

    def _report_form(self, name: _Name, clashes: bool, taken: Collection[str]) -> None:
        detail = f"{quote(name.text)} is not a {self.noun} name: {_form_fault(name.text)}."
        proposed = proposed_name(name.text)
        if not is_certain(name.text, proposed):
            fix = "Write it in the letters a to z; what people read is its label."
            fix = _write(proposed) if name.text.isascii() else fix
            self.report.error(Code.INVALID_NAME, name.path, detail, fix)
        elif clashes or not self._is_free(name, proposed, taken):
            fix = f"Give it a name of its own, such as {quote(_other(proposed, self.noun))}."
            self.report.error(Code.INVALID_NAME, name.path, detail, fix)
        else:
            self.report.error(Code.INVALID_NAME, name.path, detail, _write(proposed), _renaming(name, proposed))

    def _is_free(self, name: _Name, proposed: str, taken: Collection[str]) -> bool:
        """Whether the name can become the proposed one without meeting another."""
        uses = name.uses(proposed)
        if not is_name(proposed) or uses & set(taken) or self._reserved(name, proposed):
            return False
        if any(self.used[self._key(used)] > 1 for used in uses):
            return False
        return self.noun != "table" or not {self._key(used) for used in uses} & {self._key(other) for other in taken}

    def _reserved(self, name: _Name, proposed: str) -> str:
        if self.noun == "table":
            return reserved_as_table(proposed)
        reason = reserved_as_column(proposed) or reserved_beside(proposed, self.forms)
        return reason or (reserved_as_field(relation_field_name(proposed)) if name.is_reference else "")

    def _check_meaning(self, name: _Name, reserved: str) -> None:
        """A well-formed name that nobody else has may still mean something already."""
        if self.noun == "column" and name.text in SYSTEM_COLUMNS:
            detail = f"Every table has a column {name.text} of its own, with another meaning."
            fix = f'Remove this one, or give it another name, such as "external_{name.text}".'
            self.report.error(Code.SYSTEM_COLUMN, name.path, detail, fix)
        elif reserved:
            detail = f"No {self.noun} can be named {quote(name.text)}: {reserved}."
            fix = f"Choose another name, such as {quote(_other(name.text, self.noun))}."
            self.report.error(Code.RESERVED_NAME, name.path, detail, fix)
        if self.noun == "table":
            self._check_model(name)

    def _check_model(self, name: _Name) -> None:
        for other, _ in self.names:
            if other is name:
                return
            if self._key(other.form) == self._key(name.text):
                detail = f"{quote(name.text)} differs from {quote(other.text)} of {other.owner} only by underscores."
                self.report.error(Code.NAME_CLASH, name.path, detail, "Rename one of the tables.")
                return

    def _check_attributes(self) -> None:
        """A record has `agent_id`, and the agent as `agent`: no other column may be called that."""
        names = {name.text: name for name, _ in self.names}
        for name, _ in self.names:
            attribute = relation_field_name(name.text)
            if name.is_reference and attribute != name.text and (attribute in names or attribute in SYSTEM_COLUMNS):
                detail = f"A record offers what {name.text} points to as {attribute}, and a column has that name too."
                fix = f'Rename the column {attribute}, for example to "{attribute}_name", or this relation.'
                self.report.error(Code.NAME_CLASH, name.path, detail, fix)


class _Ids:
    """The ids of all tables, or of all columns of a table."""

    def __init__(self, prefix: str, report: Report) -> None:
        self.prefix = prefix
        self.report = report
        self.seen: dict[str, tuple[str, str]] = {}

    def check(self, given: str, name: str, path: str) -> None:
        """Reports an id that is malformed, or taken."""
        if not given:
            return
        if not NAME.match(given) or len(given) > MAX_ID_BYTES:
            detail = f"{quote(given)} is not an id: up to {MAX_ID_BYTES} lower-case letters, digits and underscores."
            fix = "Shorten it, or leave it out to be given one."
            self.report.error(Code.INVALID_ID, f"{path}.id", detail, fix, (Remove(f"{path}.id"),))
        elif given in self.seen:
            first_name, first_path = self.seen[given]
            detail = f"{first_path} has the id {quote(given)} too."
            # Ids that nobody wrote are made of names: such an id belongs to the one of that name.
            moved = stable_id(self.prefix, name) == given != stable_id(self.prefix, first_name)
            mend = (Remove(f"{first_path if moved else path}.id"),)
            fix = "Leave one of them out to be given another."
            self.report.error(Code.DUPLICATE_ID, f"{path}.id", detail, fix, mend)
        self.seen.setdefault(given, (name, path))


def _check_renamed_from(name: str, path: str, noun: str, report: Report) -> None:
    """Normalisation takes `renamed_from` away where it could follow it."""
    if name:
        detail = f"The version before has no {noun} {quote(name)}, so this {noun} counts as new."
        fix = "Name what it was called before, or remove renamed_from."
        report.warning(Code.UNKNOWN_RENAMED_FROM, f"{path}.renamed_from", detail, fix)


def _form_fault(name: str) -> str:
    """Why a name is none, as the end of a sentence."""
    proposed = proposed_name(name)
    hidden = invisible(name)
    if hidden:
        return f"it contains {named(hidden)}, which nobody sees"
    foreign = "".join(dict.fromkeys(one for one in name if not one.isascii()))
    if foreign and foreign == lookalikes(name) and is_certain(name, proposed):
        return f"it looks like {proposed} but contains {named(foreign)}"
    if foreign:
        return f"it contains {named(foreign)}, and names consist of the letters a to z, digits and single underscores"
    return "use lower-case letters, digits and single underscores"


def _difference(one: _Name, other: _Name) -> str:
    if skeleton(one.text) == skeleton(other.text):
        return difference(one.text, other.text)
    return f"are both {quote(one.form)} in the form that names have"


def _write(proposed: str) -> str:
    return f"Write {quote(proposed)}."


def _other(name: str, noun: str) -> str:
    return f"app_{name}" if noun == "table" else f"its_{name}"


def _renaming(name: _Name, proposed: str) -> tuple[Edit, ...]:
    """The rename. What the name lost by it becomes the label, where there is none."""
    rename = Rename(name.path, proposed)
    plain = all(one.isascii() and (one.isalnum() or one in " _-") for one in without_invisible(name.text))
    if plain or lookalikes(name.text) or name.label_path is None:
        return (rename,)
    return (rename, Put(name.label_path, without_invisible(name.text)))
