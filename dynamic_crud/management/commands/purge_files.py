"""`manage.py purge_files`: lists the stored files that no record of any version refers to, and deletes them if told."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from dynamic_crud.file_purge import UnusedFile, delete, find_unused
from schemas.commands import count

DAYS: Final = 30
"""As long as deleted projects and archived columns are kept."""

_MOST_DAYS: Final = 36_500


class Command(BaseCommand):
    """Lists first: what is deleted here is gone."""

    help = (
        "Lists stored files that no record refers to, archived columns and tables included, and that were not uploaded "
        "or attached for a while. With --delete, deletes them: that cannot be undone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The age, and what to do."""
        parser.add_argument(
            "--days", type=int, default=DAYS, help=f"how long ago they were last uploaded or attached ({DAYS})"
        )
        parser.add_argument("--delete", action="store_true", help="delete them; without it they are only listed")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Finds, deletes if asked to, and tells."""
        if not 1 <= options["days"] <= _MOST_DAYS:
            detail = f"--days has to be from 1 to {_MOST_DAYS}: what was uploaded just now waits in someone's form."
            raise CommandError(detail, returncode=2)
        before = timezone.now() - timedelta(days=options["days"])
        found = find_unused(before)
        if options["delete"]:
            found = delete(found, before)
        if options["json"]:
            self.stdout.write(json.dumps({"deleted": options["delete"], "files": [_as_json(file) for file in found]}))
            return
        for file in found:
            shown = file.name or "(an upload that was never completed)"
            self.stdout.write(f"{file.since:%Y-%m-%d}  {file.size:>12,}  {file.project_id}/{file.id}  {shown}")
        total = filesizeformat(sum(file.size for file in found)).replace("\xa0", " ")
        done = "deleted" if options["delete"] else "could be deleted: run it again with --delete"
        self.stdout.write(f"{count(len(found), 'unused file')} ({total}) {done}.")


def _as_json(file: UnusedFile) -> dict[str, Any]:
    return {
        "id": str(file.id),
        "project_id": str(file.project_id),
        "name": file.name,
        "size": file.size,
        "since": file.since.isoformat(),
    }
