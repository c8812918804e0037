"""ZIP files that depend on nothing but their contents: equal files give equal bytes."""

from __future__ import annotations

import zipfile
from typing import IO, Final

from exporter.environment import checked_path
from exporter.targets import Export

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP can state."""

_REGULAR_FILE: Final = 0o100644 << 16
_UNIX: Final = 3


def write_zip(made: Export, target: IO[bytes]) -> None:
    """Writes an application as a ZIP, piece by piece.

    Args:
        made: the application; all of it unpacks into the folder that is called by its slug.
        target: a binary file that can be written to at any place.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in made.paths:
            entry = zipfile.ZipInfo(checked_path(f"{made.slug}/{path}"), date_time=_EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _REGULAR_FILE
            entry.compress_type = zipfile.ZIP_DEFLATED
            # A ZIP says before a file how long it may be; how many rows will come is not known then.
            with archive.open(entry, "w", force_zip64=path in made.streams) as packed:
                for piece in made.pieces(path):
                    packed.write(piece.encode())
