"""Version numbers: what two versions of a schema differ in says what the later one is called.

Numbers are semantic, with what is stored in place of an interface. A change that hides something that is stored, or
that may no longer allow it, makes a new major version: a table or column goes, an option goes, a type changes that
loses values, a limit becomes narrower, a column becomes unique, or required without a default that fills it. Any other
change to tables makes a minor version: whatever is new, renamed, made wider or optional, indexes, links, who sees
records. What only changes how things are shown makes a patch: labels, help texts, colours, hints, and order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from schemas.changes import Change
from schemas.document import Schema
from schemas.impact import Impact

FIRST_VERSION: Final = "1.0.0"


def next_version(before: Schema | None, changes: Iterable[Change]) -> str:
    """The number of the version that follows.

    Args:
        before: the version that was changed; None for nothing at all.
        changes: as `schemas.diff.diff` returns them. Without any, the number stays.
    """
    if before is None:
        return FIRST_VERSION
    major, minor, patch = map(int, before.version.split("."))
    impacts = [change.impact for change in changes]
    if not impacts:
        return before.version
    if max(impacts) == Impact.DESTRUCTIVE:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if max(impacts) == Impact.STRUCTURAL else f"{major}.{minor}.{patch + 1}"
