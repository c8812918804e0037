"""Who PostgreSQL works for. Row-level security hides every record until a role and a user are set here."""

from collections.abc import Iterator
from contextlib import contextmanager
from json import dumps

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User

NOBODY = ("none", "")


@contextmanager
def acting_as(user: User) -> Iterator[None]:
    """A transaction in which PostgreSQL shows and changes only what the user may see."""
    role = settings.ADMIN_ROLE if user.is_staff else settings.MEMBER_ROLE
    with _transaction():
        _set(role, dumps({"sub": str(user.pk)}))
        yield


@contextmanager
def acting_as_admin() -> Iterator[None]:
    """A transaction that sees all records, for commands and data migrations."""
    with _transaction():
        _set(settings.ADMIN_ROLE, "")
        yield


def become(user: User) -> None:
    """Lets the rest of the current transaction act as the user, as API clients with a token do."""
    role = settings.ADMIN_ROLE if user.is_staff else settings.MEMBER_ROLE
    _set(role, dumps({"sub": str(user.pk)}))


@contextmanager
def _transaction() -> Iterator[None]:
    """A transaction that ends with the role and user of its beginning."""
    with transaction.atomic():
        before = _current()
        yield
        # What is rolled back goes back to them by itself.
        if not connection.needs_rollback:
            _set(*before)


def _current() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('role'), current_setting('request.jwt.claims', true)"
        )
        role, claims = cursor.fetchone() or NOBODY
    return role, claims or ""


def _set(role: str, claims: str) -> None:
    """Sets the role and the user until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
            [role, claims],
        )
