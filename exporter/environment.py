"""How templates are rendered: sandboxed Jinja2 that fails on undefined names, and the filters that make text safe.

Whatever a user wrote goes through the filter of the language it lands in. Templates come from our own folder only;
the sandbox is the second wall. Delimiters are `[[ ]]`, `<% %>` and `<# #>`, which TypeScript, CSS and YAML hardly use.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Final

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from schemas.names import model_name

TEMPLATE_SUFFIX: Final = ".jinja"
TABLE_PART: Final = "__table__"
"""A path with this in it stands for one file a table; it becomes the table's slug, or what else the target says."""

_ROOT: Final = Path(__file__).resolve().parent / "templates"
_SHARED: Final = _ROOT / "shared"
"""What templates of several targets include. It makes no files of its own."""

_PLAIN_ATTRIBUTE = re.compile(r"[^\"&\\{}<>]*\Z")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~&-])")


class UnsafePath(ValueError):
    """A path that would leave the exported folder."""


def template_paths(target: str) -> Iterator[PurePosixPath]:
    """The paths of a target's template files below its folder, sorted."""
    root = _ROOT / target
    yield from sorted(PurePosixPath(path.relative_to(root).as_posix()) for path in root.rglob("*") if path.is_file())


def template_text(target: str, path: PurePosixPath) -> str:
    """A template file that is copied as it is."""
    return (_ROOT / target / path).read_text("utf-8")


@cache
def environment(target: str) -> ImmutableSandboxedEnvironment:
    """The environment of a target's templates, which keeps them compiled."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([_ROOT / target, _SHARED]),
        undefined=StrictUndefined,
        autoescape=False,  # what comes out is source code: each value is escaped for its language
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "ts_string": ts_string,
        "py_repr": py_repr,
        "json_string": json_string,
        "jsx_attribute": jsx_attribute,
        "regex_literal": regex_literal,
        "markdown": markdown,
        "model_name": model_name,
    }
    return made


def checked_path(path: str) -> str:
    """The path of an exported file, if it stays inside the exported folder on every system; else `UnsafePath`."""
    parts = path.split("/")
    unsafe = any(part in ("", ".", "..") or "\\" in part or ":" in part or not part.isprintable() for part in parts)
    if unsafe:
        raise UnsafePath(f"{path!r} is not a path inside the exported folder.")
    return path


def ts_string(value: str) -> str:
    """The value as a TypeScript string literal, with the quotes that need fewer escapes, as Prettier writes it.

    Control characters, line separators, half characters and direction marks are escaped: nobody can hide code in them.
    """
    quote = _quote(value)
    return quote + "".join(_escaped(character, quote, "\\u{{{:x}}}") for character in value) + quote


def py_repr(value: str) -> str:
    """The value as a Python string literal, as `ruff format` writes it; what could hide code in it is escaped."""
    quote = _quote(value)
    return quote + "".join(_escaped(character, quote, "\\U{:08x}") for character in value) + quote


def json_string(value: str) -> str:
    """The value as a JSON string."""
    return json.dumps(value, ensure_ascii=False)


def jsx_attribute(value: str) -> str:
    """The value of a JSX attribute: plain in quotes where that means the same, else an expression."""
    literal = ts_string(value)
    return literal if _PLAIN_ATTRIBUTE.match(value) and literal == f'"{value}"' else f"{{{literal}}}"


def regex_literal(pattern: str) -> str:
    r"""A Python pattern as a JavaScript regular expression: `\A` and `\Z` are `^` and `$` there."""
    body = pattern.replace(r"\A", "^").replace(r"\Z", "$")
    return "/" + re.sub(r"(?<!\\)/", r"\\/", body) + "/"


def markdown(value: str) -> str:
    """The value as text in a line of Markdown."""
    return _MARKDOWN.sub(r"\\\1", " ".join(value.split()))


def render(env: ImmutableSandboxedEnvironment, path: PurePosixPath, context: Mapping[str, Any]) -> str:
    """The text of one template."""
    return env.get_template(str(path)).render(context)


def stream(env: ImmutableSandboxedEnvironment, path: PurePosixPath, context: Mapping[str, Any]) -> Iterator[str]:
    """The text of one template in pieces: what a loop goes through is asked for one by one, and not kept."""
    return env.get_template(str(path)).generate(context)


def _quote(value: str) -> str:
    """The quotes that need fewer escapes."""
    return "'" if value.count('"') > value.count("'") else '"'


def _escaped(character: str, quote: str, astral: str) -> str:
    """A character in a string literal.

    Args:
        character: the character.
        quote: what the literal stands in.
        astral: how the language escapes a character beyond U+FFFF.
    """
    if character in ("\\", quote):
        return f"\\{character}"
    if character == "\n":
        return "\\n"
    # Cc control, Cf format (direction marks among them; ZWJ joins emoji and is harmless), Cs half, Zl and Zp line ends.
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character != "\u200d":
        return astral.format(ord(character)) if ord(character) > 0xFFFF else f"\\u{ord(character):04x}"
    return character
