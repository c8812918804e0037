"""What an export changes in a repository, decided without one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.github_merge import MANIFEST_PATH, blob_id, changes, read_manifest, with_manifest


def blobs(files: dict[str, str]) -> dict[str, str]:
    return {path: blob_id(text) for path, text in files.items()}


@pytest.mark.parametrize("text", ["", "plain\n", "é💥\r\n"])
def test_files_are_named_as_git_names_them(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_bytes(text.encode())
    said = subprocess.run(["git", "hash-object", str(tmp_path / "file")], capture_output=True, text=True, check=True)
    assert blob_id(text) == said.stdout.strip()


def test_the_first_export_writes_all_and_keeps_what_is_there() -> None:
    found = changes({"a": "1", "b": "2"}, {}, blobs({"mine": "x"}))
    assert (dict(found.written), found.removed, found.overwritten, found.kept) == ({"a": "1", "b": "2"}, (), (), ())


def test_a_file_that_stood_in_the_way_is_written_anew_and_named() -> None:
    found = changes({"README.md": "ours"}, {}, blobs({"README.md": "theirs"}))
    assert (dict(found.written), found.overwritten) == ({"README.md": "ours"}, ("README.md",))


@pytest.mark.parametrize(
    ("before", "branch", "now", "written", "removed", "overwritten", "kept"),
    [
        ("1", "1", "1", False, False, False, False),  # nobody changed it
        ("1", "1", "2", True, False, False, False),  # the export did
        ("1", "hand", "1", False, False, False, False),  # a person did
        ("1", "hand", "2", True, False, True, False),  # both did
        ("1", "2", "2", False, False, False, False),  # both did the same
        ("1", None, "1", False, False, False, False),  # a person deleted it
        ("1", None, "2", True, False, False, False),  # deleted, and the export has something new to say
        ("1", "1", None, False, True, False, False),  # the export has it no more
        ("1", "hand", None, False, False, False, True),  # no more, but a person made it theirs
        ("1", None, None, False, False, False, False),  # gone on both sides
        (None, "hand", None, False, False, False, False),  # a person's own
        (None, None, "1", True, False, False, False),  # new
    ],
)
def test_each_file_is_compared_three_ways(
    before: str | None,
    branch: str | None,
    now: str | None,
    written: bool,
    removed: bool,
    overwritten: bool,
    kept: bool,
) -> None:
    one = {"f": now} if now is not None else {}
    found = changes(one, blobs({"f": before} if before else {}), blobs({"f": branch} if branch else {}))
    got = ("f" in found.written, "f" in found.removed, "f" in found.overwritten, "f" in found.kept)
    assert got == (written, removed, overwritten, kept)
    assert bool(found) == (written or removed)


def test_the_list_of_files_is_read_back_and_does_not_list_itself() -> None:
    listed = with_manifest({"b": "2", "a": "1"})
    assert read_manifest(listed[MANIFEST_PATH]) == blobs({"a": "1", "b": "2"})
    assert list(json.loads(listed[MANIFEST_PATH])["files"]) == ["a", "b"]


@pytest.mark.parametrize("text", ["", "no json", "[]", "null", '{"files": 3}', '{"files": []}', '{"other": {}}'])
def test_a_list_that_somebody_broke_counts_as_none(text: str) -> None:
    assert read_manifest(text) == {}


_FILES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123"))


@given(before=_FILES, people=st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("123xyz")), now=_FILES)
def test_a_second_export_of_the_same_changes_nothing_and_people_keep_their_files(
    before: dict[str, str], people: dict[str, str], now: dict[str, str]
) -> None:
    exported = with_manifest(now)
    first = changes(exported, blobs(before), blobs(people))
    after = {path: text for path, text in people.items() if path not in first.removed} | dict(first.written)
    assert not changes(exported, read_manifest(after[MANIFEST_PATH]), blobs(after))
    own = {path: text for path, text in people.items() if path not in before and path not in now}
    assert own.items() <= after.items()
