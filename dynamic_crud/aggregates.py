"""What a list is summed up to: `?aggregate=sum(price),count()&group_by=status,created_at:month`, read strictly.

What can be computed of a column, its type says (`ColumnType.aggregates`); counting needs no more than values that can
be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.http import QueryDict

from core.errors import BadRequest, fault
from dynamic_crud.listing import ListQuery
from dynamic_crud.resources import Resource
from schemas.column_types import column_types
from schemas.column_types.number import NumericType
from schemas.document import TIMESTAMPS, Column

T = TypeVar("T")

MAX_AGGREGATES: Final = 20
MAX_GROUPINGS: Final = 4
GROUPS: Final = 100
MAX_GROUPS: Final = 1000

DAY_PARTS: Final = ("day", "week", "month", "quarter", "year")
"""The periods by which days can be grouped."""

TIME_PARTS: Final = ("hour", *DAY_PARTS)
"""The periods by which moments can be grouped, in UTC."""

_PARTS: Final = {"date": DAY_PARTS, "datetime": TIME_PARTS}
_COUNTS: Final = ("count", "count_distinct")
_TERM: Final = re.compile(r"([a-z_]{1,20})\(([a-z0-9_]{0,63})\)\Z")
_HAVING: Final = re.compile(r"([a-z_]{1,20}\([a-z0-9_]{0,63}\))(>=|<=|!=|=|>|<)(.{1,100})\Z")
_NUMBER: Final = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,20})?\Z")
_WHOLE: Final = re.compile(r"[0-9]{1,18}\Z")
_NAMES: Final = ("aggregate", "group_by", "having", "ordering", "limit")

_OWNER: Final = Column(id="user_id", name="user_id", type="user")


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Something to compute of all rows of a group.

    Args:
        function: `count`, or one that the column's type names.
        column: of what; None to count rows.
    """

    function: str
    column: Column | None

    @property
    def name(self) -> str:
        """As it is asked for and answered: `sum(price)`."""
        return f"{self.function}({self.column.name if self.column else ''})"

    @property
    def is_count(self) -> bool:
        """Whether the result is a number of rows or values."""
        return self.function in _COUNTS

    @property
    def scale(self) -> int | None:
        """Digits after the point of a sum or an average of numbers; None where the result is a value of the column."""
        if self.column is None or self.function not in ("sum", "avg"):
            return None
        kind = column_types.get(self.column.type)
        if not isinstance(kind, NumericType):
            return None
        return kind.span(self.column).scale + (4 if self.function == "avg" else 0)


@dataclass(frozen=True, slots=True)
class Grouping:
    """What the rows of a group have in common: a column's value, or the period that it falls into."""

    column: Column
    part: str = ""

    @property
    def name(self) -> str:
        """As it is asked for and answered: `created_at:month`."""
        return f"{self.column.name}:{self.part}" if self.part else self.column.name


@dataclass(frozen=True, slots=True)
class Condition:
    """Which groups are answered: those whose result compares like this."""

    aggregate: Aggregate
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Order:
    """By what the groups are ordered."""

    by: Aggregate | Grouping
    descending: bool


@dataclass(frozen=True, slots=True)
class AggregateQuery:
    """One question about the rows that a list's search and filters find.

    Args:
        rows: search, filters, and what to answer as objects.
        aggregates: what to compute.
        groupings: what to group by; none for one result of all rows.
        having: conditions on groups, all of which have to hold.
        ordering: the order of the groups.
        limit: how many groups at most.
    """

    rows: ListQuery
    aggregates: tuple[Aggregate, ...]
    groupings: tuple[Grouping, ...] = ()
    having: tuple[Condition, ...] = ()
    ordering: tuple[Order, ...] = ()
    limit: int = GROUPS

    @classmethod
    def read(cls, resource: Resource, parameters: QueryDict) -> AggregateQuery:
        """Reads the parameters of a request; raises `BadRequest` that names every place that is wrong."""
        given = parameters.copy()
        reader = _Reader(resource, {name: given.pop(name, []) for name in _NAMES})
        query = cls(
            rows=_read_rows(resource, given),
            aggregates=reader.several("aggregate", reader.aggregate, MAX_AGGREGATES),
            groupings=reader.several("group_by", reader.grouping, MAX_GROUPINGS),
            having=reader.several("having", reader.condition, MAX_AGGREGATES),
            ordering=reader.several("ordering", reader.order, MAX_AGGREGATES),
            limit=reader.limit(),
        )
        reader.check(query)
        return query


def aggregates_of(column: Column) -> tuple[str, ...]:
    """What can be computed of a column."""
    return ("count", *(("count_distinct",) if _has_kinds(column) else ()), *column_types.get(column.type).aggregates)


def parts_of(column: Column) -> tuple[str, ...]:
    """The periods by which a column can be grouped."""
    return _PARTS.get(column.type, ())


def computable_columns(resource: Resource) -> dict[str, Column]:
    """The columns of which something can be computed, by name."""
    stored = (item.column for item in resource.fields if item.column.is_stored)
    return {column.name: column for column in (*stored, _OWNER, *TIMESTAMPS)}


def groupable_columns(resource: Resource) -> dict[str, Column]:
    """The columns that rows can be grouped by, by name."""
    return {name: column for name, column in computable_columns(resource).items() if _has_kinds(column)}


def _has_kinds(column: Column) -> bool:
    """Whether values can be told apart: those that a filter can be equal to."""
    return "exact" in column_types.get(column.type).lookups


def _read_rows(resource: Resource, given: QueryDict) -> ListQuery:
    for name in ("page", "page_size", "cursor", "count", "fields"):
        if name in given:
            raise BadRequest(
                f"{name} says nothing about an aggregate.",
                code="invalid_parameters",
                errors=[_fault("unknown_parameter", name, f"{name} says nothing about an aggregate.", "Leave it out.")],
            )
    return ListQuery.read(resource, given)


class _Reader:
    """Reads the parameters of aggregates and collects what is wrong with them."""

    def __init__(self, resource: Resource, given: dict[str, list[Any]]) -> None:
        self.resource = resource
        self.given = given
        self.errors: list[dict[str, str]] = []

    def several(self, name: str, read: Callable[[str], T], most: int) -> tuple[T, ...]:
        """What a parameter with commas names, each once."""
        texts = list(self._texts(name))
        if len(texts) > most:
            self.errors.append(
                _fault("too_many", name, f"{name} names {len(texts)}; {most} are possible.", "Ask twice.")
            )
            return ()
        found: dict[T, None] = {}
        for index, text in enumerate(texts):
            try:
                value = read(text)
            except ValueError as error:
                detail, fix = error.args
                self.errors.append(_fault("invalid_aggregate", f"{name}[{index}]", detail, fix))
                continue
            if value in found:
                self.errors.append(_fault("repeated", f"{name}[{index}]", f"{text!r} stands twice.", "Name it once."))
            found[value] = None
        return tuple(found)

    def aggregate(self, text: str) -> Aggregate:
        """One `function(column)`; raises `ValueError` with a sentence and a fix."""
        found = _TERM.match(text)
        if found is None:
            raise ValueError(
                f"{text[:80]!r} is not of the form function(column).", "Write it like sum(price) or count()."
            )
        function, name = found[1], found[2]
        if not name and function == "count":
            return Aggregate("count", None)
        columns = computable_columns(self.resource)
        if name not in columns:
            raise ValueError(f"{name!r} is not a column that can be used here.", f"Use {', '.join(columns)}.")
        possible = aggregates_of(columns[name])
        if function not in possible:
            detail = f"{function} cannot be computed of {name}, which is of the type {columns[name].type}."
            raise ValueError(detail, f"Use {', '.join(possible)}.")
        return Aggregate(function, columns[name])

    def grouping(self, text: str) -> Grouping:
        """One column, or `column:part`; raises `ValueError` with a sentence and a fix."""
        name, colon, part = text.partition(":")
        columns = groupable_columns(self.resource)
        if name not in columns:
            detail = f"{name[:80]!r} is not a column that rows can be grouped by."
            raise ValueError(detail, f"Use {', '.join(columns)}.")
        if colon and part not in parts_of(columns[name]):
            periods = ", ".join(parts_of(columns[name]))
            fix = f"Use {periods}." if periods else "Leave it out: the column is no date."
            raise ValueError(f"{part[:80]!r} is not a period of {name}.", fix)
        return Grouping(columns[name], part)

    def condition(self, text: str) -> Condition:
        """One `function(column)>=value`; raises `ValueError` with a sentence and a fix."""
        found = _HAVING.match(text)
        if found is None:
            raise ValueError(f"{text[:80]!r} is not of the form function(column)>value.", "Write it like count()>=10.")
        aggregate = self.aggregate(found[1])
        return Condition(aggregate, found[2], _read_value(aggregate, found[3].strip()))

    def order(self, text: str) -> Order:
        """An aggregate or what is grouped by, with a minus for descending; raises `ValueError` as the others."""
        name = text.removeprefix("-")
        by = self.aggregate(name) if "(" in name else self.grouping(name)
        return Order(by, descending=text.startswith("-"))

    def limit(self) -> int:
        """How many groups."""
        text = ",".join(self._texts("limit")) or str(GROUPS)
        if not (_WHOLE.match(text) and 1 <= int(text) <= MAX_GROUPS):
            detail = f"{text[:50]!r} is not a whole number from 1 to {MAX_GROUPS}."
            self.errors.append(_fault("invalid_number", "limit", detail, f"Use a number from 1 to {MAX_GROUPS}."))
            return GROUPS
        return int(text)

    def check(self, query: AggregateQuery) -> None:
        """Whether all parts go together; raises `BadRequest` with all that is wrong."""
        if not query.aggregates and not self.errors:
            self.errors.append(_fault("required", "aggregate", "Nothing is asked for.", "Write it like count()."))
        for name in ("having", "ordering") if not query.groupings else ():
            if self.given[name] and not self.errors:
                detail = f"{name} is about groups, and there is no group_by."
                self.errors.append(_fault("no_groups", name, detail, "Add group_by, or leave it out."))
        for index, order in enumerate(query.ordering):
            if isinstance(order.by, Grouping) and order.by not in query.groupings and not self.errors:
                detail = f"{order.by.name} is not what is grouped by."
                self.errors.append(_fault("invalid_order", f"ordering[{index}]", detail, "Add it to group_by."))
        grouped = {grouping.name for grouping in query.groupings}
        for index, column in enumerate(query.rows.expand):
            if column not in grouped and not self.errors:
                detail = f"{column} is not what is grouped by."
                self.errors.append(_fault("invalid_expand", f"expand[{index}]", detail, "Add it to group_by."))
        if self.errors:
            raise BadRequest(
                "The aggregate cannot be computed; `errors` says where.", code="invalid_parameters", errors=self.errors
            )

    def _texts(self, name: str) -> Iterator[str]:
        pieces = (piece.strip() for value in self.given[name] for piece in str(value).split(","))
        return (piece for piece in pieces if piece)


def _read_value(aggregate: Aggregate, text: str) -> Any:
    """What a result is compared with; raises `ValueError` with a sentence and a fix."""
    if aggregate.is_count:
        if not _WHOLE.match(text):
            raise ValueError(f"{text[:80]!r} is not a whole number.", "Compare a count with a number.")
        return int(text)
    if aggregate.scale is not None:
        if not _NUMBER.match(text):
            raise ValueError(f"{text[:80]!r} is not a number.", "Compare with a number such as 12.50.")
        return Decimal(text)
    if aggregate.column is None:
        raise TypeError("Only counts are of no column.")
    try:
        return column_types.get(aggregate.column.type).parse(aggregate.column, text)
    except ValueError as error:
        raise ValueError(str(error), f"Compare with a value of {aggregate.column.name}.") from error


def _fault(code: str, place: str, detail: str, fix: str) -> dict[str, str]:
    return fault(code, f"query.{place}", detail, fix)
