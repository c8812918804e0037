"""A project's past as one list: what was decided, and what was provisioned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.models import DecisionTrace, VibeConfig
from schemas.diff import diff
from schemas.document import Schema


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
