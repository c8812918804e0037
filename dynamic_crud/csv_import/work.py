"""The work of an import: checking its file, adding its records in one transaction, and taking them back.

The id of each record follows from the import and the row, so that an import that is done again, by a worker that took
over or by a second click, finds its records and adds none.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from django.http import QueryDict

from core.errors import Conflict, Problem
from dynamic_crud.bulk_work import BulkWork
from dynamic_crud.chosen import Chosen
from dynamic_crud.csv_export import guarded, unguarded
from dynamic_crud.csv_import import drafts
from dynamic_crud.csv_import.checking import Checked, Tell, check
from dynamic_crud.csv_import.faults import path_of, places_of
from dynamic_crud.csv_import.matching import WRONG, complaints
from dynamic_crud.csv_import.reading import Line, read_sheet
from dynamic_crud.csv_import.targets import cut
from dynamic_crud.models import CsvImport
from dynamic_crud.querysets import all_rows
from dynamic_crud.records import Records

Action = Literal["check", "all", "good", "undo"]
"""Checking; importing all rows or none; importing those that are ready; moving what was imported to the trash."""

JOB_KIND: Final = "csv_import"

_MOST_TOLD: Final = 50
_ROWS_SHOWN: Final = 5
_COUNTED_BITS: Final = 32
"""The end of an id, which counts rows. What stays of the import's own id is 90 bits by chance: enough for one only."""

_ATTEMPTS: Final = 4
"""How often an import goes on without rows that PostgreSQL has refused: each time it says all that it then knows."""


@dataclass(frozen=True, slots=True)
class ImportWork:
    """An import and the table that it goes into."""

    records: Records
    draft: CsvImport

    def run(self, action: Action, tell: Tell = lambda percent, label: None) -> dict[str, Any]:
        """Does it. Again, it is done already.

        Args:
            action: what is to be done.
            tell: is told how much is done, in percent, and what is being done.

        Returns:
            What came of it: the report of a check, else the result of the import.

        Raises:
            Conflict: when rows of an import of all of them cannot be added. The report says which.
        """
        if action == "undo":
            return self._undo(tell)
        if self.draft.result is not None:
            return dict(self.draft.result)
        if action == "check":
            return self._report(self._checked(tell))
        return self._import(action, tell)

    def ids(self) -> list[UUID]:
        """The ids that its records have or would have: the import's own, counted up, so that they sort as the rows."""
        first = self.draft.pk.int >> _COUNTED_BITS << _COUNTED_BITS
        return [UUID(int=first + place) for place in range(self.draft.row_count)]

    def _checked(self, tell: Tell) -> Checked:
        tell(5, "Read the file")
        sheet = read_sheet(drafts.content_of(self.draft), self.draft.delimiter)
        faults = list(complaints(self.records.resource, self.draft.matching, sheet.header))
        if faults:
            raise Conflict(f"Match the columns again. {faults[0]}", code="columns_changed")
        return check(self.records, sheet, self.draft.matching, tell)

    def _report(self, checked: Checked) -> dict[str, Any]:
        """Stores and returns what a check found."""
        faults = [fault for line in checked.refused for fault in checked.faults[line.number]]
        columns = {place: item.column.title for place, item in checked.columns.items()}
        report = {
            "ready": len(checked.ready),
            "refused": len(checked.refused),
            "fault_count": len(faults),
            "faults": [fault.to_json() for fault in faults[:_MOST_TOLD]],
            "titles": list(columns.values()),
            "rows": [[cut(unguarded(line.cells[place])) for place in columns] for line in checked.ready[:_ROWS_SHOWN]],
        }
        if faults:
            drafts.keep_refused(self.draft, _file_of_refused(checked))
        drafts.keep(self.draft, report=report)
        return report

    def _import(self, action: Action, tell: Tell) -> dict[str, Any]:
        if done := self._count():
            return self._finish(done)
        checked = self._checked(tell)
        if done := self._count():  # by another run of this import, whose records were in the way of the check
            return self._finish(done)
        for _ in range(_ATTEMPTS):
            ready = checked.ready
            if not ready or (action == "all" and checked.refused):
                break
            tell(85, "Add the records")
            refusal = self._create(checked, ready)
            if refusal is None:
                if checked.refused:
                    self._report(checked)
                return self._finish(len(ready))
            if not _blame(checked, refusal):
                raise refusal
        report = self._report(checked)
        word = "row has problems" if report["refused"] == 1 else "rows have problems"
        detail = f"{report['refused']:,} {word}, so nothing was imported. Go back to see them."
        raise Conflict(detail, code="import_refused")

    def _create(self, checked: Checked, ready: list[Line]) -> Problem | None:
        """Adds the records, all or none; why not, if there is a reason in the rows."""
        known = {line.number: pk for line, pk in zip(checked.sheet.lines, self.ids(), strict=True)}
        numbers = [line.number for line in ready]
        rows = [{"id": known[number], **checked.values[number]} for number in numbers]
        try:
            self.records.create(rows, paths=[*map(path_of, numbers)])
        except Problem as problem:
            return None if self._count() else problem  # another run of this import may have been faster
        return None

    def _count(self) -> int:
        """How many records of this import are there."""
        ids = self.ids()
        with self.records.reading() as door:
            return all_rows(self.records.resource, door.alias).filter(pk__range=(ids[0], ids[-1])).count()

    def _finish(self, count: int) -> dict[str, Any]:
        result = {"count": count, "refused": self.draft.row_count - count}
        drafts.keep(self.draft, result=result)
        drafts.forget_file(self.draft)
        return result

    def _undo(self, tell: Tell) -> dict[str, Any]:
        """Moves the records that were imported, and are still there, to the trash."""
        batch = uuid5(self.draft.pk, "undo")
        chosen = Chosen(self.records.resource, tuple(self.ids()), "")
        count = BulkWork(self.records, chosen, "delete", QueryDict()).run(batch, tell)
        result = {**(self.draft.result or {}), "undone": count, "batch": str(batch)}
        drafts.keep(self.draft, result=result)
        return result


def _blame(checked: Checked, problem: Problem) -> bool:
    """Notes which lines a problem is about; whether it is about any."""
    blamed = False
    for number, column, entry in places_of(problem):
        checked.blame_column(number, column, entry["detail"], entry["fix"])
        blamed = True
    return blamed


def _file_of_refused(checked: Checked) -> bytes:
    """The lines with which something is wrong as a CSV file, with a column that says what."""
    kept = [place for place, name in enumerate(checked.sheet.header) if name != WRONG]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*(checked.sheet.header[place] for place in kept), WRONG])
    for line in checked.refused:
        cells = [guarded(unguarded(line.cells[place])) if place < len(line.cells) else "" for place in kept]
        told = (" ".join(filter(None, (each.column and f"{each.column}:", each.detail, each.fix))) for each in
                checked.faults[line.number])  # fmt: skip
        writer.writerow([*cells, guarded(" ".join(told))])
    return text.getvalue().encode("utf-8-sig")
