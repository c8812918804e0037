"""The turns of a project's conversation, as the builder shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.models import DecisionTrace, VibeConfig

MAX_CHANGES: Final = 6
"""Changes that a turn lists at once; the others are a click away."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked, what came of it, and what has become of that since.

    Args:
        trace: the decision.
        version: the version that its draft was provisioned as; empty when it was not.
        is_current: whether its draft is the one that the next turn refines.
        is_shown: whether its draft is the one beside the conversation.
    """

    trace: DecisionTrace
    version: str = ""
    is_current: bool = False
    is_shown: bool = False

    @property
    def changes(self) -> list[str]:
        """The first changes that it made, unless its message says them all."""
        return self._changes[:MAX_CHANGES]

    @property
    def more_changes(self) -> list[str]:
        """The changes after those."""
        return self._changes[MAX_CHANGES:]

    @property
    def _changes(self) -> list[str]:
        sentences: list[str] = self.trace.response.get("changes", [])
        return [] if self.trace.message == " ".join(sentences) else sentences


def turns_of(
    traces: Sequence[DecisionTrace],
    versions: Mapping[UUID, str],
    current: DecisionTrace | None,
    shown: DecisionTrace | None,
) -> Iterator[Turn]:
    """The conversation, oldest first.

    Args:
        traces: the project's decisions, newest first.
        versions: what `versions_by_trace` gives.
        current: the draft that the next turn refines.
        shown: the draft beside the conversation.
    """
    for trace in reversed(traces):
        yield Turn(trace, versions.get(trace.pk, ""), trace == current, trace == shown)


def versions_by_trace(configs: Sequence[VibeConfig]) -> dict[UUID, str]:
    """Which version each decision's draft was provisioned as, the last one where there were several."""
    return {config.trace_id: config.version for config in reversed(configs) if config.trace_id}
