"""JSON out of a model's words: without fences and prose around it, and with what was cut off closed again."""

from __future__ import annotations

import json
import re
from typing import Final

from schemas.document import Json

_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)(?:\n```|\Z)", re.DOTALL | re.IGNORECASE)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_CLOSING: Final = {"{": "}", "[": "]"}
_PYTHON_WORDS: Final = {"True": "true", "False": "false", "None": "null"}
_WORD = re.compile(r"\b(?:True|False|None)\b")


def extract_object(text: str) -> dict[str, Json] | None:
    """The JSON object that the text holds; None when it holds none.

    Tried in turn: the text itself, what stands in a fence, what stands from the first brace on; each as it is, then
    mended.
    """
    for candidate in _candidates(text):
        for attempt in (candidate, _mended(candidate)):
            found = _parse(attempt)
            if found is not None:
                return found
    return None


def _candidates(text: str) -> list[str]:
    found = [text, *(match[1] for match in _FENCE.finditer(text))]
    if (start := text.find("{")) >= 0:
        found.append(text[start:])
    return found


def _parse(text: str) -> dict[str, Json] | None:
    try:
        value, _end = json.JSONDecoder().raw_decode(text.strip())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _mended(text: str) -> str:
    """The text with its open strings and brackets closed, commas before a bracket gone, Python's words as JSON's."""
    kept: list[str] = []
    outside: list[str] = []
    open_brackets: list[str] = []
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
        if not open_brackets and character in _CLOSING.values():
            break
    if in_string:
        kept.append('"')
    _flush(outside, kept)
    closed = re.sub(r"[,:\s]+\Z", "", "".join(kept)) + "".join(reversed(open_brackets))
    return _TRAILING_COMMA.sub(r"\1", closed)


def _flush(outside: list[str], kept: list[str]) -> None:
    """Moves what stands outside of strings to the result, with Python's words as JSON's."""
    kept.append(_WORD.sub(lambda word: _PYTHON_WORDS[word[0]], "".join(outside)))
    outside.clear()
