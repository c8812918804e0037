"""JSON out of a model's words."""

import pytest

from schemas.generation.json_text import extract_object


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, {"b": "x"}]}',
        '```json\n{"a": [1, {"b": "x"}]}\n```',
        'Here you are:\n```\n{"a": [1, {"b": "x"}]}\n```\nAnything else?',
        'Sure! {"a": [1, {"b": "x"}]} I hope that this helps {you}.',
        '{"a": [1, {"b": "x",},],}',
        '{"a": [1, {"b": "x"',
        '{"a": [1, {"b": "x"}',
    ],
)
def test_the_object_is_found(text: str) -> None:
    assert extract_object(text) == {"a": [1, {"b": "x"}]}


def test_what_was_cut_off_in_a_text_is_closed() -> None:
    assert extract_object('{"name": "Cli') == {"name": "Cli"}


def test_words_of_python_are_mended_outside_of_texts_only() -> None:
    assert extract_object('{"a": True, "b": None, "c": "None of it, True"}') == {
        "a": True,
        "b": None,
        "c": "None of it, True",
    }


def test_a_line_break_in_a_text_is_mended() -> None:
    assert extract_object('{"a": "two\nlines"}') == {"a": "two\nlines"}


@pytest.mark.parametrize("text", ["", "no", "[1, 2]", '"text"', "{", "}{", "[" * 100_000, '{"a":' * 5_000, "nul"])
def test_what_holds_no_object_gives_none_or_an_empty_one(text: str) -> None:
    assert not extract_object(text) or text.startswith('{"a":')
