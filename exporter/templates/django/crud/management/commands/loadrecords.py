"""`manage.py loadrecords`: the records of a fixture, for a database that has none yet."""

import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from crud.access import acting_as_admin


class Command(BaseCommand):
    help = "Loads a fixture of records and lets their numbers go on from where they were."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fixture", type=Path, nargs="?", default=Path("fixtures/records.jsonl"))

    def handle(self, *, fixture: Path, **options: Any) -> None:
        with transaction.atomic():
            with acting_as_admin():
                with connection.cursor() as cursor:
                    # Records may point to others that come later.
                    cursor.execute("set constraints all deferred")
                call_command("loaddata", str(fixture), verbosity=options["verbosity"])
            # Only the owner of a sequence may set it.
            _count_on(fixture.with_name("numbers.json"))


def _count_on(path: Path) -> None:
    """Numbers of deleted records do not come again."""
    last = json.loads(path.read_text("utf-8")) if path.exists() else {}
    with connection.cursor() as cursor:
        for sequence, number in last.items():
            cursor.execute("select setval(%s, %s)", [sequence, number])
