"""JSON out of a model's words."""

import json

import pytest

from schemas.generation.json_text import extract_object, read_value


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


@pytest.mark.parametrize(
    "rest", [', "na', ', "name"', ', "name":', ", ", ', "name": "x\\', ', "name": "x\\u00', ', "n": tru']
)
def test_half_a_fact_at_the_end_is_left_out_or_closed(rest: str) -> None:
    found = extract_object('{"a": [1, {"b": "x"' + rest)

    assert found is not None
    assert found["a"][1]["b"] == "x"


def test_every_beginning_of_a_reply_can_be_read() -> None:
    text = '{"tables": [{"name": "a", "columns": [{"name": "b", "required": true}]}, {"name": "c, {", "n": -1.5e3}]}'

    assert all(extract_object(text[:end]) is not None for end in range(1, len(text) + 1))


@pytest.mark.parametrize("text", ["NaN", "[1, 1e999]", '{"a": "\\u0000b\\ud800"}', "-Infinity"])
def test_values_are_such_as_can_be_stored(text: str) -> None:
    stored = json.dumps(read_value(text), allow_nan=False)

    assert not {"\\u0000", "\\ud800"} & {stored[at : at + 6] for at in range(len(stored))}


@pytest.mark.parametrize("text", ["", "x", "1 2", "[" * 100_000, "[" * 40 + "]" * 40])
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"value|deep"):
        read_value(text)


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
