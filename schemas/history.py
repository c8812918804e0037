"""A project's past as one list: what was decided, and what was provisioned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Func, IntegerField, QuerySet, Value

from core.models import DecisionTrace, Project, VibeConfig
from schemas.diff import diff
from schemas.document import Schema

VERSION: Final = "version"
DECISION: Final = "decision"

Event = tuple[datetime, str, UUID]
"""When something came about, whether it is a version or a decision, and its id."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry: either a version with what it changed, or a decision."""

    at: datetime
    config: VibeConfig | None = None
    trace: DecisionTrace | None = None
    changes: tuple[str, ...] = ()


def timeline(configs: Sequence[VibeConfig], traces: Sequence[DecisionTrace]) -> list[Moment]:
    """Versions and decisions, newest first."""
    by_id: dict[UUID | None, VibeConfig] = {config.pk: config for config in configs}
    versions = [
        Moment(config.created_at, config=config, changes=describe(by_id.get(config.parent_id), config))
        for config in configs
    ]
    decisions = [Moment(trace.created_at, trace=trace) for trace in traces]
    return sorted([*versions, *decisions], key=lambda moment: moment.at, reverse=True)


def describe(before: VibeConfig | None, after: VibeConfig) -> tuple[str, ...]:
    """What a version changed, one sentence a change."""
    start = Schema.from_json(before.document) if before else None
    return tuple(change.describe() for change in diff(start, Schema.from_json(after.document)))


def events(project: Project) -> QuerySet[Any, Event]:
    """All versions and decisions, newest first, to be cut into pages. Call it inside a door."""
    kinds: list[tuple[str, QuerySet[Any]]] = [
        (VERSION, VibeConfig.objects.filter(project=project)),
        (DECISION, DecisionTrace.objects.filter(project=project)),
    ]
    versions, decisions = (
        rows.order_by().annotate(kind=Value(kind)).values_list("created_at", "kind", "pk") for kind, rows in kinds
    )
    newest_first: QuerySet[Any, Event] = versions.union(decisions, all=True).order_by("-created_at", "pk")
    return newest_first


def moments_of(page: Iterable[Event]) -> list[Moment]:
    """The versions and decisions of a page, in its order. Call it inside a door.

    Decisions come without their documents and replies; `changes`, `operations` and `repairs`, the number of answers
    that had to be corrected, are read out of them.
    """
    found = list(page)
    configs = VibeConfig.objects.select_related("parent", "trace").in_bulk([key for _, _, key in found])
    traces = (
        DecisionTrace.objects.annotate(
            changes=F("response__changes"),
            operations=F("draft__operations"),
            repairs=Func(F("rounds"), function="jsonb_array_length", output_field=IntegerField()),
        )
        .defer("response", "draft", "document", "rounds")
        .prefetch_related("configs")
        .in_bulk([key for _, _, key in found])
    )
    return [
        Moment(at, config=configs[key], changes=describe(configs[key].parent, configs[key]))
        if kind == VERSION
        else Moment(at, trace=traces[key])
        for at, kind, key in found
    ]
