"""Which rows of a list somebody chose: those that they ticked, or all that the list's search and filters find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import QueryDict

from core.errors import BadRequest
from core.tenancy import Door
from dynamic_crud.listing import ListQuery
from dynamic_crud.locking import count_changed, lock_ids
from dynamic_crud.querysets import Rows, all_rows, find_rows
from dynamic_crud.resources import Resource

IDS: Final = "_ids"
ALL: Final = "_all"
QUERY: Final = "_query"
EXPECTED: Final = "_expected"
"""The names of the inputs. No column's name begins with an underscore."""

MOST_TICKED: Final = 1000
"""How many rows can be ticked one by one."""

_OF_THE_VIEW: Final = ("page", "page_size", "ordering", "expand", "count", "columns", "format")
"""Parameters of a list that say how it is shown, and not which rows it has."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of a table that somebody chose.

    Args:
        resource: the table.
        ids: those that were ticked; None for all that `query` finds.
        query: the list's parameters.
        expected: how many rows whoever chose has seen; None where they have not been told yet.
    """

    resource: Resource
    ids: tuple[UUID, ...] | None
    query: str
    expected: int | None = None

    @classmethod
    def read(cls, resource: Resource, data: QueryDict) -> Chosen:
        """Reads what the page of a list sends; raises `BadRequest`."""
        expected = data.get(EXPECTED, "")
        if expected and not (expected.isascii() and expected.isdigit() and len(expected) < 12):
            raise BadRequest("The number of records is not one. Go back to the list and choose again.")
        if data.get(ALL):
            return cls(resource, None, data.get(QUERY, ""), int(expected) if expected else None)
        try:
            ids = tuple(dict.fromkeys(UUID(text) for text in data.getlist(IDS)))
        except ValueError as error:
            raise BadRequest("A record is named by its id, which is a UUID.") from error
        if not 1 <= len(ids) <= MOST_TICKED:
            raise BadRequest(f"{len(ids)} records are chosen; 1 to {MOST_TICKED:,} can be ticked one by one.")
        return cls(resource, ids, data.get(QUERY, ""), int(expected) if expected else None)

    @classmethod
    def from_json(cls, resource: Resource, data: Mapping[str, Any]) -> Chosen:
        """What `to_json` wrote."""
        ids = None if data["ids"] is None else tuple(map(UUID, data["ids"]))
        return cls(resource, ids, data["query"], data["expected"])

    def to_json(self) -> dict[str, Any]:
        """The choice for a job."""
        ids = None if self.ids is None else [str(pk) for pk in self.ids]
        return {"ids": ids, "query": self.query, "expected": self.expected}

    def rows(self, alias: str) -> Rows:
        """The rows, in no order; raises `BadRequest` for filters that cannot be read."""
        if self.ids is not None:
            return all_rows(self.resource, alias).filter(pk__in=self.ids)
        parameters = QueryDict(self.query, mutable=True)
        for name in _OF_THE_VIEW:
            parameters.pop(name, None)
        return find_rows(self.resource, alias, ListQuery.read(self.resource, parameters))

    def lock(self, door: Door) -> list[UUID]:
        """The ids of the rows, which nobody else can change until the door closes.

        Raises:
            Conflict: when they are no longer as many as whoever chose has seen.
        """
        ids = lock_ids(self.rows(door.alias))
        if self.expected is not None and len(ids) != self.expected:
            raise count_changed(len(ids), self.expected)
        return ids
