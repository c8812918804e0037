"""Computing aggregates in PostgreSQL, and answering them as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.db.models import F, OrderBy, Q
from django.db.models.functions import Trunc

from core.members import Member, member_name
from dynamic_crud.aggregates import Aggregate, AggregateQuery, Condition, Grouping
from dynamic_crud.querysets import fetch_labels, find_rows
from dynamic_crud.records import Records
from dynamic_crud.resources import Resource
from dynamic_crud.serializers import reader

_FUNCTIONS: Final[Mapping[str, type[models.Aggregate]]] = {
    "count": models.Count,
    "count_distinct": models.Count,
    "sum": models.Sum,
    "avg": models.Avg,
    "min": models.Min,
    "max": models.Max,
}
_LOOKUPS: Final = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "exact", "!=": "exact"}
_DIGITS: Final = 1000
"""More than PostgreSQL computes with: the ORM asks for a number, and nothing is cut."""


@dataclass(frozen=True, slots=True)
class Groups:
    """What was computed, fetched.

    Args:
        rows: for each group its values and results, by their names in the query of the ORM.
        has_more: whether there are more groups than were asked for.
        labels: what related records are called, by column and id.
    """

    rows: list[dict[str, Any]]
    has_more: bool
    labels: Mapping[str, Mapping[UUID, str]]


def answer(records: Records, query: AggregateQuery) -> dict[str, Any]:
    """The results as JSON data; raises `BadRequest` for filters that cannot be read."""
    members = records.members
    with records.reading() as door:
        found = _fetch(records.resource, door.alias, query)
    names = [*_named(query.groupings, "g"), *_named(query.aggregates, "a")]
    results = [
        {thing.name: _shown(records.resource, thing, row[name], query, found, members) for name, thing in names}
        for row in found.rows
    ]
    return {"results": results, "has_more": found.has_more}


def _fetch(resource: Resource, alias: str, query: AggregateQuery) -> Groups:
    rows = find_rows(resource, alias, query.rows).order_by()
    computed = {name: _expression(resource, each) for name, each in _named(_computed(query), "a")}
    if not query.groupings:
        return Groups([rows.aggregate(**computed)], has_more=False, labels={})
    names = {thing: name for name, thing in (*_named(query.groupings, "g"), *_named(_computed(query), "a"))}
    grouped = rows.values(**{name: _grouped(resource, each) for name, each in _named(query.groupings, "g")})
    grouped = grouped.annotate(**computed)
    for condition in query.having:
        grouped = grouped.filter(_compared(condition, names[condition.aggregate]))
    orders = [_ordered(names[order.by], descending=order.descending) for order in query.ordering]
    orders += [OrderBy(F(name)) for name, _ in _named(query.groupings, "g")]
    found = list(grouped.order_by(*orders)[: query.limit + 1])
    shown = found[: query.limit]
    labels = {
        grouping.column.name: fetch_labels(
            resource.target(resource.by_column[grouping.column.name]), alias, {row[name] for row in shown} - {None}
        )
        for name, grouping in _named(query.groupings, "g")
        if grouping.name in query.rows.expand and grouping.column.is_reference
    }
    return Groups(shown, len(found) > query.limit, labels)


def _computed(query: AggregateQuery) -> list[Aggregate]:
    """All aggregates of a query, those that are answered first."""
    needed = [condition.aggregate for condition in query.having]
    needed += [order.by for order in query.ordering if isinstance(order.by, Aggregate)]
    return list(dict.fromkeys((*query.aggregates, *needed)))


def _named(things: Sequence[Any], kind: str) -> Iterator[tuple[str, Any]]:
    """The things with names that no column has."""
    return ((f"_{kind}{index}", thing) for index, thing in enumerate(things))


def _field(resource: Resource, name: str) -> models.Field[Any, Any]:
    fields = {field.attname: field for field in resource.model._meta.concrete_fields}
    return fields[name]


def _expression(resource: Resource, aggregate: Aggregate) -> models.Aggregate:
    if aggregate.column is None:
        return models.Count("*")
    column = F(_field(resource, aggregate.column.name).attname)
    if aggregate.function == "count_distinct":
        return models.Count(column, distinct=True)
    options: dict[str, Any] = {}
    if aggregate.scale is not None:
        options["output_field"] = models.DecimalField(max_digits=_DIGITS, decimal_places=aggregate.scale)
    return _FUNCTIONS[aggregate.function](column, **options)


def _grouped(resource: Resource, grouping: Grouping) -> Any:
    name = _field(resource, grouping.column.name).attname
    return Trunc(name, grouping.part) if grouping.part else F(name)


def _compared(condition: Condition, name: str) -> Q:
    found = Q(**{f"{name}__{_LOOKUPS[condition.operator]}": condition.value})
    return ~found if condition.operator == "!=" else found


def _ordered(name: str, *, descending: bool) -> OrderBy:
    return OrderBy(F(name), descending=descending, nulls_last=True if descending else None)


def _shown(
    resource: Resource,
    thing: Aggregate | Grouping,
    value: Any,
    query: AggregateQuery,
    found: Groups,
    members: Mapping[UUID, Member],
) -> Any:
    if value is None or (isinstance(thing, Aggregate) and thing.is_count):
        return value
    if isinstance(thing, Aggregate) and thing.scale is not None:
        return format(round(Decimal(value), thing.scale), "f")
    if isinstance(thing, Grouping) and thing.part and thing.part != "hour":
        return (value.date() if isinstance(value, dt.datetime) else value).isoformat()
    column = thing.column
    if column is None:
        raise TypeError("Only counts are of no column.")
    plain = reader(resource).fields[column.name].to_representation(value)
    if isinstance(thing, Grouping) and thing.name in query.rows.expand:
        known = found.labels.get(column.name)
        label = known.get(value) if known is not None else member_name(members, value)
        return {"id": plain, "label": label}
    return plain
