"""The tables of a reply that is still being written: each is named as soon as its name is complete."""

from __future__ import annotations

import json
import re
from typing import Final

from schemas import limits

_STRUCTURE: Final = re.compile(r'["{}\[\]:,]')
_IN_STRING: Final = re.compile(r'["\\]')
_LABELS: Final = ("name", "label", "label_plural")
"""What a table is called, from the weakest to the best."""
_TABLES: Final = ("[", "tables")
_MOST_CHARACTERS: Final = 80


class StreamedTables:
    """Reads JSON piece by piece and notes the tables in it. Each character is looked at once, however many pieces.

    A table is an object in a list under the key `tables`, wherever that stands. What comes before the first brace, such
    as a sentence or a fence, is passed over; of JSON that is broken, names are noted as far as they can be told.
    """

    def __init__(self) -> None:
        self._names: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._key = ""
        self._awaits_value = False
        self._string: list[str] | None = None
        self._escaped = False
        self._last = ""
        self._best = -1

    @property
    def names(self) -> list[str]:
        """The tables so far, as people call them."""
        return list(self._names)

    def feed(self, piece: str) -> bool:
        """Reads on; says whether a table came or got a better name."""
        changed, at = False, 0
        while at < len(piece):
            if self._string is not None:
                at = self._read_string(piece, at)
                changed = (self._string is None and self._note()) or changed
                continue
            found = _STRUCTURE.search(piece, at)
            if found is None:
                break
            at = found.end()
            self._read_mark(found[0])
        return changed

    def _read_string(self, piece: str, at: int) -> int:
        """Reads the open string to its end, or to that of the piece; returns where it stopped."""
        text = self._string or []
        while at < len(piece):
            if self._escaped:
                text.append(piece[at])
                self._escaped = False
                at += 1
                continue
            found = _IN_STRING.search(piece, at)
            end = found.start() if found else len(piece)
            text.append(piece[at:end])
            if found is None:
                at = end
                break
            at = found.end()
            if found[0] == '"':
                self._last, self._string = "".join(text), None
                return at
            text.append("\\")
            self._escaped = True
        self._string = text
        return at

    def _read_mark(self, mark: str) -> None:
        if mark == '"':
            self._string = [] if self._open else None
            return
        self._awaits_value = mark == ":"
        if mark in "{[":
            if mark == "{" and self._open and self._open[-1] == _TABLES:
                self._best = -1
            self._open.append((mark, self._key))
        elif mark in "}]" and self._open:
            self._open.pop()
        elif mark == ":":
            self._key = self._last

    def _note(self) -> bool:
        """Takes the string that has just ended as a name, if it is the value of one; says whether it did."""
        is_value, self._awaits_value = self._awaits_value, False
        in_table = len(self._open) > 1 and self._open[-1][0] == "{" and self._open[-2] == _TABLES
        if not is_value or not in_table or self._key not in _LABELS:
            return False
        rank, label = _LABELS.index(self._key), _label(self._last, self._key)
        if not label or rank <= self._best:
            return False
        if self._best < 0:
            if len(self._names) >= limits.max_tables():
                return False
            self._names.append(label)
        else:
            self._names[-1] = label
        self._best = rank
        return True


def _label(raw: str, key: str) -> str:
    """The string as people read it, without what cannot be shown."""
    try:
        text = str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        text = raw
    if key == "name":
        text = text.replace("_", " ").capitalize()
    return "".join(character for character in text if character.isprintable())[:_MOST_CHARACTERS].strip()
