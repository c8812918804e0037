"""Sessions of PostgreSQL that a test process works in."""

from __future__ import annotations

from django.db import connections


def begin_new_session() -> None:
    """Leaves the session of this thread, so that the next query begins a new one.

    PostgreSQL keeps all that a session has planned, also for tables that are gone, and looks at it whenever a table
    changes: what makes and drops many tables takes longer and longer.
    """
    for connection in connections.all():
        connection.close()
        connection.close_pool()
