"""Headings, bullets and indents as the sentences that they stand for.

`Clients:` above the bullets `name` and `email` reads as `Clients: name, email`, and so does a bullet `Clients` with
deeper bullets below it. Items that say more than a name, such as `Orders with a date`, stay sentences of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import explicit_type, is_plural, words

_MARKUP = re.compile(r"\*\*|__|`|^\s*#+\s+", re.MULTILINE)
_BULLET = re.compile(r"(?:[-*+\u2022\u2013\u2014]|\d{1,2}[.)])\s+")
_DASH = re.compile(r"^([\w '/&]{1,40}?)\s+(?:[-\u2013\u2014]+>?|=>?)\s+(?=\S)")
_LONGEST_ITEM: Final = 5
"""Words. What is longer says something about an item rather than naming one."""


@dataclass(frozen=True, slots=True)
class _Line:
    indent: int
    is_item: bool
    text: str

    @property
    def heads(self) -> bool:
        """Whether it may stand above a list."""
        return bool(self.text.strip(": ")) and (self.text.endswith(":") or self.is_item)


def unfolded(text: str) -> tuple[str, bool]:
    """The text with every list in a line of its own, and whether there are items that are sentences."""
    lines = [_line(line) for line in _MARKUP.sub("", text).split("\n")]
    made: list[str] = []
    at = 0
    while at < len(lines):
        line, children = lines[at], _children(lines, at)
        at += 1
        if children and all(_names_something(child.text) for child in children):
            made.append(f"{_heading(line.text)}: {', '.join(child.text for child in children)}")
            at += len(children)
        elif line.is_item:
            made.append(_DASH.sub(r"\1: ", line.text))
        elif children:
            made.append(_above_sentences(line.text, children))
        elif not pattern("announcement").match(line.text):
            made.append(line.text)
    return "\n".join(made), any(line.is_item for line in lines)


def _heading(text: str) -> str:
    """The heading of a list of names; `tables` and the like only say that things follow."""
    head = text.rstrip(": ")
    return "things" if head.lower().split()[-1] in words("containers") else head


def _above_sentences(text: str, items: Sequence[_Line]) -> str:
    """What a heading says when its items are sentences: what the application is for, if it is no thing itself."""
    head = text.rstrip(": ")
    is_spare = pattern("announcement").match(text) or any(pattern("a_command").match(item.text) for item in items)
    if is_spare or _heading(text) == "things":
        return ""
    return text if is_plural(head) or pattern("has").match(head) else f"a system for {head}"


def _line(text: str) -> _Line:
    plain = text.lstrip()
    found = _BULLET.match(plain)
    return _Line(len(text) - len(plain), found is not None, plain[found.end() :] if found else plain.rstrip())


def _children(lines: Sequence[_Line], at: int) -> tuple[_Line, ...]:
    """The items below a heading: deeper ones below an item, all below a line that ends with a colon."""
    head = lines[at]
    if not head.heads:
        return ()
    found: list[_Line] = []
    for line in lines[at + 1 :]:
        if not line.is_item or line.indent <= head.indent - (not head.is_item):
            break
        found.append(line)
    return tuple(found)


def _names_something(text: str) -> bool:
    """Whether an item is no more than a noun, perhaps with an aside: no command, no sentence."""
    plain = re.sub(r"\([^()]*\)", "", text).strip(" .,;")
    _, _, kind = plain.partition(":")
    if kind and explicit_type(kind):
        return True
    says_more = any(pattern(name).match(plain) for name in ("has", "is_linked", "colon", "has_many", "a_command"))
    return bool(plain) and len(plain.split()) <= _LONGEST_ITEM and "," not in plain and not says_more
