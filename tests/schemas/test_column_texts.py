"""How single types read the text of a value."""

from __future__ import annotations

from schemas.column_types import column_types
from schemas.document import Column


def test_a_select_is_read_by_value_or_label() -> None:
    kind = column_types.get("select")
    column = Column("c", "x", "select", config={"options": [{"value": "in_work", "label": "In Work"}]})

    assert kind.parse(column, "in_work") == kind.parse(column, "in work") == "in_work"


def test_the_numbers_of_a_column_are_read_with_its_prefix_or_without() -> None:
    kind = column_types.get("auto_number")
    for prefix in ("", "INV-", "2026", "A B ", " "):
        column = Column("c", "x", "auto_number", config={"prefix": prefix, "padding": 3})
        assert kind.parse(column, "7") == kind.parse(column, f"{prefix.lower()}007") == f"{prefix}007"


def test_options_with_commas_quotes_and_lines_are_read_back_from_text() -> None:
    kind = column_types.get("multi_select")
    values = ["plain", "a, b", 'say "so"', "two\nlines", "it's", "\u202e\u05d0", '"']
    column = Column("c", "x", "multi_select", config={"options": [{"value": value} for value in values]})

    assert kind.parse(column, kind.text(column, values)) == values
    assert kind.parse(column, ' Plain ,"A, b"') == ["plain", "a, b"]
