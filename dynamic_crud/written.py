"""Records as the API answers them: the JSON that PostgreSQL wrote, and the state of the record that it shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.pipelines import Question
from core.tenancy import Door
from dynamic_crud.etags import state_at
from dynamic_crud.listing import Shape
from dynamic_crud.record_sql import record_sql
from dynamic_crud.resources import Resource


@dataclass(frozen=True, slots=True)
class Written:
    """A record as it is answered.

    Args:
        json: the record.
        state: its state, as `etags.state_of` has it.
    """

    json: str
    state: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """How records are to be answered.

    Args:
        resource: their table.
        shape: how much of each.
        names: the names of the project's members by their ids, as JSON; empty where none of them is expanded.
    """

    resource: Resource
    shape: Shape
    names: str = ""

    def question(self, ids: Collection[UUID]) -> Question:
        """The question for these records."""
        record = record_sql(self.resource, self.shape)
        return Question(record.found, [*[self.names] * record.members, list(ids)])

    def read(self, rows: Sequence[Sequence[Any]]) -> dict[UUID, Written]:
        """The records by their ids, from the rows of such a question."""
        finished = record_sql(self.resource, self.shape).finished
        return {pk: Written(finished(text), state_at(changed)) for pk, text, changed in rows}

    def fetch(self, door: Door, ids: Sequence[UUID]) -> list[Written]:
        """The records in the order of their ids. All of them have to be there."""
        found = self.read(door.ask(self.question(ids)))
        return [found[pk] for pk in ids]
