"""What the search of a table finds: records that have, for each word that is looked for, one that begins with it.

Words are made by PostgreSQL's parser out of the texts of a record without their punctuation, so that `smith` finds
`john.smith@example.com`. The condition is that of an index, so that a million records are searched as fast as ten.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable
from typing import Final, LiteralString

from core import sql
from schemas.column_types import column_types
from schemas.document import Column, Table

LONGEST_TEXT: Final = 100_000
"""The characters of a record that are searched, those of short columns first.

PostgreSQL keeps no more than a megabyte of words of one text, and a character takes up to four bytes.
"""

_INVISIBLE: Final = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Spaces without width and marks of direction: PostgreSQL's parser takes them for a part of the word after them."""

SEPARATORS: Final = string.punctuation + _INVISIBLE
"""What parts words."""

SEPARATORS_SQL: LiteralString = (
    r"""E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~"""
    r"\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff'"
)
"""The same for PostgreSQL, in signs that everybody sees."""

_TEXT: LiteralString = "translate(left({texts}, {longest}), {separators}, {spaces})"
_WORDS: LiteralString = "to_tsvector('simple', {text})"


def searched_columns(table: Table) -> list[Column]:
    """The columns that a search looks into, in the same order whatever order people see them in."""
    found = [column for column in table.columns if column_types.get(column.type).searchable]
    return sorted(found, key=lambda column: (column_types.get(column.type).index_bytes(column) is None, column.id))


def text_sql(columns: Iterable[Column], place: Callable[[Column], sql.Composable]) -> sql.Composable:
    """SQL of the text of a record that is searched.

    Args:
        columns: those of `searched_columns`, of which there is one at least.
        place: the SQL of a column's value.
    """
    texts = (column_types.get(column.type).search_sql(column, place(column)) for column in columns)
    return sql.format(
        _TEXT,
        texts=sql.join(" || ' ' || ", [sql.format("coalesce({text}, '')", text=text) for text in texts]),
        longest=sql.literal(LONGEST_TEXT),
        separators=sql.SQL(SEPARATORS_SQL),
        spaces=sql.literal(" " * len(SEPARATORS)),
    )


def words_sql(text: sql.Composable) -> sql.Composable:
    """SQL of the words of a text, as the index of a table has them."""
    return sql.format(_WORDS, text=text)


def words_of(text: str) -> list[str]:
    """The words that somebody looks for, each with a letter or a digit at least."""
    spaced = text.translate(str.maketrans(SEPARATORS, " " * len(SEPARATORS)))
    return [word for word in spaced.split() if any(map(str.isalnum, word))]


def tsquery(words: Iterable[str]) -> str:
    """What `to_tsquery` makes the search for words of: each is the beginning of one.

    A number is found without the zeros before it as well: they stand for a country, or pad it.
    """
    return " & ".join(_beginning(word) for word in words)


def _beginning(word: str) -> str:
    plain = word.lstrip("0") if word.isdecimal() else word
    return f"'{word}':*" if plain in ("", word) else f"('{word}':* | '{plain}':*)"
