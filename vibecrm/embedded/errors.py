"""The one error of the embedded servers, and what the system's own errors mean for a person."""

from __future__ import annotations

import errno
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class EmbeddedServerError(Exception):
    """An embedded server cannot be had. The message is one sentence that says why and what to do."""


def disk_full(path: Path) -> EmbeddedServerError:
    """The disk below `path` has no space left."""
    return EmbeddedServerError(
        f"The disk that holds {path} is full: free some space (a new database needs about 150 MB), "
        "or set VIBECRM_HOME to a folder on another disk."
    )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns a full disk, a folder that cannot be written and the like into a sentence about `path`.

    Raises:
        EmbeddedServerError: for every OSError of the block.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(path) from error
        where = error.filename or path
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise EmbeddedServerError(
                f"{where} cannot be used by the user {getpass.getuser()}: give that user the right to write there, "
                "or set VIBECRM_HOME to a folder that it may write to."
            ) from error
        raise EmbeddedServerError(f"{where}: {error.strerror}.") from error
