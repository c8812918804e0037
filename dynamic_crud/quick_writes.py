"""New and changed records in one round trip: what PostgreSQL is asked for them, where that is all that there is to do.

What has to be looked up elsewhere first takes longer: files, members of the project, links to many rows. PostgreSQL
itself judges everything else. Where it refuses, or finds nothing to change, the request goes the long way, which finds
out why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from core.pipelines import Question
from dynamic_crud.attaching import file_fields
from dynamic_crud.etags import Preconditions, Tags
from dynamic_crud.json_lists import Answer, Reading, Rows
from dynamic_crud.listing import Shape
from dynamic_crud.pointers import Values
from dynamic_crud.resources import Resource, derived
from dynamic_crud.storing import change, insertions, new_rows
from dynamic_crud.written import Wanted, Written

_STATE: Final = re.compile(r'"([0-9a-f]{1,15})-')

Told = Callable[[list[UUID], list[Written]], Answer]
"""Makes the answer of the records and their ids."""


class TakesLonger(Exception):
    """The request needs more than one round trip."""


def creation(wanted: Wanted, rows: Sequence[Values], told: Told) -> Reading:
    """New records.

    Args:
        wanted: how they are to be answered.
        rows: validated values.
        told: makes the answer.

    Raises:
        TakesLonger: where the values need to be looked up.
    """
    known = _looked_up(wanted.resource)
    if known and any(values.get(name) for values in rows for name in known):
        raise TakesLonger
    stored = new_rows(wanted.resource, rows)
    questions = insertions(wanted.resource, stored, _alone(wanted.shape))
    return _writing(wanted, [row["id"] for row in stored], [*questions], told)


def update(wanted: Wanted, record_id: UUID, values: Values, only_if: Preconditions, told: Told) -> Reading:
    """A change of one record.

    Args:
        wanted: how it is to be answered.
        record_id: its id.
        values: validated values, of some columns.
        only_if: in which state it has to be.
        told: makes the answer.

    Raises:
        TakesLonger: where the values need to be looked up, there are none, or the condition is an unusual one. The
            answer raises it too, where there is no such record in that state that has other values.
    """
    resource = wanted.resource
    named = {item.column.name for item in resource.member_fields}
    if not values or only_if.none_match is not None:
        raise TakesLonger
    if any(name in values and (name not in named or values[name] is not None) for name in _looked_up(resource)):
        raise TakesLonger
    changed = change(resource, {"id": record_id, **values}, _states(only_if.match), _alone(wanted.shape))
    return _writing(wanted, [record_id], [changed], told)


def _writing(wanted: Wanted, ids: Sequence[UUID], questions: Sequence[Question], told: Told) -> Reading:
    """Asks, and reads the records again where what they point to is expanded: a row may point to itself."""
    expands = bool(wanted.shape.expand)

    def answer(rows: Sequence[Rows]) -> Answer:
        found = wanted.read(rows[-1]) if expands else wanted.read([row for each in rows for row in each])
        if len(found) < len(ids):
            raise TakesLonger
        return told(list(ids), [found[pk] for pk in ids])

    return Reading((*questions, wanted.question(ids)) if expands else tuple(questions), answer)


def _alone(shape: Shape) -> Shape:
    return Shape(fields=shape.fields)


@derived
def _looked_up(resource: Resource) -> frozenset[str]:
    """The columns whose values are to be looked up before they are stored."""
    found = (*resource.links, *resource.member_fields, *file_fields(resource))
    return frozenset(item.column.name for item in found)


def _states(tags: Tags) -> list[int] | None:
    """When a record may have been changed last, in microseconds since 1970 began; None for at any time."""
    if tags is None or tags == "*":
        return None
    return [int(found[1], 16) for tag in tags if (found := _STATE.match(tag))]
