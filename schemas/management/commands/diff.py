"""`manage.py diff A B`: says what leads from one schema document to another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import inflection
from django.core.management.base import BaseCommand, CommandError, CommandParser

from schemas.changes import Change
from schemas.commands import STDIN, count, read_document, told
from schemas.diff import diff
from schemas.document import Json, Schema
from schemas.problems import Validation
from schemas.validation import validate_text
from schemas.versions import next_version


class Command(BaseCommand):
    """Compares two documents; needs no database."""

    help = (
        "Compares two schema documents and prints a sentence a change, and the version that the second would be if it "
        "followed the first. Tables and columns are the same when their ids are; without ids, when their names are, or "
        "renamed_from says so. Needs no database. "
        "Exits 0 when both are valid, 1 when one has errors, 2 when one cannot be read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declares the files and the option."""
        parser.add_argument("before", metavar="A", help="The earlier document, a JSON file.")
        parser.add_argument("after", metavar="B", help="The later one. One of them can be -, for standard input.")
        parser.add_argument("--json", action="store_true", help="Print JSON: valid, problems, changes and version.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compares and prints."""
        files = options["before"], options["after"]
        if files == (STDIN, STDIN):
            raise CommandError("Only one of the documents can be standard input.", returncode=2)
        texts = [read_document(file) for file in files]
        first = validate_text(texts[0])
        second = validate_text(texts[1], first.schema)
        if first.schema is None or second.schema is None:
            self._refuse(list(zip(files, (first, second), strict=True)), as_json=options["json"])
        else:
            self._compare(first.schema, second.schema, as_json=options["json"])

    def _refuse(self, results: list[tuple[str, Validation]], *, as_json: bool) -> None:
        faulty = [(file, result) for file, result in results if not result.valid]
        if as_json:
            # Paths lead into one document: the first to mend.
            problems = faulty[0][1].to_json()["problems"]
            self.stdout.write(_json({"valid": False, "problems": problems, "changes": [], "version": None}))
        else:
            for file, result in faulty:
                self.stdout.write("\n".join(told(result.problems, f"{file} ")))
        raise CommandError(" ".join(f"{file} has {count(len(result.errors), 'error')}." for file, result in faulty))

    def _compare(self, before: Schema, after: Schema, *, as_json: bool) -> None:
        changes = diff(before, after)
        version = next_version(before, changes)
        if as_json:
            found = _changes(changes, before, after)
            self.stdout.write(_json({"valid": True, "problems": [], "changes": found, "version": version}))
        elif changes:
            self.stdout.write("\n".join([*(change.describe() for change in changes), f"Version {version}."]))
        else:
            self.stdout.write("No changes.")


def _json(data: dict[str, Json]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


def _changes(changes: Sequence[Change], before: Schema, after: Schema) -> list[dict[str, Json]]:
    """Changes as programs read them: what kind each is, and which table and columns it is about."""
    tables = {table.id: table for schema in (before, after) for table in schema}
    columns = {
        (table.id, column.id): column.name for schema in (before, after) for table in schema for column in table.columns
    }
    return [
        {
            "kind": inflection.underscore(type(change).__name__),
            "table": tables[change.table_id].name if change.table_id else "",
            "columns": [columns.get((change.table_id, column_id), column_id) for column_id in change.column_ids],
            "description": change.describe(),
        }
        for change in changes
    ]
