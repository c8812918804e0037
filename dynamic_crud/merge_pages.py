"""The pages for those who saved a record too late: it was changed meanwhile, or deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.http import HttpResponse, QueryDict

from core.errors import NotFound, Problem
from dynamic_crud.attaching import Received
from dynamic_crud.factory import DynamicRow
from dynamic_crud.merging import BASE, TAKE, Merge, packed, unpacked
from dynamic_crud.trash.entries import last_batch_of
from dynamic_crud.trash.restoring import restore

if TYPE_CHECKING:
    from dynamic_crud.views import RecordFormView

RESTORE: Final = "_restore"
"""The button that brings a deleted record back before what was typed is saved."""

_OWN: Final = ("csrfmiddlewaretoken", BASE, RESTORE)


def merge_page(
    view: RecordFormView, row: DynamicRow, merge: Merge, data: QueryDict, received: Mapping[str, Received]
) -> HttpResponse:
    """Field by field what it was, what somebody else saved and what was typed, to choose from.

    Args:
        view: the form's.
        row: the record.
        merge: what differs, in words.
        data: what the form was read from.
        received: the files that came with the form: they are stored already, and are sent again by their ids.
    """
    return view.page(
        "crud/merge.html",
        f"Edit {view.resource.table.label.lower()}",
        status=409,
        crumb=view.crumb,
        row=row,
        merge=merge,
        take=TAKE,
        base=packed(row.pk, merge.theirs),
        sent=list(_sent(data, received)),
        back=view.url("record-detail", row.pk),
    )


def gone_page(view: RecordFormView, record_id: UUID, problem: Problem) -> HttpResponse:
    """What was typed into the form of a record that somebody deleted meanwhile, and what can be done with it.

    Raises:
        Problem: the given one, where the form was never one of this record.
    """
    before = unpacked(record_id, view.request.POST.get(BASE, ""))
    if before is None or not (isinstance(problem, NotFound) or RESTORE in view.request.POST):
        raise problem
    with view.records.door() as door:
        batch = last_batch_of(door, view.resource.table.id, record_id)
    return view.page(
        "crud/gone.html",
        f"This {view.resource.table.label.lower()} was deleted",
        status=409,
        crumb=view.crumb,
        batch=batch,
        problem=None if isinstance(problem, NotFound) else problem,
        base=view.request.POST.get(BASE, ""),
        restore=RESTORE,
        sent=list(_sent(view.request.POST, {})),
        back=view.url("record-list"),
        create=view.url("record-create"),
    )


def bring_back(view: RecordFormView, record_id: UUID) -> None:
    """Restores a record that somebody deleted while its form was open; raises `NotFound` or `Conflict`."""
    with view.records.door() as door:
        batch = last_batch_of(door, view.resource.table.id, record_id)
    if batch is None:
        raise NotFound("It is not in the trash any more.")
    restore(view.records.user, view.records.project, batch, {record_id})


def _sent(data: QueryDict, received: Mapping[str, Received]) -> Iterator[tuple[str, str]]:
    """What the form sent, for hidden inputs: its files by the ids under which they are stored."""
    for name, texts in data.lists():
        if name not in _OWN and not name.startswith(TAKE) and name not in received:
            yield from ((name, text) for text in texts)
    for name, found in received.items():
        yield from ((name, file["id"]) for file in found.files)
