"""What the search box of a list finds, as a condition that the search's index answers (schemas/search.py)."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, Final, LiteralString

from django.db.models import BooleanField, F, Func, Q

from core import sql
from core.tenancy import SEES_OWN_ROWS
from dynamic_crud.resources import Resource
from schemas.document import Column
from schemas.search import searched_columns, text_sql, tsquery, words_of, words_sql

_HAS_WORDS: Final[LiteralString] = (
    "({words} @@ to_tsquery('simple', {query}) and (not {own} or {text} ilike all ({parts})))"
)
"""The rows of who sees a part of them are not found by the index, because `@@` may not see those of others: for them,
comparing texts sorts out most rows before their words are made, which takes ten times as long."""


def search_condition(resource: Resource, text: str) -> Q:
    """Rows that have words beginning with those of a text. Where a table has no text, nothing is found.

    Signs alone are no words: rows are found then in whose columns they stand.
    """
    columns = searched_columns(resource.table)
    if not columns:
        return Q(pk__in=[])
    names = [resource.by_column[column.name].name for column in columns]
    words = words_of(text)
    if not words:
        return reduce(or_, (Q((f"{name}__icontains", text.strip())) for name in names))
    return Q(_HasWords(columns, names, words))


class _HasWords(Func):
    """The condition of a table's own columns: they are its arguments, so that it holds under any alias."""

    output_field = BooleanField()

    def __init__(self, columns: list[Column], names: list[str], words: list[str]) -> None:
        super().__init__(*map(F, names))
        self.columns, self.words = columns, words

    def as_sql(self, *_: Any, **__: Any) -> tuple[str, list[Any]]:
        """The condition and its parameters."""
        places = {
            column.name: sql.existing(place.alias, place.target.column)
            for column, place in zip(self.columns, self.get_source_expressions(), strict=True)
        }
        text = text_sql(self.columns, lambda column: places[column.name])
        condition = sql.format(
            _HAS_WORDS,
            words=words_sql(text),
            query=sql.PARAMETER,
            own=sql.SQL(SEES_OWN_ROWS),
            text=text,
            parts=sql.PARAMETER,
        )
        # A number may be found without the zeros before it.
        parts = [f"%{word.lstrip('0') or word}%" for word in self.words]
        return sql.statement(condition), [tsquery(self.words), parts]
