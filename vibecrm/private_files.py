"""Files with secrets: for the owner's eyes, made once whoever comes first, and complete as soon as they are there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def first_written(file: Path, make: Callable[[], str]) -> str:
    """The text of a file that is written if it is not there. Two processes that write it at once read the same text.

    Args:
        file: the file; its folder has to be there.
        make: makes the text.
    """
    if not file.exists():
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(descriptor, "w") as stream:
                stream.write(make())
            os.link(name, file)  # atomic, and refuses to replace a file that came first
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    return file.read_text()
