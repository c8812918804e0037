"""Replay: the versions of a project made again, from the decisions on record alone. No engine is asked.

A version follows from the decision that drafted it: each answer of the chain of drafts before it is settled on the
schema so far, as it was on the day, and the result is numbered as provisioning numbers it. What comes out has to be
the stored document, byte for byte. A version that nobody decided, or that was changed between its decision and its
provisioning, was edited by hand: replay says what differs and goes on from what is stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from core.models import DecisionTrace, Project, User, VibeConfig
from core.tenancy import acting_as
from schemas.diff import diff
from schemas.document import DocumentError, Json, Schema
from schemas.generation.edits import OperationError
from schemas.generation.pipeline import settle
from schemas.validation import validate
from schemas.versions import next_version

Finding = Literal["reproduced", "edited", "failed"]

_NO_DECISION: Final = "No decision is on record for it."
_OTHER_THAN_DECIDED: Final = "It is not what its decision drafted."


@dataclass(frozen=True, slots=True)
class ReplayedVersion:
    """What became of one version.

    Args:
        config: the version.
        finding: whether its decisions give its document again, it was edited by hand, or a decision cannot be replayed.
        decisions: the decisions that lead to it from the version before, the first one first.
        note: what there is to say about it, and why replaying failed; empty where it is reproduced.
        differences: how it was edited, one sentence a change.
    """

    config: VibeConfig
    finding: Finding
    decisions: tuple[DecisionTrace, ...] = ()
    note: str = ""
    differences: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """The version for programs."""
        return {
            "number": self.config.number,
            "version": self.config.version,
            "vibe_config_id": str(self.config.pk),
            "finding": self.finding,
            "decisions": [str(trace.pk) for trace in self.decisions],
            "note": self.note,
            "differences": list(self.differences),
        }


def replay_project(user: User, project: Project) -> list[ReplayedVersion]:
    """Replays all versions of a project, the first one first. Call it outside of doors."""
    with acting_as(user.pk):
        configs = list(VibeConfig.objects.filter(project=project).order_by("number"))
        traces = DecisionTrace.objects.filter(project=project).exclude(document=None).defer("response", "rounds")
        by_id = {trace.pk: trace for trace in traces}
    return list(replay(configs, by_id))


def replay(configs: Sequence[VibeConfig], traces: Mapping[UUID, DecisionTrace]) -> Iterator[ReplayedVersion]:
    """Replays versions.

    Args:
        configs: all versions of a project, by number.
        traces: its decisions, by id.
    """
    schemas: dict[UUID, Schema] = {}
    for config in configs:
        try:
            stored = Schema.from_json(config.document)
        except DocumentError as error:
            yield ReplayedVersion(config, "failed", note=f"Its stored document cannot be read: {error}")
            continue
        yield _replayed(config, stored, traces, schemas)
        schemas[config.pk] = stored


class _Broken(Exception):
    """A decision cannot be replayed; says which, and why."""


def _replayed(
    config: VibeConfig, stored: Schema, traces: Mapping[UUID, DecisionTrace], schemas: Mapping[UUID, Schema]
) -> ReplayedVersion:
    """One version, given the schemas of those before it."""
    before = schemas.get(config.parent_id) if config.parent_id else None
    if config.trace_id is None:
        return ReplayedVersion(config, "edited", (), _origin(stored, schemas), _differences(before, stored))
    try:
        chain = _chain(config.trace_id, traces)
    except _Broken as broken:
        return ReplayedVersion(config, "failed", note=str(broken))
    try:
        made = _as_version(_folded(chain, schemas), before)
    except _Broken as broken:
        return ReplayedVersion(config, "failed", chain, str(broken))
    if _bytes(made.to_json()) == _bytes(config.document):
        return ReplayedVersion(config, "reproduced", chain)
    return ReplayedVersion(config, "edited", chain, _OTHER_THAN_DECIDED, _differences(made, stored))


def _chain(trace_id: UUID, traces: Mapping[UUID, DecisionTrace]) -> tuple[DecisionTrace, ...]:
    """The decision and the drafts that it refined, the first one first; raises `_Broken`."""
    chain: list[DecisionTrace] = []
    wanted: UUID | None = trace_id
    while wanted is not None:
        if wanted not in traces:
            raise _Broken(f"The decision {wanted} is not on record, or not for you to see.")
        chain.append(traces[wanted])
        wanted = chain[-1].base_id
    return tuple(reversed(chain))


def _folded(chain: Sequence[DecisionTrace], schemas: Mapping[UUID, Schema]) -> Schema | None:
    """The draft that the decisions come to, one after the other; raises `_Broken`."""
    start = chain[0].parent_id
    if start is not None and start not in schemas:
        raise _Broken(f"{_named(chain[0])} was made about a version that cannot be read.")
    schema = schemas[start] if start else None
    for trace in chain:
        schema = _settled(trace, schema)
    return schema


def _settled(trace: DecisionTrace, schema: Schema | None) -> Schema:
    """What a decision makes of the schema before it: again what is on record, or `_Broken`."""
    # Decisions from before answers were kept are on record with their outcome alone.
    answer = trace.draft or {"document": trace.document}
    try:
        settled = settle(answer, schema)
    except OperationError as error:
        raise _Broken(f"{_named(trace)} cannot be carried out again: {error}") from error
    if settled.schema is None:
        raise _Broken(f"{_named(trace)} does not give a valid schema any more: {settled.errors[0].detail}")
    if _bytes(settled.schema.to_json()) != _bytes(trace.document):
        raise _Broken(f"{_named(trace)} gives another schema than the one on record.")
    return settled.schema


def _as_version(draft: Schema | None, before: Schema | None) -> Schema:
    """The draft as provisioning makes it a version: judged once more, and numbered."""
    validation = validate(draft.to_json() if draft else None, before)
    if validation.schema is None:
        raise _Broken(f"The draft is not valid any more: {validation.errors[0].detail}")
    return replace(validation.schema, version=next_version(before, diff(before, validation.schema)))


def _origin(stored: Schema, schemas: Mapping[UUID, Schema]) -> str:
    """Where a version comes from that nobody decided."""
    same = next((schema for schema in schemas.values() if schema.content_hash == stored.content_hash), None)
    return f"{_NO_DECISION} It has the tables of version {same.version}." if same else _NO_DECISION


def _differences(expected: Schema | None, stored: Schema) -> tuple[str, ...]:
    changes = tuple(change.describe() for change in diff(expected, stored))
    if changes or expected is None:
        return changes
    if expected.version != stored.version:
        return (f"It is version {stored.version}, where {expected.version} follows.",)
    return ("Its document is not written as documents are stored.",)


def _named(trace: DecisionTrace) -> str:
    return f"The decision {trace.pk} ({str(trace)!r})"


def _bytes(document: Json) -> bytes:
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
