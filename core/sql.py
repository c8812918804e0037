"""The only place where SQL identifiers and literals are built.

Everything that reaches PostgreSQL as text passes through here, so that quoting is decided once, at the sink. Names are
refused, never truncated, when they would not fit: PostgreSQL cuts silently at 63 bytes, and two long names would
become one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, LiteralString

from psycopg import sql

MAX_IDENTIFIER_BYTES = 63
"""NAMEDATALEN - 1 of every stock PostgreSQL build."""

_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_TYPE_NAME = re.compile(r"[a-z]+( [a-z]+)*(\(\d+(, ?\d+)?\))?(\[\])?\Z")

Composable = sql.Composable
SQL = sql.SQL

PARAMETER = sql.SQL("\0")
"""The place of a parameter, for `statement`. No name and no literal has this character."""


class InvalidIdentifier(ValueError):
    """A name that PostgreSQL would cut, misread or refuse."""


def identifier(*names: str) -> sql.Identifier:
    """A quoted, dot-joined identifier such as `"p_x"."deals"`.

    Only lower-case ASCII letters, digits and underscores pass: every name of ours has that form, so whatever has
    another one is a mistake or an attack.

    Raises:
        InvalidIdentifier: when a part is empty, has another character, or is longer than 63 bytes.
    """
    for name in names:
        if not _PLAIN_NAME.match(name):
            raise InvalidIdentifier(f"{name!r} is not a name: use lower-case letters, digits and underscores.")
        if len(name.encode()) > MAX_IDENTIFIER_BYTES:
            raise InvalidIdentifier(f"{name!r} is longer than {MAX_IDENTIFIER_BYTES} bytes.")
    return sql.Identifier(*names)


def existing(*names: str) -> sql.Identifier:
    """A quoted identifier of something that is in the database already, whoever gave it its name.

    For what others made behind the product's back. Every name of ours goes through `identifier`.
    """
    return sql.Identifier(*names)


def identifiers(names: Iterable[str]) -> sql.Composed:
    """A comma-separated list of identifiers."""
    return sql.SQL(", ").join(identifier(name) for name in names)


def type_name(name: str) -> sql.Composable:
    """A PostgreSQL type such as `numeric(12, 2)` or `text[]`; raises `InvalidIdentifier` for any other text."""
    if not _TYPE_NAME.match(name):
        raise InvalidIdentifier(f"{name!r} is not the name of a PostgreSQL type.")
    return sql.SQL(name)


def literal(value: Any) -> sql.Literal:
    """A quoted literal of a Python value. A NUL byte is refused: PostgreSQL has no such text."""
    if isinstance(value, str) and "\0" in value:
        raise ValueError("A text for PostgreSQL cannot contain a NUL byte.")
    return sql.Literal(value)


def literals(values: Iterable[Any]) -> sql.Composed:
    """A comma-separated list of literals."""
    return sql.SQL(", ").join(literal(value) for value in values)


def format(template: LiteralString, **parts: sql.Composable) -> sql.Composed:
    """`template` with its `{name}` places filled. The template is a literal of our own code, never built text."""
    return sql.SQL(template).format(**parts)


def join(separator: LiteralString, parts: Iterable[sql.Composable]) -> sql.Composed:
    """The parts with `separator`, a literal of our own code, between them."""
    return sql.SQL(separator).join(parts)


def text(composable: sql.Composable) -> str:
    """The SQL as text: what is stored in plans, shown to people and executed."""
    return composable.as_string(None)


def statement(composable: sql.Composable) -> str:
    """The SQL as text for psycopg: `%s` for every `PARAMETER`, and every other percent sign doubled."""
    return text(composable).replace("%", "%%").replace("\0", "%s")
