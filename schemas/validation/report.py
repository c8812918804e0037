"""Collects the problems of one document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice
from typing import Final

from schemas.characters import escaped
from schemas.document import Json
from schemas.problems import Edit, Problem

MAX_PROBLEMS: Final = 200
"""Nobody mends more at once, and the answer to a hostile document stays small."""

_LONGEST_QUOTE: Final = 60
_MOST_COMPARED: Final = 300
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}\Z")


class Report:
    """The problems found so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.has_errors = False

    @property
    def is_full(self) -> bool:
        """Whether further problems are no longer noted."""
        return len(self.problems) >= MAX_PROBLEMS

    def error(self, code: str, path: str, detail: str, fix: str, mend: tuple[Edit, ...] = ()) -> None:
        """Adds a problem that keeps the document from being used."""
        self.add(Problem("error", code, path, detail, fix, mend))

    def warning(self, code: str, path: str, detail: str, fix: str, mend: tuple[Edit, ...] = ()) -> None:
        """Adds a problem that does not."""
        self.add(Problem("warning", code, path, detail, fix, mend))

    def add(self, problem: Problem) -> None:
        """Adds a problem, unless there are more than anybody reads."""
        self.has_errors = self.has_errors or problem.severity == "error"
        if not self.is_full:
            self.problems.append(replace(problem, detail=escaped(problem.detail), fix=escaped(problem.fix)))

    def nearest(self, name: str, known: Iterable[str]) -> str:
        """What was probably meant; empty when nothing is near, or when nobody will read it."""
        if self.is_full:
            return ""
        near = get_close_matches(name[:_LONGEST_QUOTE], list(islice(known, _MOST_COMPARED)), n=1)
        return near[0] if near else ""

    def suggest(self, name: str, known: Iterable[str], otherwise: str) -> str:
        """What was probably meant, as the sentence of a fix."""
        near = self.nearest(name, known)
        return f"Did you mean {quote(near)}?" if near else otherwise


def quote(value: Json) -> str:
    """A value of a document in a sentence, shortened."""
    text = value if isinstance(value, str) else type(value).__name__
    short = text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."
    return json.dumps(short, ensure_ascii=False)


def key_path(path: str, key: str) -> str:
    """The path of a key of an object."""
    return f"{path}.{key}" if _PLAIN_KEY.match(key) else f"{path}[{escaped(quote(key))}]"
