"""JSON out of a model's words: without fences and prose around it, and with what was cut off closed again."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Final

from schemas.document import Json

_DEEPEST: Final = 32
"""Levels of lists and objects: a reply has ten."""
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)(?:\n```|\Z)", re.DOTALL | re.IGNORECASE)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_CLOSING: Final = {"{": "}", "[": "]"}
_MARKS: Final = frozenset("{}[],")
_PYTHON_WORDS: Final = {"True": "true", "False": "false", "None": "null"}
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_WORD = re.compile(r"\b(?:True|False|None)\b")


def extract_object(text: str) -> dict[str, Json] | None:
    """The JSON object that the text holds; None when it holds none.

    Tried in turn: the text itself, what stands in a fence, what stands from the first brace on; each as it is, then
    mended.
    """
    readings = (reading for candidate in _candidates(text) for reading in _readings(candidate))
    return next((found for reading in readings if (found := _parse(reading)) is not None), None)


def _readings(text: str) -> Iterator[str]:
    yield text
    yield from _mended(text)


def _candidates(text: str) -> list[str]:
    found = [text, *(match[1] for match in _FENCE.finditer(text))]
    if (start := text.find("{")) >= 0:
        found.append(text[start:])
    return found


def read_value(text: str) -> Json:
    """The JSON value that the text is, fit to be stored; raises `ValueError` when it is none, or nested too deep."""
    try:
        value, end = _decoder().raw_decode(text.strip())
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if end != len(text.strip()):
        raise ValueError("more than one value")
    return _storable(value)


def clean_text(text: str) -> str:
    """The text without NUL characters and lone surrogates, which are no text to PostgreSQL."""
    if _NO_TEXT.search(text) is None:
        return text
    return text.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _parse(text: str) -> dict[str, Json] | None:
    try:
        value, _end = _decoder().raw_decode(text.strip())
        return _storable(value) if isinstance(value, dict) else None
    except (ValueError, RecursionError):
        return None


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=lambda word: None)


def _storable(value: Json, depth: int = 0) -> Json:
    """The value without what JSON of Python's kind has and PostgreSQL's has not; raises `ValueError` when too deep."""
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(key): _storable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item, depth + 1) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _mended(text: str) -> list[str]:
    """The text with commas before a bracket gone, Python's words as JSON's, and open strings and brackets closed.

    Of a text that breaks off there is a second reading, without what stands behind its last bracket or comma: half a
    key, say.
    """
    kept: list[str] = []
    outside: list[str] = []
    open_brackets: list[str] = []
    sure = 0
    in_string = is_escaped = False
    for character in text.strip():
        if in_string:
            kept.append("\\n" if character == "\n" else character)
            in_string = is_escaped or character != '"'
            is_escaped = character == "\\" and not is_escaped
            continue
        if character == '"':
            _flush(outside, kept)
            in_string = True
            kept.append(character)
            continue
        if character in _CLOSING:
            open_brackets.append(_CLOSING[character])
        elif open_brackets and character == open_brackets[-1]:
            open_brackets.pop()
        outside.append(character)
        if character in _MARKS:
            _flush(outside, kept)
            sure = len(kept)
        if not open_brackets and character in _CLOSING.values():
            break
    if in_string:
        kept.append('"')
    _flush(outside, kept)
    readings = (kept, kept[:sure]) if open_brackets else (kept,)
    return [_closed(reading, open_brackets) for reading in readings]


def _closed(kept: list[str], open_brackets: list[str]) -> str:
    text = re.sub(r"[,:\s]+\Z", "", "".join(kept)) + "".join(reversed(open_brackets))
    return _TRAILING_COMMA.sub(r"\1", text)


def _flush(outside: list[str], kept: list[str]) -> None:
    """Moves what stands outside of strings to the result, with Python's words as JSON's."""
    kept.append(_WORD.sub(lambda word: _PYTHON_WORDS[word[0]], "".join(outside)))
    outside.clear()
