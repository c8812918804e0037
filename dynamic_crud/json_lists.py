"""Lists and single records of the API: what PostgreSQL is asked, and the answer, whose records it has written as JSON.

Nothing here opens a door: a `Reading` holds the questions, and makes the answer of what came of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from core.errors import BadRequest
from core.pipelines import Question
from dynamic_crud.cursors import Cursor, InvalidCursor
from dynamic_crud.list_sql import (
    Condition,
    Form,
    PageSql,
    condition_of,
    count_sql,
    from_cursor,
    page_sql,
)
from dynamic_crud.listing import ListQuery, Shape
from dynamic_crud.locking import missing
from dynamic_crud.ordering import Term, order_terms
from dynamic_crud.resources import Resource
from dynamic_crud.totals import COUNTED_AT_MOST, Total, estimated
from dynamic_crud.written import Wanted, Written

Rows = Sequence[Sequence[Any]]
Address = Callable[[Mapping[str, str]], str]
"""The address of a list with other values for some of its parameters."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered.

    Args:
        body: JSON.
        state: that of the one record that it is about, as `etags.state_of` has it; None for a list.
        status: the status of HTTP.
        headers: what is said beside it.
    """

    body: bytes
    state: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked of a project's tables, and what becomes of it.

    Args:
        questions: for an open door, in their order.
        answer: makes it from the rows of each question; raises a `Problem`.
    """

    questions: tuple[Question, ...]
    answer: Callable[[Sequence[Rows]], Answer]


def read_one(wanted: Wanted, record_id: UUID) -> Reading:
    """One record.

    Args:
        wanted: how it is to be answered.
        record_id: its id.
    """

    def answer(rows: Sequence[Rows]) -> Answer:
        found = wanted.read(rows[0]).get(record_id)
        if found is None:
            raise missing(wanted.resource)
        return answer_of(found)

    return Reading((wanted.question([record_id]),), answer)


def answer_of(record: Written, status: int = 200, **headers: str) -> Answer:
    """The answer about one record; in the names of headers a hyphen is an underscore."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(record.json.encode(), record.state, status, named)


def answer_of_all(records: Iterable[Written], status: int = 200) -> Answer:
    """The answer about some records, which are no page of a list."""
    written = ",".join([record.json for record in records])
    return Answer(b"[%b]" % written.encode(), status=status)


@dataclass(frozen=True, slots=True)
class ListReading:
    """A list as it was asked for.

    Args:
        resource: the table.
        query: what was asked.
        names: the names of the project's members by their ids, as JSON; empty where none of them is expanded.
        address: where its other pages are.
    """

    resource: Resource
    query: ListQuery
    names: str
    address: Address

    def reading(self) -> Reading:
        """The questions and the answer; raises `BadRequest` for what cannot be read."""
        condition, cursor = condition_of(self.resource, self.query), self._cursor()
        skipped = (self.query.page - 1) * self.query.page_size
        form = Form(
            shape=Shape(self.query.expand, self.query.fields),
            ordering=self.query.ordering,
            size=self.query.page_size,
            is_later=skipped > 0,
            is_keyed=self.query.cursor is not None,
            backwards=cursor is not None and cursor.backwards,
        )
        page = page_sql(self.resource, form)
        found = from_cursor(condition, page, cursor) if cursor else condition
        values = (*[self.names] * page.record.members, *found.values, *([skipped] if skipped else []))
        # The best plan of a later page depends on its number, so it is made anew each time.
        asked = Question(found.fill(page.text), values, prepare=not skipped)

        def answer(rows: Sequence[Rows]) -> Answer:
            *counted, last = rows
            return Answer(self._body(page, counted, last, cursor))

        return Reading((*self._counts(condition), asked), answer)

    def _cursor(self) -> Cursor | None:
        if not self.query.cursor:
            return None
        try:
            return Cursor.decode(self.query.cursor, order_terms(self.resource, self.query.ordering))
        except InvalidCursor as error:
            fix = "Use the addresses in next and previous as they are, or cursor= for the start of the list."
            fault = {"code": "invalid_cursor", "path": "query.cursor", "detail": str(error), "fix": fix}
            detail = "The list cannot be shown: see the query parameter cursor."
            raise BadRequest(detail, code="invalid_parameters", errors=[fault]) from None

    def _counts(self, condition: Condition) -> list[Question]:
        texts = count_sql(self.resource)[self.query.count]
        return [Question(condition.fill(text), condition.values) for text in texts]

    def _body(self, page: PageSql, counted: Sequence[Rows], found: Rows, cursor: Cursor | None) -> bytes:
        size = self.query.page_size
        rows, goes_on = found[:size], len(found) > size
        if cursor is not None and cursor.backwards:
            rows = rows[::-1]
        following, before = self._neighbours(rows, page.terms, cursor, goes_on=goes_on)
        total = _total(self.query, counted)
        head: dict[str, Any] = {"count": total and total.number, "next": following, "previous": before}
        if total is not None and self.query.count == "estimated":
            head["counted"] = "exactly" if total.is_exact else "estimated"
        finished = page.record.finished
        written = ",".join([finished(row[0]) for row in rows])
        return b'%b,"results":[%b]}' % (orjson.dumps(head)[:-1], written.encode())

    def _neighbours(
        self, rows: Rows, terms: Sequence[Term], cursor: Cursor | None, *, goes_on: bool
    ) -> tuple[str | None, str | None]:
        """The addresses of the next and of the previous page."""
        if self.query.cursor is None:
            page = self.query.page
            following = self.address({"page": str(page + 1)}) if goes_on else None
            return following, self.address({"page": str(page - 1)}) if page > 1 else None

        def edge(index: int, *, backwards: bool) -> str:
            values = tuple(rows[index][1:]) if rows else cursor.values if cursor else ()
            return self.address({"cursor": Cursor(values, backwards).encode(terms)})

        is_back = cursor is not None and cursor.backwards
        has_next, has_previous = (True, goes_on) if is_back else (goes_on, cursor is not None)
        return edge(-1, backwards=False) if has_next else None, edge(0, backwards=True) if has_previous else None


def _total(query: ListQuery, counted: Sequence[Rows]) -> Total | None:
    """How many records match; None where nobody asked."""
    if not counted:
        return None
    known, *sees_own_rows = counted[0][0]
    if query.count == "exact" or known <= COUNTED_AT_MOST or any(sees_own_rows):
        return Total(known)
    ((plans,),) = counted[1]
    return estimated(known, plans)
