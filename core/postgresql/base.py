"""Django's connection to PostgreSQL, from a pool that gives out none that is dead.

The pool's own check asks the server each time, which costs a tenth of a short request. A server that goes away closes
its end, and that can be seen without asking: something is there to be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from select import POLLIN, poll
from typing import Any, cast

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of Django's. `CONN_HEALTH_CHECKS` is off where there is a pool: it would ask the server."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A living connection; those of the pool that are dead are replaced."""
        connection, pool = super().get_new_connection(conn_params), cast("Any", self).pool
        return _living(pool, connection) if pool else connection

    @contextmanager
    def borrowed(self) -> Iterator[psycopg.Connection[Any]]:
        """A living connection for one round trip, in no transaction: the open one, or one of the pool.

        What else Django does with a connection, before a request and after it, takes a twentieth of a short one.
        """
        pool = cast("Any", self).pool
        if self.connection is not None or not pool:
            self.ensure_connection()
            yield cast("Any", self.connection)
            return
        connection = _living(pool, pool.getconn())
        try:
            yield connection
        finally:
            pool.putconn(connection)


def _living(pool: Any, connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    while not _is_alive(connection):
        connection.close()
        pool.putconn(connection)
        connection = pool.getconn()
    return connection


def _is_alive(connection: psycopg.Connection[Any]) -> bool:
    watch = poll()
    watch.register(connection.fileno(), POLLIN)
    if not watch.poll(0):
        return True
    try:
        connection.execute("")  # what is there to be read may be a setting that has changed
    except psycopg.Error:
        return False
    return True
