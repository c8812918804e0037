"""`manage.py validate FILE`: says everything that is wrong with a schema document, and mends what needs no guessing."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from schemas.commands import STDIN, count, read_document, told, write_document
from schemas.problems import Problem, Validation
from schemas.validation import validate_text
from schemas.validation.mending import mend_text


class Command(BaseCommand):
    """Judges a document; needs no database."""

    help = (
        "Checks a schema document and prints every problem with its place and a fix. Needs no database. "
        "Exits 0 when the document is valid, 1 when it has errors, 2 when it cannot be read or written."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declares the file and the options."""
        parser.add_argument("file", help=f"The document, a JSON file; {STDIN} reads it from standard input.")
        parser.add_argument("--json", action="store_true", help="Print the response of POST /api/v1/validate.")
        parser.add_argument(
            "--fix",
            action="store_true",
            help="First mend what needs no guessing, in the file itself, and say what was mended. From standard input, "
            "the document is printed and what there is to say goes to standard error.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Validates and prints."""
        text = read_document(options["file"])
        if options["fix"]:
            result = self._fix(options["file"], text, as_json=options["json"])
        else:
            result = validate_text(text)
            self.stdout.write(_json(result) if options["json"] else "\n".join(_text(result)))
        if not result.valid:
            raise CommandError(f"The document has {count(len(result.errors), 'error')}.")

    def _fix(self, file: str, text: bytes, *, as_json: bool) -> Validation:
        fixed = mend_text(text)
        output = self.stdout
        if file == STDIN:
            output = self.stderr
            self.stdout.write(fixed.text, ending="")
        elif fixed.mended:
            write_document(file, fixed.text)
        if as_json:
            report = _json(fixed.left, mended=[problem.to_json() for problem in fixed.mended])
        else:
            report = "\n".join([*map(_mended, fixed.mended), *_text(fixed.left)])
            mended = count(len(fixed.mended), "problem") if fixed.mended else "nothing"
            report = f"{report}\nMended {mended}."
        # Errors have a style of their own, which this is not for.
        output.write(report, style_func=str)
        return fixed.left


def _json(result: Validation, **more: Any) -> str:
    return json.dumps({**result.to_json(), **more}, indent=2, ensure_ascii=False)


def _mended(problem: Problem) -> str:
    done = " ".join(edit.done for edit in problem.mend)
    return f"mended {problem.code} at {problem.path}\n  {problem.detail}\n  {done}"


def _text(result: Validation) -> list[str]:
    lines = list(told(result.problems))
    if result.schema is not None:
        columns = sum(len(table.columns) for table in result.schema)
        size = f"{count(len(result.schema.tables), 'table')}, {count(columns, 'column')}"
        warnings = f", {count(len(lines), 'warning')}" if lines else ""
        lines.append(f"Valid: {size}{warnings}.")
    return lines
