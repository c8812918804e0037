"""Where on GitHub an export goes, as a caller writes it, and whether it can be that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.errors import BadRequest

MAX_REPOSITORY_LENGTH: Final = 140
MAX_BRANCH_LENGTH: Final = 200
MAX_TOKEN_LENGTH: Final = 500

_REPOSITORY = re.compile(r"(?:(?P<owner>[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38}))/)?(?P<name>[A-Za-z0-9._-]{1,100})\Z")
_NOT_A_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|\A[-/.]|[/.]\Z|\A@\Z|\Arefs/")
"""What git refuses in the name of a branch (git-check-ref-format), and a name that would be taken for a whole ref."""
_TOKEN = re.compile(r"[!-~]+\Z")


@dataclass(frozen=True, slots=True)
class Destination:
    """A branch of a repository.

    Args:
        repository: `owner/name`, or the name alone for one of the token's own user.
        branch: the repository's default branch when empty.
        private: whether the repository is private if it has to be made.
    """

    repository: str
    branch: str = ""
    private: bool = True

    @classmethod
    def checked(cls, request: Mapping[str, Any]) -> Destination:
        """What a request names by `repo_name`, `branch` and `private`; raises `BadRequest`."""
        return cls(
            repository=checked_repository(request.get("repo_name", "")),
            branch=checked_branch(request.get("branch", "")),
            private=request.get("private", True),
        )

    @property
    def owner(self) -> str:
        """The user or organisation; empty when it is the token's own user."""
        return self.repository.rpartition("/")[0]

    @property
    def name(self) -> str:
        """The repository's own name."""
        return self.repository.rpartition("/")[2]


def checked_repository(repository: str) -> str:
    """The repository's name without spaces around it; raises `BadRequest` when GitHub knows no such names."""
    repository = repository.strip()
    found = _REPOSITORY.match(repository)
    if found is None or found["name"] in (".", "..") or found["name"].endswith(".git"):
        raise _wrong(
            "repo_name",
            "Write the repository as name or owner/name: letters, digits, dots, hyphens and underscores, at most 100 "
            "in the name, and no .git at its end.",
        )
    return repository


def checked_branch(branch: str) -> str:
    """The branch without spaces around it, or nothing for the default branch; raises `BadRequest`."""
    branch = branch.strip()
    if len(branch) > MAX_BRANCH_LENGTH or not branch.isprintable() or _NOT_A_BRANCH.search(branch):
        detail = "A branch cannot be called that. Take letters, digits, hyphens and slashes, as in feature/crm."
        raise _wrong("branch", detail)
    return branch


def checked_token(token: str) -> str:
    """The token without spaces around it; raises `BadRequest` when it cannot be one. The problem never quotes it."""
    token = token.strip()
    if len(token) > MAX_TOKEN_LENGTH or not _TOKEN.match(token):
        detail = (
            "A GitHub token is one word of letters, digits and underscores, such as ghp_ and 36 more. Copy it anew."
        )
        raise _wrong("github_token", detail)
    return token


def _wrong(field: str, detail: str) -> BadRequest:
    fault: dict[str, Any] = {"code": "invalid", "path": f"$.{field}", "detail": detail, "fix": ""}
    return BadRequest(detail, code=f"invalid_{field}", errors=[fault])
