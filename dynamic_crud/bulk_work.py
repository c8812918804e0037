"""Deleting or editing all chosen rows of a table: in one transaction, and one batch of the trash that undoes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models.functions import Now
from django.http import QueryDict

from core.errors import BadRequest
from core.tenancy import LONG_TIMEOUT_MS, Door
from dynamic_crud.attaching import file_fields
from dynamic_crud.chosen import Chosen
from dynamic_crud.forms import RecordForm, form_class
from dynamic_crud.links import set_links
from dynamic_crud.locking import remove
from dynamic_crud.querysets import all_rows
from dynamic_crud.records import Records
from dynamic_crud.resources import ResourceField
from dynamic_crud.trash import entries as trash

Action = Literal["delete", "edit"]

AT_ONCE: Final = 1000
"""How many rows are changed while whoever asks waits; more are a job's work."""
JOB_KIND: Final = "bulk"
CHANGED: Final = "_change"
"""The name of the boxes that say which fields to change."""

_CHUNK: Final = 2000

Tell = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class BulkWork:
    """What is to be done with the chosen rows.

    Args:
        records: the table, as its user reaches it.
        chosen: the rows.
        action: whether they are deleted or edited.
        data: the form with their new values, as it was sent, with the names of the fields under `CHANGED`.
    """

    records: Records
    chosen: Chosen
    action: Action
    data: QueryDict

    def run(self, batch: UUID, tell: Tell = lambda percent, label: None) -> int:
        """Does it: all of it or nothing. Again with the same batch, it is done already.

        Args:
            batch: under which the trash keeps what the rows were.
            tell: is told how much is done, in percent, and what is being done.

        Returns:
            How many rows were chosen.

        Raises:
            Problem: `Conflict` when the rows are not those that were seen; `BadRequest` for values that do not fit.
        """
        with self.records.writing() as door:
            if done := trash.size_of(door, batch):
                return done
            trash.begin(door, batch, LONG_TIMEOUT_MS)
            tell(5, "Find the records")
            ids = self.chosen.lock(door)
            write = partial(remove, self.records.resource) if self.action == "delete" else self._editor(door)
            done = 0
            for chunk in _chunks(ids):
                tell(10 + 85 * done // len(ids), f"{'Delete' if self.action == 'delete' else 'Change'} the records")
                write(door, chunk)
                done += len(chunk)
            return done

    def form(self, door: Door, data: QueryDict | None = None) -> RecordForm:
        """The form of what can be edited in many rows at once; with data, the fields that are to change."""
        form = form_class(self.records.resource)(data, door=door, members=self.records.members)
        names = [item.name for item in editable(self.records)]
        form.keep_fields([name for name in names if data is None or name in data.getlist(CHANGED)])
        return form

    def _editor(self, door: Door) -> Callable[[Door, Sequence[UUID]], None]:
        form = self.form(door, self.data)
        if not form.is_valid() or not form.fields:
            raise BadRequest("The values do not fit. Nothing was changed.", code="invalid_values")
        trash.watch_edits(door)
        items = [item for item in editable(self.records) if item.name in form.fields]
        stored = {item.name: _value(form, item) for item in items if item.column.is_stored}
        links = {item: [row.pk for row in form.cleaned_data[item.name]] for item in items if not item.column.is_stored}

        def write(door: Door, ids: Sequence[UUID]) -> None:
            rows = all_rows(self.records.resource, door.alias).filter(pk__in=ids)
            if stored:
                rows.update(**stored)
            for item, targets in links.items():
                set_links(door, item, ids, targets)
            if links:
                rows.update(updated_at=Now())

        return write


def editable(records: Records) -> list[ResourceField]:
    """The fields that make sense in many rows at once: no files, no numbers that PostgreSQL gives, nothing unique."""
    files = {item.name for item in file_fields(records.resource)}
    fields = records.resource.fields
    return [each for each in fields if not (each.type.numbered or each.column.unique or each.name in files)]


def _value(form: RecordForm, item: ResourceField) -> Any:
    return getattr(form.instance, item.model_field.attname)


def _chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
