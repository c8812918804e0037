"""The tables of a reply that is still being written."""

from __future__ import annotations

import json
import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.generation.streamed_tables import StreamedTables
from tests.schemas.generation.replies import CLINIC, GOOD, modifying

LABELS = [table.label_plural for table in CLINIC]
TABLE = {"name": "fax_numbers", "label": "", "label_plural": "", "columns": [{"name": "digits", "label_plural": "No"}]}


def names_after(*pieces: str) -> list[str]:
    tables = StreamedTables()
    for piece in pieces:
        tables.feed(piece)
    return tables.names


def test_a_table_is_named_as_soon_as_its_name_is_complete() -> None:
    tables = StreamedTables()

    assert not tables.feed('{"tables": [{"name": "lab_re')
    assert tables.names == []
    assert tables.feed('sults"')
    assert tables.names == ["Lab results"]
    assert tables.feed(', "label_plural": "Laboratory results", "columns": [{"name": "taken_at"')
    assert tables.names == ["Laboratory results"]


@given(cuts=st.lists(st.integers(0, len(json.dumps(GOOD))), max_size=60))
def test_it_does_not_matter_where_the_reply_is_cut(cuts: list[int]) -> None:
    text = json.dumps(GOOD)
    places = [0, *sorted(cuts), len(text)]

    assert names_after(*(text[start:end] for start, end in pairwise(places))) == LABELS


def test_single_characters_are_enough() -> None:
    assert names_after(*json.dumps(GOOD, indent=2)) == LABELS


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"Here is it:\n```json\n{json.dumps({'tables': [TABLE]})}\n```", ["Fax numbers"]),
        (json.dumps({"schema_json": {"tables": [TABLE]}}), ["Fax numbers"]),
        (json.dumps(modifying({"op": "add_table", "tables": [TABLE]})), ["Fax numbers"]),
        (json.dumps(modifying({"op": "add_column", "table": "agents", "columns": [{"name": "fax"}]})), []),
        (json.dumps({"name": "Fax", "tables": []}), []),
        ('{"tables": [{"name": "a\\\\"}, {"name": "b \\"c\\""}]}', ["A\\", 'B "c"']),
        ('{"tables": [{"name": "\\u00e9tudes"}, {"name": "x\\ud800\\u0000\\u202ey"}]}', ["Études", "Xy"]),
        ('{"tables": [{"name": "' + "x" * 500 + '"}]}', ["X" + "x" * 79]),
        ('{"tables": [{"name": 7, "label": ["x"], "label_plural": {"name": "no"}}]}', []),
        ("]]}} [[[ , : }", []),
        ('"tables": [{"name": "prose"}]', []),
        ('{"tables": [{"name": "\\u12', []),
        ('{"tables": [{"name": "\\u12"}', ["\\u12"]),
    ],
)
def test_tables_are_found_wherever_a_model_puts_them(text: str, names: list[str]) -> None:
    assert names_after(text) == names


@given(text=st.text(alphabet='{}[]:,"\\\\ tablesnam\n', max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    names_after(*text)


def test_no_more_tables_are_named_than_there_may_be(settings: object) -> None:
    text = json.dumps({"tables": [{"name": f"t{number}", "label_plural": f"T{number}"} for number in range(300)]})

    assert len(names_after(text)) == 100


def test_nothing_of_what_was_read_is_kept_to_be_read_again() -> None:
    tables = StreamedTables()
    text = json.dumps(GOOD) * 14
    for start in range(0, len(text), 4):
        tables.feed(text[start : start + 4])

    assert len(text) > 128_000
    assert len(pickle.dumps(tables)) < 10_000
