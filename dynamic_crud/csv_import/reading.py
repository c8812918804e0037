"""A CSV file as somebody sent it: from bytes to lines of cells. What cannot be read is told with its line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.conf import settings

from core.errors import BadRequest, TooLarge, fault

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
"""What may stand between two cells, and what people call it."""

UTF_8: Final = "UTF-8"
WINDOWS: Final = "Windows-1252"
"""The encoding of what is no Unicode: that of Excel's plain CSV in western countries."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of spreadsheets begin that are no CSV: .xlsx and .ods, and .xls."""

_SAID: Final = re.compile(r"sep=([,;|\t])\r?\n", re.IGNORECASE)
"""The first line by which Excel is told the delimiter."""

_SNIFFED_CHARACTERS: Final = 64 * 1024
_SNIFFED_LINES: Final = 50

# A cell may be as long as the file, whose length is limited. The limit of the module `csv` is one of the process.
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a file.

    Args:
        number: the line of the file on which it begins, from 1: a cell may have several lines.
        cells: its cells.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read.

    Args:
        encoding: how its characters were written.
        delimiter: what stands between two cells.
        header: what its columns are called.
        lines: its records; lines without anything in them are left out.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]


def read_sheet(content: bytes, delimiter: str = "") -> Sheet:
    """Reads a whole file.

    Args:
        content: the file.
        delimiter: one of `DELIMITERS`; empty to find it out.

    Raises:
        TooLarge: when the file has more rows or columns than the settings allow.
        BadRequest: when it cannot be read, with the line.
    """
    text, encoding = _decoded(content)
    if "\0" in text:
        number = _line_at(text, text.index("\0"))
        raise unreadable(f"Line {number} has a NUL character, which no text has.", "Save the file as CSV again.")
    first, said = 1, _SAID.match(text)
    if said:
        text, first, delimiter = text[said.end() :], 2, delimiter or said[1]
    delimiter = delimiter or _sniffed(text)
    records = _records(text, delimiter, first)
    header = next(records, None)
    if header is None or not any(header.cells):
        raise unreadable("The file has no first line that names its columns.", "Write the names of the columns there.")
    most = settings.IMPORT_MAX_COLUMNS
    if len(header.cells) > most:
        raise too_large(f"The file has more than {most:,} columns.", "Leave out those that you do not need.")
    lines = tuple(_limited(records))
    if not lines:
        raise unreadable("The file has no rows below its first line.", "Choose a file with at least one row.")
    return Sheet(encoding, delimiter, tuple(cell.strip() for cell in header.cells), lines)


def unreadable(detail: str, fix: str) -> BadRequest:
    """The problem of a file that cannot be read."""
    entry = fault("unreadable_file", "$.file", detail, fix)
    return BadRequest(f"{detail} {fix}", code="unreadable_file", errors=[entry])


def too_large(detail: str, fix: str) -> TooLarge:
    """The problem of a file that has too much in it."""
    entry = fault("file_too_large", "$.file", detail, fix)
    return TooLarge(f"{detail} {fix}", code="file_too_large", errors=[entry])


def _decoded(content: bytes) -> tuple[str, str]:
    """The text, and the name of its encoding."""
    if content.startswith(_WORKBOOKS):
        raise unreadable("This is a workbook or an archive, and no CSV file.", "Save the sheet as CSV first.")
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(codec), name
            except UnicodeDecodeError as error:
                number = _line_at(content[: error.start].decode(codec, "ignore"))
                detail = f"Line {number} has bytes that are no {name}, though the file says that it is."
                raise unreadable(detail, "Save it as CSV in UTF-8 again.") from error
    try:
        return content.decode("utf-8"), UTF_8
    except UnicodeDecodeError:
        pass  # no Unicode: then what Excel writes
    try:
        return content.decode("cp1252"), WINDOWS
    except UnicodeDecodeError as error:
        number = _line_at(content[: error.start].decode("cp1252", "ignore"))
        detail = f"Line {number} has bytes that are neither UTF-8 nor {WINDOWS}."
        raise unreadable(detail, "Save the file as CSV in UTF-8.") from error


def _line_at(text: str, position: int | None = None) -> int:
    """The number of the line that a place in the text is on; without one, of its end."""
    return text[:position].count("\n") + 1


def _sniffed(text: str) -> str:
    """The delimiter that gives most of the first lines as many cells as the first; of several, the most cells."""
    sample = text[:_SNIFFED_CHARACTERS]

    def score(delimiter: str) -> tuple[float, int]:
        # The sample may end inside of quotes, so nothing is held against it.
        rows = list(islice(csv.reader(_in_lines(sample), delimiter=delimiter), _SNIFFED_LINES))
        widths = [len(row) for row in rows if row] or [1]
        return (widths.count(widths[0]) / len(widths) if widths[0] > 1 else 0), widths[0]

    return max(DELIMITERS, key=score)


def _records(text: str, delimiter: str, first: int) -> Iterator[Line]:
    """The records with the lines on which they begin; raises `BadRequest` for quotes that fit nothing."""
    reader = csv.reader(_in_lines(text), delimiter=delimiter, strict=True)
    most, number = settings.IMPORT_MAX_COLUMNS + 1, first
    try:
        for cells in reader:
            yield Line(number, tuple(cells[:most]))
            number = reader.line_num + first
    except csv.Error as error:
        if "end of data" in str(error):
            detail = f"In the record that begins on line {number}, a quotation mark is opened and never closed."
        else:
            detail = f"In the record that begins on line {number}, a closing quotation mark is followed by other text."
        fix = 'Write a quotation mark inside of quoted text twice: "6"" pipe".'
        raise unreadable(detail, fix) from error


def _limited(records: Iterator[Line]) -> Iterator[Line]:
    """The records that have something in them; raises `TooLarge` when they are too many."""
    most, count = settings.IMPORT_MAX_ROWS, 0
    for line in records:
        if not any(line.cells):
            continue
        count += 1
        if count > most:
            raise too_large(f"The file has more than {most:,} rows.", "Split it, and import the parts one by one.")
        yield line


def _in_lines(text: str) -> io.StringIO:
    return io.StringIO(text, newline="")
