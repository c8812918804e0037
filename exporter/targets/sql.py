"""The target `sql`: the tables, their rules and, on request, their rows as one script for `psql`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from exporter.context import AppContext
from exporter.migration import migration
from exporter.row_security import storage
from exporter.rows import ProjectRows
from exporter.sql_names import foreign_key_names
from exporter.targets.base import ExportTarget, Stream
from exporter.targets.sql_rows import with_rows

SCRIPT: Final = "database.sql"
_TEMPLATE: Final = PurePosixPath(f"{SCRIPT}.jinja")


class SqlTarget(ExportTarget):
    """One script that makes the database on an empty PostgreSQL or in a new Supabase project.

    Rows come before foreign keys, triggers and policies: so tables that point to each other need no order, times of the
    last change stay as they are, and whoever loads the script need not be one who passes the policies.
    """

    key = "sql"
    label = "PostgreSQL script"
    description = "The database alone: one SQL script that psql loads into an empty PostgreSQL or a Supabase project."
    takes_rows = True

    def app_values(self, app: AppContext) -> Mapping[str, Any]:
        """The statements, in the parts of the script."""
        return {
            "app": app,
            "tables": app.tables,
            "junctions": app.junctions,
            "migration": migration(app),
            "foreign_keys": foreign_key_names(app),
            "storage": storage(app),
            "rows": (),
        }

    def streams(self, app: AppContext, rows: ProjectRows) -> Mapping[str, Stream]:
        """The script, whose rows are read while it is written."""
        return {SCRIPT: with_rows(self.key, _TEMPLATE, self.app_values(app), rows)}
