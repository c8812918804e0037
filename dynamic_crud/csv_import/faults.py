"""What is wrong with a line of a file that is imported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from core.errors import Problem

_PLACE: Final = re.compile(r"\$\[(\d+)\](?:\.([A-Za-z0-9_]+))?")


class Wrong(Exception):
    """A cell cannot be read.

    Args:
        detail: what is wrong, in one sentence.
        fix: what to do about it, in one sentence.
    """

    def __init__(self, detail: str, fix: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line.

    Args:
        line: the number of the line in the file.
        column: what the file calls the column; empty where it is about the line.
        value: what the cell says, in short.
        detail: what is wrong, in one sentence.
        fix: what to do about it, in one sentence.
    """

    line: int
    column: str
    value: str
    detail: str
    fix: str

    def to_json(self) -> dict[str, Any]:
        """The fault for a report."""
        return asdict(self)


def path_of(line: int) -> str:
    """The JSON path by which `Records` names a line."""
    return f"$[{line}]"


def places_of(problem: Problem) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """The lines, the columns (or "") and the entries of a problem that names lines by `path_of`."""
    for entry in problem.errors:
        place = _PLACE.match(str(entry.get("path", "")))
        if place:
            yield int(place[1]), place[2] or "", entry
