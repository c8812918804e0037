"""Prints Python the way `ruff format` lays it out.

What fits on a line stays on it; what does not is written one part a line with a comma after the last. That comma keeps
the lines apart whatever the formatter thinks would fit, so only the width of a line has to be judged here, and where
characters are wide it may be judged too wide without harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from exporter.environment import py_repr

WIDTH: Final = 100
"""Columns of a line in exported Python; its `pyproject.toml` says the same."""
_STEP: Final = 4


@dataclass(frozen=True, slots=True)
class Name:
    """An expression that is printed as it is, such as `Status.choices`."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call.

    Args:
        function: what is called, such as `models.CharField`.
        positional: the positional arguments.
        keywords: the named ones, in the order in which they are written.
    """

    function: str
    positional: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values with a comma and, where they fit on the line, no brackets: a member of an enumeration of choices."""

    first: Any
    second: Any


def statement(target: str, value: Any, indent: int = 0) -> str:
    """`target = value`, indented, on as many lines as it takes. Without a target it is the value alone."""
    prefix = f"{target} = " if target else ""
    line = " " * indent + prefix + flat(value)
    if target and isinstance(value, str) and _width(line) > WIDTH:
        own = " " * (indent + _STEP) + py_repr(value)
        # Only a line that becomes short enough by it is worth the brackets.
        return f"{' ' * indent}{prefix}(\n{own}\n{' ' * indent})" if _width(own) <= WIDTH else line
    return laid_out(prefix, value, indent)


def laid_out(prefix: str, value: Any, indent: int = 0, suffix: str = "") -> str:
    """A value with what stands before and after it, indented, on as many lines as it takes."""
    return "\n".join(_lines(prefix, value, indent, suffix))


def flat(value: Any) -> str:
    """The value on one line."""
    if isinstance(value, Pair):
        return f"{flat(value.first)}, {flat(value.second)}"
    opened, parts, closed = _parts(value)
    if not closed:
        return opened
    inside = ", ".join(prefix + flat(part) for prefix, part in parts)
    return f"{opened}{inside}{',' if closed == ')' and opened == '(' and len(parts) == 1 else ''}{closed}"


def imported(module: str, names: list[str]) -> str:
    """An import of names that are sorted already."""
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join((f"from {module} import (", *(f"    {name}," for name in names), ")"))


def _lines(prefix: str, value: Any, indent: int, suffix: str) -> list[str]:
    line = f"{' ' * indent}{prefix}{flat(value)}{suffix}"
    opened, parts, closed = _parts(value)
    if not parts or _width(line) <= WIDTH:
        return [line]
    inside = [text for lead, part in parts for text in _lines(lead, part, indent + _STEP, ",")]
    return [f"{' ' * indent}{prefix}{opened}", *inside, f"{' ' * indent}{closed}{suffix}"]


def _parts(value: Any) -> tuple[str, list[tuple[str, Any]], str]:
    """What a value begins with, what it consists of, each with what stands before it, and what it ends with."""
    match value:
        case Call():
            named = [(f"{name}=", part) for name, part in value.keywords.items()]
            return f"{value.function}(", [*(("", part) for part in value.positional), *named], ")"
        case Pair():
            return "(", [("", value.first), ("", value.second)], ")"
        case list():
            return "[", [("", part) for part in value], "]"
        case tuple():
            return "(", [("", part) for part in value], ")"
        case Mapping():
            return "{", [(f"{flat(key)}: ", part) for key, part in value.items()], "}"
        case Name():
            return value.text, [], ""
        case str():
            return py_repr(value), [], ""
        case Decimal():
            return f"Decimal({py_repr(str(value))})", [], ""
        case _:
            return repr(value), [], ""


def _width(line: str) -> int:
    """How many columns a line takes at most."""
    return max((sum(1 if character.isascii() else 2 for character in part) for part in line.split("\n")), default=0)
