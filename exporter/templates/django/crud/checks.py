"""What has to hold for row-level security to protect anything: `manage.py check --database default`."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def check_login_role(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The role that the application signs in as is bound by row-level security."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "select rolsuper or rolbypassrls from pg_roles where rolname = session_user"
            )
            row = cursor.fetchone()
        if row and row[0]:
            found.append(
                Error(
                    "The database role of the application ignores row-level security.",
                    hint="Use a role that is neither a superuser nor has BYPASSRLS.",
                    id="crud.E001",
                )
            )
    return found
