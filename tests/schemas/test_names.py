from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.names import (
    humanise,
    is_name,
    model_name,
    plural,
    relation_column_name,
    relation_field_name,
    reserved_as_column,
    reserved_as_table,
    singular,
    slug,
)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("agent", "agents"),
        ("property", "properties"),
        ("Real estate agency", "Real estate agencies"),
        ("invoice_item", "invoice_items"),
        ("person", "people"),
        ("status", "statuses"),
        ("address", "addresses"),
        ("staff", "staff"),
        ("bonus", "bonuses"),
        ("tax", "taxes"),
        ("criterion", "criteria"),
        ("class", "classes"),
    ],
)
def test_singular_and_plural(one: str, many: str) -> None:
    assert plural(one) == plural(many) == many
    assert singular(many) == singular(one) == one


@pytest.mark.parametrize("name", ["a", "due_date", "a1_b2", "a" * 63])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "A", "1a", "_a", "a_", "a__b", "ä", "a b", "a\n", "a" * 64, None, 5])
def test_other_things_are_no_names(name: object) -> None:
    assert not is_name(name)


@given(st.text(max_size=300))
def test_a_slug_is_a_name(words: str) -> None:
    assert is_name(slug(words))


@pytest.mark.parametrize("name", ["ctid", "xmin", "class", "from", "save", "pk", "objects", "clean", "full_clean"])
def test_names_that_would_break_a_table_or_a_record_are_reserved(name: str) -> None:
    assert reserved_as_column(name)


@pytest.mark.parametrize("name", ["order", "user", "select", "count", "page", "name", "type", "data", "format"])
def test_ordinary_words_and_keywords_of_sql_are_not(name: str) -> None:
    assert not reserved_as_column(name)
    assert not reserved_as_table(name)


def test_tables_of_postgresql_are_reserved() -> None:
    assert reserved_as_table("pg_class")


def test_names_of_relations_and_models() -> None:
    assert relation_field_name("agent_id") == "agent"
    assert relation_column_name("agent") == relation_column_name("agent_id") == "agent_id"
    assert model_name("real_estate_agents") == "RealEstateAgents"
    assert humanise("agent_id") == "Agent"
    assert humanise("due_date") == "Due date"
