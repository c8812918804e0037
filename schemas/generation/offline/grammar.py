"""The patterns of `grammar.txt`, in Python's regular expressions. That file says how they are written."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final

_FRAGMENT = re.compile(r"\{([A-Z_]+)\}")
_TOKEN = re.compile(r"\\.|\[[^\]]*\]|<(\w+)(\*|:)?|>|\(\?|.")


@cache
def commands() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The commands, each with the name of what it asks for, most special first."""
    return tuple((name, _compiled(f"^(?:{source})$")) for name, source in _sections()["commands"])


@cache
def pattern(name: str) -> re.Pattern[str]:
    """The pattern of that name from one of the other sections; raises `KeyError`."""
    return _compiled(_sources()[name])


@cache
def grammar_text() -> str:
    """The file as it is."""
    return (files(__package__) / "grammar.txt").read_text("utf-8")


@cache
def _sources() -> dict[str, str]:
    """All patterns but the commands, as they are written: each is compiled when it is first asked for."""
    return {name: source for section, lines in _sections().items() if section != "commands" for name, source in lines}


@cache
def _sections() -> dict[str, list[tuple[str, str]]]:
    text = grammar_text()
    sections: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            name, source = line.split(": ", 1)
            current.append((name, source))
    return sections


def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(_translated(_expanded(source)), re.IGNORECASE)


def _expanded(source: str) -> str:
    """The source with its fragments filled in, to any depth."""
    fragments = dict(_sections()["fragments"])
    while found := _FRAGMENT.search(source):
        source = source[: found.start()] + fragments[found[1]] + source[found.end() :]
    return source


_CAUGHT: Final = {None: ".+?)", "*": ".+)", ":": ""}


def _translated(source: str) -> str:
    """Our notation as a regular expression."""
    made: list[str] = []
    position, opened = 0, 0
    while token := _TOKEN.match(source, position):
        position = token.end()
        text = token[0]
        if token[1]:
            made.append(f"(?P<{token[1]}>{_CAUGHT[token[2]]}")
            if token[2] == ":":
                opened += 1
            else:
                position += 1
        elif text == ">" and opened:
            made.append(")")
            opened -= 1
        elif text == "(":
            made.append("(?:")
        else:
            made.append(r"\s+" if text == " " else text)
    return "".join(made)
