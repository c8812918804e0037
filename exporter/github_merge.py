"""What an export changes in a repository: a comparison of three, file by file, as git merges.

The three are what the export before wrote, what the branch holds now, and what this export holds. The export before is
known by a list that every export leaves in the repository: it moves with the files through clones, forks and merges,
which no note of ours and no commit message would. A repository without that list has nothing of an earlier export.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MANIFEST_PATH: Final = ".export.json"
_ABOUT: Final = "The files that the last export wrote, and the git blob of each. The next export compares with them."


@dataclass(frozen=True, slots=True)
class Changes:
    """What a commit has to do.

    Args:
        written: contents by path of the files that are new or other than on the branch.
        removed: files that this export no longer has and nobody has touched.
        overwritten: those of `written` in whose place somebody had put something else.
        kept: files that this export no longer has, left alone because somebody had changed them.
    """

    written: Mapping[str, str]
    removed: tuple[str, ...] = ()
    overwritten: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


def blob_id(text: str) -> str:
    """The name that git gives a file of this content."""
    content = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def with_manifest(files: Mapping[str, str]) -> dict[str, str]:
    """The files and the list of them."""
    listed = {path: blob_id(files[path]) for path in sorted(files)}
    return {**files, MANIFEST_PATH: json.dumps({"about": _ABOUT, "files": listed}, indent=2, ensure_ascii=False) + "\n"}


def read_manifest(text: str) -> dict[str, str]:
    """Blobs by path of the export before; none if somebody made something else of the list."""
    try:
        listed = json.loads(text)["files"]
    except (ValueError, TypeError, KeyError):
        return {}
    return {str(path): str(blob) for path, blob in listed.items()} if isinstance(listed, dict) else {}


def changes(files: Mapping[str, str], before: Mapping[str, str], branch: Mapping[str, str]) -> Changes:
    """What turns the branch into the export without undoing what people did.

    What only people changed stays as it is, and what they deleted stays deleted. What both changed is written as the
    export has it: the commit before holds the other version.

    Args:
        files: contents by path of this export, its manifest among them.
        before: blobs by path of the export before, as `read_manifest` gives them.
        branch: blobs by path of the branch's last commit.
    """
    written, overwritten = {}, []
    for path in sorted(files):
        ours, theirs = blob_id(files[path]), branch.get(path)
        if theirs == ours or (before.get(path) == ours and path != MANIFEST_PATH):
            continue
        written[path] = files[path]
        if theirs not in (None, before.get(path)) and path != MANIFEST_PATH:
            overwritten.append(path)
    gone = [path for path in sorted(before) if path not in files and path in branch]
    return Changes(
        written=written,
        removed=tuple(path for path in gone if branch[path] == before[path]),
        overwritten=tuple(overwritten),
        kept=tuple(path for path in gone if branch[path] != before[path]),
    )
