"""Turns: of those who do the same thing at the same time, one goes on and the others wait until its transaction ends.

PostgreSQL's advisory locks keep the order. A turn is named by what it is about; the name is hashed, so that two names
might wait for each other once in a while, which costs a moment and nothing else.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper


def take(connection: BaseDatabaseWrapper, subject: str) -> None:
    """Waits until nobody else has the turn, and has it until the open transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [subject])


def take_if_free(connection: BaseDatabaseWrapper, subject: str) -> bool:
    """Takes the turn if nobody else has it, and says whether that was so."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [subject])
        return bool(cursor.fetchone()[0])
