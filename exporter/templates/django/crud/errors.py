"""What PostgreSQL refused, said to people."""

from django.db import DatabaseError
from django.db.models import ProtectedError, RestrictedError
from psycopg import errors

_STILL_LINKED = "Other records still point to this one."
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (errors.UniqueViolation, "There is such a record already."),
    (errors.RestrictViolation, _STILL_LINKED),
    (
        errors.ForeignKeyViolation,
        "A record that this one points to does not exist, or others still point to it.",
    ),
    (errors.NotNullViolation, "A required value is missing."),
    (errors.CheckViolation, "A value is none that this record may have."),
    (errors.StringDataRightTruncation, "A text is too long."),
    (errors.NumericValueOutOfRange, "A number is too large."),
    (errors.InsufficientPrivilege, "You may not change this record like that."),
)


def explanation(error: DatabaseError) -> str:
    """What is wrong, in one sentence; empty for what people cannot mend."""
    if isinstance(error, ProtectedError | RestrictedError):
        return _STILL_LINKED
    return next((words for kind, words in _WORDS if isinstance(error.__cause__, kind)), "")
