"""Quoting: names are refused rather than cut, values can say anything."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import sql


@pytest.mark.parametrize(
    "name", ["", "Deals", 'a"b', "a b", "été", "1a", "a-b", "a;drop", "a\0b", "a\n", "x" * 64, "é" * 40]
)
def test_what_is_not_a_plain_name_is_refused(name: str) -> None:
    with pytest.raises(sql.InvalidIdentifier):
        sql.identifier(name)


def test_a_name_of_63_bytes_is_the_longest() -> None:
    assert sql.text(sql.identifier("x" * 63)) == f'"{"x" * 63}"'


def test_keywords_are_names_like_any_other() -> None:
    assert sql.text(sql.identifier("p_x", "select")) == '"p_x"."select"'


def test_a_nul_byte_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        sql.literal("a\0b")


def test_any_text_comes_back_as_it_went_in(superuser: psycopg.Connection) -> None:
    @given(st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",))))
    def check(value: str) -> None:
        row = superuser.execute(sql.format("select {value}::text", value=sql.literal(value))).fetchone()
        assert row == (value,)

    check()
