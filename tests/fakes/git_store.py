"""What a git server keeps, as far as pushes by API need it: blobs, trees, commits and branches, in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class File:
    """An entry of a tree that is not a folder."""

    sha: str
    mode: str = "100644"


@dataclass(frozen=True)
class Commit:
    """A commit, with its whole tree flattened to paths."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str


@dataclass
class Repo:
    """A repository; without branches it is empty, as git understands that."""

    full_name: str
    private: bool = True
    default_branch: str = "main"
    archived: bool = False
    protected: set[str] = field(default_factory=set)
    branches: dict[str, str] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, dict[str, File]] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)

    def add_blob(self, content: bytes) -> str:
        sha = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        self.blobs[sha] = content
        return sha

    def add_tree(self, entries: Mapping[str, File]) -> str:
        """The tree under a name that its content alone decides, which is all that git's own names promise."""
        told = json.dumps({path: [file.sha, file.mode] for path, file in sorted(entries.items())})
        sha = hashlib.sha1(f"tree {told}".encode(), usedforsecurity=False).hexdigest()
        self.trees[sha] = dict(entries)
        return sha

    def add_commit(self, tree: str, parents: tuple[str, ...], message: str) -> Commit:
        sha = hashlib.sha1(
            f"commit {len(self.commits)} {tree} {parents} {message}".encode(), usedforsecurity=False
        ).hexdigest()
        self.commits[sha] = Commit(sha, tree, parents, message)
        return self.commits[sha]

    def changed_tree(self, base: Mapping[str, File], elements: list[dict[str, Any]]) -> str:
        """The base with elements as the trees API takes them: content, the name of a blob, or null to delete."""
        entries = dict(base)
        for element in elements:
            if "content" in element:
                entries[element["path"]] = File(self.add_blob(element["content"].encode()), element["mode"])
            elif element["sha"] is None:
                del entries[element["path"]]
            else:
                entries[element["path"]] = File(element["sha"], element["mode"])
        return self.add_tree(entries)

    def push(self, files: Mapping[str, str | None], branch: str = "", message: str = "By hand", mode: str = "") -> None:
        """What somebody commits with git: files by path, None to delete."""
        branch = branch or self.default_branch
        tip = self.branches.get(branch)
        entries = dict(self.trees[self.commits[tip].tree]) if tip else {}
        for path, text in files.items():
            entries.pop(path, None)
            if text is not None:
                entries[path] = File(self.add_blob(text.encode()), mode or "100644")
        parents = (tip,) if tip else ()
        self.branches[branch] = self.add_commit(self.add_tree(entries), parents, message).sha

    def is_ahead(self, sha: str, of: str) -> bool:
        """Whether the one commit has the other among its ancestors, or is it."""
        waiting = [sha]
        while waiting:
            found = waiting.pop()
            if found == of:
                return True
            waiting += self.commits[found].parents
        return False

    def files(self, branch: str = "") -> dict[str, str]:
        """The texts of a branch by path."""
        tree = self.trees[self.commits[self.branches[branch or self.default_branch]].tree]
        return {path: self.blobs[file.sha].decode() for path, file in tree.items()}

    def modes(self, branch: str = "") -> dict[str, str]:
        """The modes of a branch's files by path."""
        tree = self.trees[self.commits[self.branches[branch or self.default_branch]].tree]
        return {path: file.mode for path, file in tree.items()}

    def log(self, branch: str = "") -> list[str]:
        """The messages of a branch's commits, newest first."""
        found = []
        sha: str | None = self.branches[branch or self.default_branch]
        while sha:
            commit = self.commits[sha]
            found.append(commit.message)
            sha = commit.parents[0] if commit.parents else None
        return found
