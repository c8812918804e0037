"""The records before and after one in the list that somebody came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from core.errors import BadRequest
from dynamic_crud.listing import MAX_ADDRESS, MAX_PAGE, MAX_PAGE_SIZE, ListQuery
from dynamic_crud.querysets import find_rows, ordered_rows
from dynamic_crud.records import Records

LOOKED_AROUND: Final = 20
"""How many rows further a record is looked for when the list has changed since."""


@dataclass(frozen=True, slots=True)
class Step:
    """A record next to one, and what the address of its page says of the list."""

    id: UUID
    place: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where a record stands in a list.

    Args:
        previous: the record before it, if there is one.
        next: the record after it, if there is one.
        list_query: the parameters of the list's page that the record is on.
    """

    previous: Step | None
    next: Step | None
    list_query: str


def fetch_neighbours(records: Records, record_id: UUID, parameters: Mapping[str, str]) -> Neighbours | None:
    """The neighbours that a page's parameters lead to: `list` is what the list was asked for, `at` the place in it.

    None where they say nothing, or where the record is not in that list. Call it outside of any door: it opens its own.
    """
    asked = QueryDict(parameters.get("list", "")[:MAX_ADDRESS], mutable=True)
    at = parameters.get("at", "")
    if not (at.isascii() and at.isdigit() and 0 < int(at[:12]) <= MAX_PAGE * MAX_PAGE_SIZE):
        return None
    columns = asked.pop("columns", [])
    try:
        query = ListQuery.read(records.resource, asked)
        start = max(0, int(at) - 1 - LOOKED_AROUND)
        with records.reading() as door:
            rows = ordered_rows(records.resource, find_rows(records.resource, door.alias, query), query.ordering)
            ids = list(rows.values_list("pk", flat=True)[start : int(at) + LOOKED_AROUND])
    except BadRequest:
        return None
    if record_id not in ids:
        return None
    index = ids.index(record_id)
    shown = {"columns": ",".join(map(str, columns))} if columns else {}

    def step(number: int) -> Step | None:
        if not 0 <= number < len(ids):
            return None
        listed = urlencode({**replace(query, page=1).parameters(), **shown})
        return Step(ids[number], urlencode({"list": listed, "at": start + number + 1}))

    page = replace(query, page=(start + index) // query.page_size + 1)
    return Neighbours(step(index - 1), step(index + 1), urlencode({**page.parameters(), **shown}))
