"""The first look at a document: is it JSON that the other checks, and PostgreSQL, can take at all?

It walks without recursion and stops at the size limit, so that a hostile document costs no more than a large one.
"""

from __future__ import annotations

import json
import math
import re
from itertools import chain
from typing import Final

import orjson

from schemas import limits
from schemas.document import Json
from schemas.problems import Code, Put
from schemas.validation.report import Report, key_path, quote

MAX_DEPTH: Final = 32
"""A document needs seven levels; the rest is for JSON in defaults."""

MAX_NUMBER_BITS: Final = 127
"""38 digits, the most that a decimal column holds."""

MOST_BYTES_A_BYTE: Final = 8
"""Bytes of a file for one that counts: four a character at most, and as much white space again."""

_UNFIT: Final = "The text contains a control character or half of a character, which PostgreSQL or a page cannot show."
_READ_BY_PEOPLE: Final = (".label", ".label_plural", ".help_text", ".description", ".comment")
_KINDS: Final = (dict, list, str)
_BAD_CHARACTER: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def read_json(text: str | bytes, report: Report) -> Json:
    """The data of a JSON text; None, with a problem in the report, when it is none or too large.

    It is read as the API reads its bodies, so that both judge the same data. Python's own reader takes what that one
    refuses without saying where, such as halves of characters, so that the other checks can name the place.
    """
    if len(text) > MOST_BYTES_A_BYTE * limits.max_bytes():
        _report_too_large(report)
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _read_leniently(text, report)


def _read_leniently(text: str | bytes, report: Report) -> Json:
    try:
        return json.loads(text)
    except RecursionError:
        _report_too_deep("$", report)
    except ValueError as error:
        report.error(Code.NOT_JSON, "$", f"This is not JSON: {error}.", "Mend it at the place that is named.")
    return None


def check_intake(data: Json, report: Report) -> bool:
    """Whether the document is of a size and depth that the other checks can take.

    What they cannot take of its content is reported; `without_faults` is what they can.
    """
    if _is_fit(data):
        return True
    size, most = 0, limits.max_bytes()
    waiting: list[tuple[Json, str, int]] = [(data, "$", 0)]
    while waiting:
        value, path, depth = waiting.pop()
        size += _own_size(value, most)
        if size > most:
            _report_too_large(report)
            return False
        if depth > MAX_DEPTH:
            _report_too_deep(path, report)
            return False
        if type(value) is dict:
            waiting += _members(value, path, depth, report)
        elif type(value) is list:
            waiting += [(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]
        else:
            _check_scalar(value, path, report)
    return True


def _is_fit(data: Json) -> bool:
    """Whether `check_intake` finds nothing, asked without places: all values of one depth at once, all texts together.

    It counts a byte too many here and there; whatever it does not vouch for is looked at closely.
    """
    size, characters, most = 0, 0, limits.max_bytes()
    texts: list[str] = []
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        objects = [value for value in level if type(value) is dict]
        lists = [value for value in level if type(value) is list]
        written = [value for value in level if type(value) is str]
        others = [value for value in level if type(value) not in _KINDS]
        size += 2 * len(level) + 2 * len(others) + sum(map(len, lists)) + 4 * sum(map(len, objects))
        characters += sum(map(len, written))
        if size + characters > most or not all(map(_is_storable, others)):
            return False
        texts += chain(written, *objects)
        level = [*chain.from_iterable(map(dict.values, objects)), *chain.from_iterable(lists)]
        if not level:
            return _are_fit(texts, most - size)
    return False


def _are_fit(texts: list[str], room: int) -> bool:
    """Whether texts, keys among them, take so many bytes at most beside their quotation marks, and can be stored."""
    try:
        joined = "".join(texts)
    except TypeError:
        return False
    return len(joined.encode(errors="replace")) <= room and not _BAD_CHARACTER.search(joined)


def without_faults(data: Json) -> Json:
    """A copy of the data without what `check_intake` reported in it; for data of a depth that it accepted."""
    if type(data) is dict:
        return {
            key: without_faults(value)
            for key, value in data.items()
            if isinstance(key, str) and not _BAD_CHARACTER.search(key)
        }
    if type(data) is list:
        return [without_faults(value) for value in data]
    if isinstance(data, str):
        return _BAD_CHARACTER.sub("", data)
    return data if _is_storable(data) else None


def _own_size(value: Json, most: int) -> int:
    """The bytes of a value as JSON without its members, but with the commas and colons between them."""
    if isinstance(value, str):
        return 2 + (len(value) if len(value) > most else len(value.encode(errors="replace")))
    if isinstance(value, dict):
        keys = sum(len(key) + 2 for key in value if isinstance(key, str)) if len(value) <= most else 0
        return 1 + 2 * len(value) + keys
    if isinstance(value, list):
        return 1 + len(value)
    return 4


def _members(value: dict[Json, Json], path: str, depth: int, report: Report) -> list[tuple[Json, str, int]]:
    members = []
    for key, item in value.items():
        if isinstance(key, str):
            _check_key(key, path, report)
            members.append((item, key_path(path, key), depth + 1))
        else:
            detail = "The keys of an object have to be texts."
            report.error(Code.WRONG_TYPE, path, detail, "Write every key in double quotes.")
    return members


def _check_scalar(value: Json, path: str, report: Report) -> None:
    if isinstance(value, str):
        _check_text(value, path, report)
    elif _is_storable(value):
        return
    elif isinstance(value, float):
        report.error(Code.INVALID_NUMBER, path, "JSON has no NaN and no infinity.", "Write a number or null.")
    elif isinstance(value, int):
        report.error(Code.INVALID_NUMBER, path, "The number has more than 38 digits.", "Write a smaller number.")
    else:
        report.error(Code.WRONG_TYPE, path, "This is no JSON value.", "Write a text, number, list or object.")


def _is_storable(value: Json) -> bool:
    """Whether a value that is neither text nor list nor object is one of JSON, and of a size that columns have."""
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or (isinstance(value, int) and value.bit_length() <= MAX_NUMBER_BITS)


def _check_text(text: str, path: str, report: Report) -> None:
    if _BAD_CHARACTER.search(text):
        is_read = path.endswith(_READ_BY_PEOPLE) or path == "$.name"
        mend = (Put(path, _BAD_CHARACTER.sub("", text)),) if is_read else ()
        report.error(Code.INVALID_TEXT, path, _UNFIT, "Remove it; line breaks and tabs are fine.", mend)


def _check_key(key: str, path: str, report: Report) -> None:
    if _BAD_CHARACTER.search(key):
        report.error(Code.INVALID_TEXT, path, f"In the key {quote(key)}: {_UNFIT}", "Remove it from the key.")


def _report_too_large(report: Report) -> None:
    detail = f"The document is larger than {limits.max_bytes():,} bytes."
    report.error(Code.TOO_LARGE, "$", detail, "Split it into several projects, or shorten its texts and option lists.")


def _report_too_deep(path: str, report: Report) -> None:
    shown = path if len(path) <= 200 else f"{path[:200]}..."
    detail = f"Objects and lists are nested more than {MAX_DEPTH} deep."
    report.error(Code.TOO_DEEP, shown, detail, "Remove the nesting; a schema document needs seven levels.")
