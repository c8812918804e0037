"""Checking a file against a table: what each line would become, and everything that is wrong with any of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from core.errors import BadRequest
from core.tenancy import Door
from dynamic_crud.attaching import Claim, file_fields
from dynamic_crud.csv_import import targets
from dynamic_crud.csv_import.cells import NOTHING, empty_value, reader, text_of
from dynamic_crud.csv_import.faults import Fault, Wrong, path_of, places_of
from dynamic_crud.csv_import.matching import Matching, matched
from dynamic_crud.csv_import.reading import Line, Sheet
from dynamic_crud.csv_import.uniqueness import Repetition, repetitions
from dynamic_crud.links import MAX_LINKS
from dynamic_crud.records import Records
from dynamic_crud.resources import ResourceField

Tell = Callable[[int, str], None]

WHOLE_LINE: Final = -1
"""Stands for the place of a column where a line as a whole is wrong."""


@dataclass
class Checked:
    """A file that was checked.

    Args:
        sheet: the file.
        columns: the table's columns by their places in it.
        values: what each line would become, by its number: values by column name, as `Records.create` takes them.
        faults: what is wrong, by the number of the line.
    """

    sheet: Sheet
    columns: Mapping[int, ResourceField]
    values: dict[int, dict[str, Any]] = field(default_factory=dict)
    faults: defaultdict[int, list[Fault]] = field(default_factory=lambda: defaultdict(list))

    @property
    def ready(self) -> list[Line]:
        """The lines with which nothing is wrong."""
        return [line for line in self.sheet.lines if line.number not in self.faults]

    @property
    def refused(self) -> list[Line]:
        """The lines with which something is wrong."""
        return [line for line in self.sheet.lines if line.number in self.faults]

    @cached_property
    def _by_number(self) -> dict[int, Line]:
        return {line.number: line for line in self.sheet.lines}

    def blame(self, line: Line, place: int, detail: str, fix: str) -> None:
        """Notes what is wrong with a line, at a place or as a whole."""
        has_cell = 0 <= place < min(len(line.cells), len(self.sheet.header))
        column = self.sheet.header[place] if has_cell else ""
        value = targets.cut(text_of(line.cells[place])) if has_cell else ""
        self.faults[line.number].append(Fault(line.number, column, value, detail, fix))

    def blame_column(self, number: int, column: str, detail: str, fix: str) -> None:
        """Notes what is wrong with a line at a column of the table."""
        line = self._by_number[number]
        place = next((place for place, item in self.columns.items() if item.column.name == column), WHOLE_LINE)
        self.blame(line, place, detail, fix)


def check(records: Records, sheet: Sheet, matching: Matching, tell: Tell = lambda percent, label: None) -> Checked:
    """Checks every line of a file.

    Args:
        records: the table, as its user reaches it.
        sheet: the file.
        matching: which columns its columns are.
        tell: is told how much is done, in percent, and what is being done.

    Raises:
        Conflict: when a column is gone.
    """
    columns = matched(records.resource, matching)
    checked = Checked(sheet, columns)
    lines = [line for line in sheet.lines if _has_all_cells(checked, line)]
    checked.values = {line.number: {} for line in lines}
    members = records.members
    pointing = {place: item for place, item in columns.items() if item in records.resource.expandable}
    for number, (place, item) in enumerate((place, item) for place, item in columns.items() if place not in pointing):
        tell(10 + 50 * number // len(columns), "Read the values")
        _read_column(checked, lines, place, item, reader(records.resource, item))
    tell(60, "Look up what they point to")
    with records.reading() as door:
        for place, item in pointing.items():
            _read_column(checked, lines, place, item, _pointer(records, door, item, _texts(lines, place), members))
        tell(80, "Look for values that must be there once")
        for repetition in repetitions(records.resource, door, checked.values):
            _blame_repetition(checked, repetition)
    _check_files(records, checked)
    return checked


def _has_all_cells(checked: Checked, line: Line) -> bool:
    expected, found = len(checked.sheet.header), len(line.cells)
    if found == expected or (found > expected and not any(line.cells[expected:])):
        return True
    given = f"{found:,}" if found <= settings.IMPORT_MAX_COLUMNS else f"more than {settings.IMPORT_MAX_COLUMNS:,}"
    detail = f"The line has {given} cells, and the first line names {expected:,} columns."
    checked.blame(line, WHOLE_LINE, detail, "Look for a delimiter or quotation mark that is missing or too many.")
    return False


def _read_column(
    checked: Checked, lines: Iterable[Line], place: int, item: ResourceField, read: Callable[[str], Any]
) -> None:
    """Reads a column of all lines."""
    for line in lines:
        try:
            value = read(text_of(line.cells[place]))
        except Wrong as wrong:
            checked.blame(line, place, wrong.detail, wrong.fix)
        else:
            if value is not NOTHING:
                checked.values[line.number][item.column.name] = value


def _texts(lines: Iterable[Line], place: int) -> Iterator[str]:
    return (text for line in lines if (text := text_of(line.cells[place])))


def _pointer(
    records: Records, door: Door, item: ResourceField, texts: Iterable[str], members: Mapping[UUID, Any]
) -> Callable[[str], Any]:
    """What reads the cells of a column that points to something: all of it is looked up at once."""
    named = {part for text in set(texts) for part in (text.strip(), *targets.parts_of(item, text))}
    if not item.column.is_relation:
        people = targets.find_members(members, named)
        return lambda text: targets.the_member(text.strip(), people) if text else empty_value(item)
    target = records.resource.target(item)
    found = targets.find_records(target, door, named)

    def read_one(text: str) -> Any:
        return targets.the_record(target, text.strip(), found) if text else empty_value(item)

    def read_many(text: str) -> Any:
        whole = text.strip()
        if not whole:
            return []
        parts = [whole] if found[whole] else targets.parts_of(item, whole)
        if len(parts) > MAX_LINKS:
            raise Wrong(f"{len(parts):,} records are named; {MAX_LINKS} is the most.", "Name fewer of them.")
        return list(dict.fromkeys(targets.the_record(target, part, found) for part in parts))

    return read_one if item.column.is_stored else read_many


def _blame_repetition(checked: Checked, repetition: Repetition) -> None:
    resource_label, titles = repetition.label, " and ".join(repetition.titles)
    if repetition.earlier is None:
        detail = f"Another {resource_label} has this {titles} already."
        fix = "Change it, or leave the line out: an import adds records and changes none."
    else:
        detail = f"Line {repetition.earlier} has the same {titles}."
        fix = "Change one of the two, or leave one out."
    checked.blame_column(repetition.line, repetition.columns[0], detail, fix)


def _check_files(records: Records, checked: Checked) -> None:
    """Refuses files that the user may not put into these columns, as adding the records would."""
    if not any(item in file_fields(records.resource) for item in checked.columns.values()):
        return
    numbers: Sequence[int] = list(checked.values)
    rows = [checked.values[number] for number in numbers]
    try:
        Claim.make(records.user, records.project, records.resource, rows).resolve(rows, [*map(path_of, numbers)])
    except BadRequest as refused:
        for number, column, entry in places_of(refused):
            checked.blame_column(number, column, entry["detail"], entry["fix"])
