"""Breaks lines of TypeScript that are too long, the way Prettier does.

Templates are written in Prettier's style for short names. Where a user's names and labels make a line longer than 80
columns, it is broken here. Only what templates build from such names is known: imports, strings, objects, calls, arrow
functions and JSX elements. What cannot be broken stays long, as it does with Prettier.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

WIDTH: Final = 80
_STEP: Final = "  "
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
_QUOTES: Final = "\"'`"
_STRING: Final = r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
_ANY_STRING = re.compile(rf"{_STRING}|`(?:[^`\\]|\\.)*`", re.DOTALL)
_STRING_VALUE = re.compile(rf"([\w$]+:|(?:export )?const \w+ =) ({_STRING}[,;])\Z")
_TYPE_ARGUMENT = re.compile(r"((?:export )?type \w+ = \w+<)(.*)>;\Z")
_UNION = re.compile(r"(\w+\??:) (\w+ \| .*;)\Z")
_ATTRIBUTE = re.compile(r"(\w+=\{)([\w.?]+)\}\Z")
_ARROW = re.compile(r"((?:[\w$]+: |\{)\(\w*\) =>) (.*?)(,|(?<=/>)\})?\Z")
_PROPERTY = re.compile(r"([\w$]+:) (.*)\Z")
_DEFAULTED = re.compile(r"([\w?.]+ \?\?) (.*)\Z")
_CONDITION = re.compile(r"([\w$]+: \w+) (\? \(.*?\)) (: .*)\Z")
_CHAIN = re.compile(r"(.*? = await \w+)(\.\w+\(.*\))(\.\w+\(\w+\);)\Z")
_SHORT_ARGUMENT: Final = 20
_MAX_DEPTH: Final = 12


def lay_out(code: str) -> str:
    """The code with every line that is too long broken, if it can be."""
    return "\n".join(
        part for line in code.split("\n") for part in (_break(line, 0) if width_of(line) > WIDTH else (line,))
    )


def code_only(text: str) -> str:
    """The text without what stands in strings."""
    return _ANY_STRING.sub("", text)


def width_of(text: str) -> int:
    """How many columns the text takes: wide characters take two, marks that join another none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if "\u0300" <= character <= "\u036f" or unicodedata.category(character) in ("Cc", "Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _break(line: str, depth: int) -> Iterator[str]:
    """The line as lines that fit, or as it is."""
    if width_of(line) <= WIDTH or depth > _MAX_DEPTH:
        yield line
        return
    body = line.lstrip(" ")
    indent = line[: len(line) - len(body)]
    for rule in (_string, _type, _element, _attribute, _arrow, _after_key, _operators, _chain, _brackets):
        parts = rule(indent, body)
        if parts:
            for part in parts:
                yield from _break(part, depth + 1)
            return
    yield line


def _string(indent: str, body: str) -> list[str]:
    """`key: "text",` and `const x = "text";`: the text goes on a line of its own."""
    found = _STRING_VALUE.match(body)
    is_value = found and (found[1][-1], found[2][-1]) in ((":", ","), ("=", ";"))
    return [indent + found[1], indent + _STEP + found[2]] if found and is_value else []


def _type(indent: str, body: str) -> list[str]:
    """`type A = B<C>;`, `key: A | B;`: the argument, or the union, goes on a line of its own; `B<"c">` as a whole."""
    if found := _TYPE_ARGUMENT.match(body):
        if found[2].startswith(tuple(_QUOTES)):
            name, _, value = body.partition(" = ")
            return [f"{indent}{name} =", indent + _STEP + value]
        return [indent + found[1], indent + _STEP + found[2], f"{indent}>;"]
    found = _UNION.match(body)
    return [indent + found[1], indent + _STEP + found[2]] if found else []


def _attribute(indent: str, body: str) -> list[str]:
    """`record={row.link}`: the expression goes on a line of its own."""
    found = _ATTRIBUTE.match(body)
    return [indent + found[1], indent + _STEP + found[2], indent + "}"] if found else []


def _arrow(indent: str, body: str) -> list[str]:
    """`key: (row) => value,`: the value goes on a line of its own, JSX in brackets."""
    found = _ARROW.match(body)
    if not found:
        return []
    if found[2].startswith("<"):
        return [f"{indent}{found[1]} (", indent + _STEP + found[2], f"{indent}){found[3] or ''}"]
    return [indent + found[1], indent + _STEP + found[2] + (found[3] or "")]


def _after_key(indent: str, body: str) -> list[str]:
    """`key: a ?? b,` and calls with one short argument go on a line of their own as a whole."""
    found = _PROPERTY.match(body)
    if not found:
        return []
    value = found[2].rstrip(",")
    arguments = value.partition("(")[2]
    short_call = value.endswith(")") and len(arguments) - 1 <= _SHORT_ARGUMENT
    moves = short_call or _DEFAULTED.match(value)
    return [indent + found[1], indent + _STEP + found[2]] if moves else []


def _operators(indent: str, body: str) -> list[str]:
    """`a ?? b` breaks after its operator, `key: a ? (b) : c` before its operators."""
    if found := _CONDITION.match(body):
        return [indent + found[1], indent + _STEP + found[2], indent + _STEP + found[3]]
    found = _DEFAULTED.match(body)
    return [indent + found[1], indent + found[2]] if found else []


def _chain(indent: str, body: str) -> list[str]:
    """`x = await a.b().c(d);`: each call goes on a line of its own."""
    found = _CHAIN.match(body)
    return [indent + found[1], indent + _STEP + found[2], indent + _STEP + found[3]] if found else []


def _element(indent: str, body: str) -> list[str]:
    """A JSX element: first its child on a line of its own, then its attributes."""
    if not re.match(r"<[A-Za-z]", body):
        return []
    end = _tag_end(body)
    if end < 0:
        return []
    tag, rest = body[: end + 1], body[end + 1 :]
    if rest:
        child, closing, name = rest.rpartition("</")
        return [indent + tag, indent + _STEP + child, indent + closing + name] if closing and child else []
    is_empty = tag.endswith("/>")
    name, *attributes = _split(tag[1 : -2 if is_empty else -1].strip(), " ")
    if not attributes or (len(attributes) == 1 and attributes[0].endswith('"')):
        return []
    lines = [f"{indent}<{name}", *(indent + _STEP + attribute for attribute in attributes)]
    return [*lines, f"{indent}{'/>' if is_empty else '>'}"]


def _brackets(indent: str, body: str) -> list[str]:
    """The last bracket that has something to break: its items go on lines of their own."""
    for start, end in reversed(_groups(body)):
        inside = body[start + 1 : end].strip()
        items = _split(inside, ",")
        is_import = body.startswith("import ")
        is_expression = body[start] == "{" and body[:start].endswith("=")
        if not inside or is_expression or (is_import and len(items) == 1):
            continue
        hugs = body[start] == "(" and len(items) == 1 and items[0][:1] in ("{", "[")
        if hugs:
            continue
        comma = "" if body[start] == "{" and items[0].startswith("...") and len(items) == 1 else ","
        lines = [f"{indent}{_STEP}{item}," for item in items[:-1]]
        return [indent + body[: start + 1], *lines, f"{indent}{_STEP}{items[-1]}{comma}", indent + body[end:]]
    return []


def _groups(body: str) -> list[tuple[int, int]]:
    """Where the outermost brackets open and close; those of a hugged argument follow their call's."""
    found: list[tuple[int, int]] = []
    stack: list[tuple[str, int]] = []
    for position, character in _code(body):
        if character in _OPENING:
            stack.append((_OPENING[character], position))
        elif stack and character == stack[-1][0]:
            opened = stack.pop()[1]
            is_hugged = len(stack) == 1 and stack[0][1] == opened - 1
            if not stack or is_hugged:
                found.append((opened, position))
    return sorted(found)


def _split(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that stand in no bracket, no type argument and no string."""
    parts, depth, types, start = [], 0, 0, 0
    for position, character in _code(text):
        if character in _OPENING:
            depth += 1
        elif character in _OPENING.values():
            depth -= 1
        elif character == "<" and text[position - 1 : position].isalnum():
            types += 1
        elif character == ">" and types and text[position - 1] != "=":
            types -= 1
        elif character == separator and depth == 0 and types == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def _tag_end(body: str) -> int:
    """Where a JSX tag ends, -1 if on a later line."""
    depth = 0
    for position, character in _code(body):
        if character in _OPENING:
            depth += 1
        elif character in _OPENING.values():
            depth -= 1
        elif character == ">" and depth == 0 and body[position - 1] != "=":
            return position
    return -1


def _code(text: str) -> Iterator[tuple[int, str]]:
    """The characters that stand in no string, with their positions."""
    quote, escaped = "", False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif quote:
            if character == "\\":
                escaped = True
            elif character == quote:
                quote = ""
        elif character in _QUOTES:
            quote = character
        else:
            yield position, character
