"""The part of an export job that brings the files to GitHub, and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from core.errors import TooLarge
from core.jobs import JobContext
from exporter import github, github_token
from exporter.github_destination import Destination
from exporter.github_merge import Changes
from exporter.targets import Export

_MAX_CHARACTERS: Final = 50_000_000
"""Of all files together. GitHub takes no file over 100 MB, and a worker has them all in memory at once."""
_NAMED: Final = 3


def deliver(context: JobContext, made: Export, version: str | None) -> dict[str, Any]:
    """Pushes the files and says in the job's result what came of it.

    Args:
        context: of the job, whose payload says under `github` where to, and the claim to the token.
        made: the export.
        version: of the project's schema, for the commit's message.
    """
    asked = context.payload["github"]
    token = github_token.take(asked["claim"])
    try:
        destination = Destination(**asked["destination"])
        pushed = github.push(destination, token, _texts(made), f"Export version {version}", context.progress)
    finally:
        github_token.forget(asked["claim"])  # the same request may have left it once more meanwhile
    return {
        "success": True,
        "message": _message(pushed),
        "repository_url": pushed.url,
        "branch": pushed.branch,
        "commit": pushed.commit,
        "written": len(pushed.changes.written),
        "removed": len(pushed.changes.removed),
        "overwritten": list(pushed.changes.overwritten),
        "kept": list(pushed.changes.kept),
    }


def _texts(made: Export) -> dict[str, str]:
    """All files in memory, as a push needs them."""
    detail = "With its records this project is too large for GitHub. Leave them out, or download the ZIP."
    return dict(made.texts(_MAX_CHARACTERS, TooLarge(detail, code="github_too_large")))


def _message(pushed: github.Pushed) -> str:
    place = f"{pushed.repository}, branch {pushed.branch}"
    if not pushed.commit:
        return f"Nothing has changed since the last export to {place}, so there is no new commit."
    if pushed.created:
        return f"The repository {pushed.repository} was created. Its branch {pushed.branch} holds the application."
    return " ".join((f"One commit brought {place} up to date: {_counts(pushed.changes)}.", *_notes(pushed.changes)))


def _counts(changes: Changes) -> str:
    counts = f"{_files(len(changes.written))} written"
    return f"{counts}, {len(changes.removed)} removed" if changes.removed else counts


def _notes(changes: Changes) -> list[str]:
    notes = []
    if changes.overwritten:
        notes.append(
            f"The branch had another version of {_named(changes.overwritten)}: the commit before still has it."
        )
    if changes.kept:
        notes.append(
            f"{_named(changes.kept)} {_verb(changes.kept)} kept, for somebody had changed what no export has any more."
        )
    return notes


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _named(paths: Sequence[str]) -> str:
    more = len(paths) - _NAMED
    return ", ".join(paths[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _verb(paths: Sequence[str]) -> str:
    return "was" if len(paths) == 1 else "were"
