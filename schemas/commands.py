"""What the commands about schema documents share: reading and writing files, and telling problems."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.core.management.base import CommandError

from schemas import limits
from schemas.problems import Problem
from schemas.validation.intake import MOST_BYTES_A_BYTE

STDIN = "-"


def read_document(file: str) -> bytes:
    """What a file holds, or standard input for `-`; no more of it than shows that it is too large.

    Raises:
        CommandError: with exit code 2, when it cannot be read.
    """
    if file == STDIN:
        return _read(sys.stdin.buffer)
    try:
        with Path(file).open("rb") as source:
            return _read(source)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=2) from error


def write_document(file: str, text: str) -> None:
    """Writes a file in one piece: whoever reads it meanwhile finds the old text or the new one.

    Raises:
        CommandError: with exit code 2, when it cannot be written.
    """
    path = Path(file).resolve()
    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as copy:
            temporary = Path(copy.name)
            try:
                _fill(copy, text)
                shutil.copymode(path, temporary)
                temporary.replace(path)
            except OSError:
                temporary.unlink()
                raise
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.", returncode=2) from error


def told(problems: Iterable[Problem], place: str = "") -> Iterator[str]:
    """Problems as people read them, three lines each.

    Args:
        problems: the problems.
        place: what stands before each path, such as the name of a file.
    """
    for problem in problems:
        yield f"{problem.severity} {problem.code} at {place}{problem.path}\n  {problem.detail}\n  {problem.fix}"


def count(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _read(source: IO[bytes]) -> bytes:
    return source.read(MOST_BYTES_A_BYTE * limits.max_bytes() + 1)


def _fill(copy: Any, text: str) -> None:
    copy.write(text)
    copy.flush()
    os.fsync(copy.fileno())
