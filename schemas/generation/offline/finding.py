"""Which table or column of a schema a person means by some words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from schemas.document import Column, Schema, Table
from schemas.generation.offline.lexicon import bare, noun_key
from schemas.names import relation_field_name

T = TypeVar("T")

_NEARLY = 0.8
_TABLE_WORD = re.compile(r"\s+(?:tables?|entit(?:y|ies)|records?|list|page)$", re.IGNORECASE)
_COLUMN_WORD = re.compile(r"\s+(?:columns?|fields?|attributes?|propert(?:y|ies))$", re.IGNORECASE)


class Unclear(Exception):
    """The words do not say which table or column is meant.

    Args:
        question: what to ask the user.
        suggestions: prompts that would be clear.
    """

    def __init__(self, question: str, suggestions: Iterable[str] = ()) -> None:
        super().__init__(question)
        self.question = question
        self.suggestions = tuple(suggestions)


@dataclass(frozen=True, slots=True)
class Place:
    """A column and the table that it is in."""

    table: Table
    column: Column


def find_table(schema: Schema, phrase: str) -> Table | None:
    """The table of that name or label, also with a typing mistake; None when there is none."""
    key = noun_key(_TABLE_WORD.sub("", bare(phrase)))
    keys: dict[str, Table] = {}
    for table in schema:
        for name in (table.name, table.label, table.label_plural):
            keys.setdefault(noun_key(name), table)
    return keys.get(key) or _nearest(key, keys)


def table_named(schema: Schema, phrase: str) -> Table:
    """The table that the phrase means; raises `Unclear`."""
    table = find_table(schema, phrase)
    if table is None:
        known = ", ".join(table.label_plural for table in schema)
        raise Unclear(f'I know no table "{bare(phrase)}". Which one do you mean? There are: {known}.')
    return table


def find_column(table: Table, phrase: str) -> Column | None:
    """The column of that name or label, also with a typing mistake; None when there is none."""
    key = noun_key(_COLUMN_WORD.sub("", bare(phrase)))
    keys: dict[str, Column] = {}
    for column in table.columns:
        for name in (column.name, relation_field_name(column.name), column.title):
            keys.setdefault(noun_key(name), column)
    if exact := keys.get(key):
        return exact
    parts = set(key.split("_"))
    partial = {column.name: column for name, column in keys.items() if parts and parts <= set(name.split("_"))}
    if len(partial) == 1:
        return next(iter(partial.values()))
    return _nearest(key, keys)


def place_of(schema: Schema, phrase: str, table_phrase: str = "") -> Place:
    """The column that the words mean, in the table that they name or in the only one that has it.

    Raises:
        Unclear: when no table has it, or several have.
    """
    wanted = bare(phrase)
    if table_phrase and find_table(schema, table_phrase) is None:
        joined = f"{wanted} of {bare(table_phrase)}"
        if not _places(schema, joined):
            table_named(schema, table_phrase)
        wanted, table_phrase = joined, ""
    if table_phrase:
        table = table_named(schema, table_phrase)
        column = find_column(table, wanted)
        if column is None:
            known = ", ".join(column.title for column in table.columns)
            raise Unclear(f'{table.label_plural} have no "{wanted}". Which column do you mean? There are: {known}.')
        return Place(table, column)
    places = _places(schema, wanted)
    if not places:
        raise Unclear(f'No table has a column "{wanted}". Which column do you mean, and of which table?')
    if len(places) > 1:
        names = [place.table.label_plural.lower() for place in places]
        raise Unclear(
            f'Several tables have "{wanted}": {", ".join(names)}. Which one do you mean?',
            [f"{wanted} of {name}" for name in names],
        )
    return places[0]


def _places(schema: Schema, phrase: str) -> list[Place]:
    """Every column that the phrase may mean, where it leads with its table's name only that table's: `agent email`."""
    places = [Place(table, column) for table in schema if (column := find_column(table, phrase))]
    exact = [place for place in places if noun_key(place.column.name) == noun_key(phrase)]
    if exact or places:
        return exact or places
    parts = re.sub(r"'s?\b", "", phrase).split()
    for split in range(1, len(parts)):
        table = find_table(schema, " ".join(parts[:split]))
        column = find_column(table, " ".join(parts[split:])) if table else None
        if table and column:
            return [Place(table, column)]
    return []


def _nearest(key: str, keys: dict[str, T]) -> T | None:
    found = difflib.get_close_matches(key, keys, n=1, cutoff=_NEARLY) if len(key) > 3 else []
    return keys[found[0]] if found else None
