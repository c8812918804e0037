"""`manage.py generate "PROMPT"`: a schema from words, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.commands import find_project, problems_as_errors
from schemas.commands import STDIN, count, read_document, told
from schemas.document import Json, Schema
from schemas.generation import generate
from schemas.generation.engines import ENGINES, choose_engine
from schemas.jobs import clean_prompt, decide
from schemas.validation import validate_text


class Command(BaseCommand):
    """Drafts a schema; provisions nothing."""

    help = (
        "Drafts a schema from a description. With --project, refines that project's draft or changes its active "
        "schema, and stores the decision in its history. With --schema, changes the document of a file. Without both, "
        "drafts a new one. Only --project needs a database. "
        "Exits 0 with a schema, 1 without or when the document has errors, 2 when it cannot be read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declares the prompt and the options."""
        parser.add_argument("prompt", help="What the application is for, or what should change in it.")
        parser.add_argument("--project", metavar="ID", help="Id or name of the project to draft for.")
        parser.add_argument("--schema", metavar="FILE", help=f"The document to change; {STDIN} is standard input.")
        parser.add_argument("--engine", choices=ENGINES, help="What drafts; by default Claude where a key is set.")
        parser.add_argument("--user", metavar="EMAIL", help="Who asks; by default the project's owner.")
        parser.add_argument("--out", metavar="FILE", type=Path, help="Write the schema document to this file.")
        parser.add_argument("--json", action="store_true", help="Print the response of POST /api/v1/generate.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Drafts and prints."""
        with problems_as_errors():
            response = _response(options)
        if options["json"]:
            self.stdout.write(json.dumps(response, indent=2, ensure_ascii=False))
        else:
            self.stdout.write(_text(response))
        if response["schema_json"] is None:
            raise CommandError(response["message"])
        if options["out"]:
            _write(options["out"], response["schema_json"])


def _response(options: dict[str, Any]) -> dict[str, Json]:
    if options["user"] and not options["project"]:
        raise CommandError("--user needs --project: a draft without a project belongs to nobody.", returncode=2)
    if options["schema"] and options["project"]:
        raise CommandError("--schema and --project exclude each other: a project has a schema.", returncode=2)
    prompt = clean_prompt(options["prompt"])
    engine = choose_engine(options["engine"])
    if options["project"]:
        user, project = find_project(options["project"], options["user"])
        return decide(user, project, prompt, trace_id=uuid4(), engine=engine)
    active = _read(options["schema"]) if options["schema"] else None
    return generate(prompt, active=active, engine=engine).to_json() | {"trace_id": None, "quota": None}


def _read(file: str) -> Schema:
    """The valid document of a file; raises `CommandError`."""
    result = validate_text(read_document(file))
    if result.schema is None:
        problems = "\n".join(told(result.errors, f"{file} "))
        raise CommandError(f"{problems}\n{file} has {count(len(result.errors), 'error')}.")
    return result.schema


def _text(response: dict[str, Json]) -> str:
    lines = [response["message"], ""]
    for table in (response["schema_json"] or {}).get("tables", []):
        lines.append(table["name"])
        lines += [f"  {column['name']}: {column['type']}" for column in table["columns"]]
        relations = response["schema_json"]["relationships"]
        lines += [
            f"  {item['from_column']} -> {item['to_table']}"
            for item in relations
            if item["from_table"] == table["name"]
        ]
    for title in ("changes", "warnings", "suggestions"):
        if response[title]:
            lines += ["", f"{title.capitalize()}:", *(f"  - {line}" for line in response[title])]
    return "\n".join(lines)


def _write(path: Path, document: Json) -> None:
    try:
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise CommandError(f"The schema could not be written to {path}: {error.strerror}.") from error
