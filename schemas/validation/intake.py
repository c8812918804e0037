"""The first look at a document: is it JSON that the other checks, and PostgreSQL, can take at all?

It walks without recursion and stops at the size limit, so that a hostile document costs no more than a large one.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final

from schemas import limits
from schemas.document import Json
from schemas.problems import Code
from schemas.validation.report import Report, key_path

MAX_DEPTH: Final = 32
"""A document needs seven levels; the rest is for JSON in defaults."""

MAX_NUMBER_BITS: Final = 127
"""38 digits, the most that a decimal column holds."""

_BAD_CHARACTER: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def read_json(text: str | bytes, report: Report) -> Json:
    """The data of a JSON text; None, with a problem in the report, when it is none or too large."""
    size, most = len(text), limits.max_bytes()
    # Four bytes a character at most, and as much white space again.
    if size > 8 * most:
        _report_too_large(report)
        return None
    try:
        return json.loads(text)
    except RecursionError:
        _report_too_deep("$", report)
    except ValueError as error:
        report.error(Code.NOT_JSON, "$", f"This is not JSON: {error}.", "Mend it at the place that is named.")
    return None


def check_intake(data: Json, report: Report) -> bool:
    """Whether the document is of a size, depth and content that the other checks can take."""
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
    return not report.has_errors


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
            _check_text(key, path, report)
            members.append((item, key_path(path, key), depth + 1))
        else:
            detail = "The keys of an object have to be texts."
            report.error(Code.WRONG_TYPE, path, detail, "Write every key in double quotes.")
    return members


def _check_scalar(value: Json, path: str, report: Report) -> None:
    if isinstance(value, str):
        _check_text(value, path, report)
    elif isinstance(value, float):
        if not math.isfinite(value):
            report.error(Code.INVALID_NUMBER, path, "JSON has no NaN and no infinity.", "Write a number or null.")
    elif isinstance(value, int):
        if value.bit_length() > MAX_NUMBER_BITS:
            report.error(Code.INVALID_NUMBER, path, "The number has more than 38 digits.", "Write a smaller number.")
    elif value is not None:
        report.error(Code.WRONG_TYPE, path, "This is no JSON value.", "Write a text, number, list or object.")


def _check_text(text: str, path: str, report: Report) -> None:
    if _BAD_CHARACTER.search(text):
        detail = "The text contains a control character or half of a character, which PostgreSQL or a page cannot show."
        report.error(Code.INVALID_TEXT, path, detail, "Remove it; line breaks and tabs are fine.")


def _report_too_large(report: Report) -> None:
    detail = f"The document is larger than {limits.max_bytes():,} bytes."
    report.error(Code.TOO_LARGE, "$", detail, "Split it into several projects, or shorten its texts and option lists.")


def _report_too_deep(path: str, report: Report) -> None:
    shown = path if len(path) <= 200 else f"{path[:200]}..."
    detail = f"Objects and lists are nested more than {MAX_DEPTH} deep."
    report.error(Code.TOO_DEEP, shown, detail, "Remove the nesting; a schema document needs seven levels.")
