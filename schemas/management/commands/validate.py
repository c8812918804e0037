"""`manage.py validate FILE`: says everything that is wrong with a schema document, and how to mend it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from schemas.validation import Validation, validate_text

STDIN = "-"


class Command(BaseCommand):
    """Judges a document; needs no database."""

    help = (
        "Checks a schema document and prints every problem with its place and a fix. Needs no database. "
        "Exits 0 when the document is valid, 1 when it has errors, 2 when it cannot be read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declares the file and the option."""
        parser.add_argument("file", help=f"The document, a JSON file; {STDIN} reads it from standard input.")
        parser.add_argument("--json", action="store_true", help="Print the response of POST /api/v1/validate.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Validates and prints."""
        result = validate_text(_read(options["file"]))
        if options["json"]:
            self.stdout.write(json.dumps(result.to_json(), indent=2, ensure_ascii=False))
        else:
            self.stdout.write(_text(result))
        if not result.valid:
            raise CommandError(f"The document has {_count(len(result.errors), 'error')}.")


def _read(file: str) -> bytes:
    if file == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=2) from error


def _text(result: Validation) -> str:
    lines = [f"{problem.severity} {problem.code} at {problem.path}" for problem in result.problems]
    blocks = [
        f"{line}\n  {problem.detail}\n  {problem.fix}" for line, problem in zip(lines, result.problems, strict=True)
    ]
    if result.schema is not None:
        columns = sum(len(table.columns) for table in result.schema)
        size = f"{_count(len(result.schema.tables), 'table')}, {_count(columns, 'column')}"
        warnings = f", {_count(len(blocks), 'warning')}" if blocks else ""
        blocks.append(f"Valid: {size}{warnings}.")
    return "\n".join(blocks)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
