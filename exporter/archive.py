"""ZIP files that depend on nothing but their contents: equal files give equal bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Final

from exporter.environment import checked_path

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP can state."""

_REGULAR_FILE: Final = 0o100644 << 16
_UNIX: Final = 3


def zip_bytes(files: Mapping[str, str], folder: str) -> bytes:
    """The files as a ZIP.

    Args:
        files: contents by path.
        folder: the one folder that all of them unpack into.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(checked_path(f"{folder}/{path}"), date_time=_EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _REGULAR_FILE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path].encode())
    return buffer.getvalue()
