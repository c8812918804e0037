"""`manage.py export PROJECT`: the active version of a project as source code, in a folder or a ZIP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.commands import find_project, problems_as_errors
from exporter import service
from exporter.archive import write_zip
from exporter.targets import Export, targets


class Command(BaseCommand):
    """Writes the files itself: it needs no worker."""

    help = "Exports the active version of a project as source code."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to export and where to."""
        parser.add_argument("project", help="the project's id, or its name if only one project is called that")
        parser.add_argument("--target", default=service.DEFAULT_TARGET, choices=targets.names())
        parser.add_argument(
            "--name", default="", help="what the application is called; the project's name if not given"
        )
        place = parser.add_mutually_exclusive_group(required=True)
        place.add_argument("--out", metavar="DIR", type=Path, help="a folder, made if it does not exist")
        place.add_argument("--zip", metavar="FILE", type=Path, help="a ZIP file")
        parser.add_argument("--data", action="store_true", help="with the records, for targets that take them")
        parser.add_argument("--force", action="store_true", help="write over files that are there")
        parser.add_argument("--user", metavar="EMAIL", help="who acts; the project's owner if not given")
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exports and says what was written."""
        with problems_as_errors():
            user, project = find_project(options["project"], options["user"])
            made = service.render(user, project, options["target"], options["name"], with_data=options["data"])
            place = options["out"] or options["zip"]
            try:
                if options["out"]:
                    _write_folder(place, made, options["force"])
                else:
                    _write_zip(place, made, options["force"])
            except OSError as error:
                raise CommandError(f"{error.filename or place} cannot be written: {error.strerror}.") from error
        result = {"path": str(place), "target": options["target"], "files": made.paths}
        text = f"{len(made.paths)} files of {project.name} are in {place}."
        self.stdout.write(json.dumps(result, indent=2) if options["json"] else text)


def _write_folder(folder: Path, made: Export, force: bool) -> None:
    present = [path for path in made.paths if (folder / path).exists()]
    if present and not force:
        raise CommandError(f"{folder / present[0]} exists. Choose another folder, or add --force to write over it.")
    for path in made.paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as text:
            text.writelines(made.pieces(path))


def _write_zip(file: Path, made: Export, force: bool) -> None:
    if file.exists() and not force:
        raise CommandError(f"{file} exists. Choose another name, or add --force to write over it.")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as packed:
        write_zip(made, packed)
