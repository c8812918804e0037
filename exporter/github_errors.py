"""What GitHub refused, said to people: what is wrong, and what to do about it.

GitHub's status codes say little: 404 is also the answer to a token that lacks a right, and 422 to four different
things. So it matters which step was refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, Final

from github import GithubException, RateLimitExceededException
from requests import RequestException

from core.errors import BadRequest, Conflict, Forbidden, NotFound, Problem, QuotaExceeded, TooLarge, Unavailable

_SECONDARY_LIMIT_SECONDS: Final = 60
"""What GitHub's documentation asks to wait when it does not say how long."""
_LONGEST_MESSAGE: Final = 300
_PROTECTED: Final = ("protected", "rule violation", "pull request", "is required", "required status")
_MOVED: Final = ("not a fast forward", "already exists", "does not exist")


class Step(Enum):
    """What was asked of GitHub."""

    SIGN_IN = "sign in"
    FIND = "find the repository"
    CREATE = "create the repository"
    READ = "read the branch"
    WRITE = "write the files"
    MOVE = "move the branch"


@contextmanager
def as_problems(step: Step, place: str) -> Iterator[None]:
    """Turns what GitHub or the network refuses inside the block into a problem.

    Args:
        step: what the block does.
        place: the repository, as people call it; with its branch where that matters.
    """
    try:
        yield
    except GithubException as error:
        raise _problem(error, step, place) from error
    except RequestException as error:
        detail = "GitHub could not be reached. Try again in a minute; if it stays so, tell the operator."
        raise Unavailable(detail, code="github_unreachable", retry_after=60) from error


def _problem(error: GithubException, step: Step, place: str) -> Problem:
    headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
    said = _said(error)
    if error.status == 401:
        detail = "GitHub does not accept this token: it is mistyped, has expired or was revoked. Enter another one."
        return BadRequest(detail, code="github_token_refused")
    if error.status >= 500:
        detail = f"GitHub had a fault of its own (status {error.status}). Try again in a minute."
        return Unavailable(detail, code="github_unavailable", retry_after=60)
    if error.status == 429 or isinstance(error, RateLimitExceededException) or "retry-after" in headers:
        return _rate_limited(headers)
    if error.status == 413 or "too large" in said.lower():
        return TooLarge(f"A file is too large for GitHub, which said: {said}", code="github_too_large")
    return _refused(error.status, said, step, place)


def _rate_limited(headers: Mapping[str, str]) -> Problem:
    """GitHub says how long to wait in one of two ways, or not at all."""
    wait = headers.get("retry-after", "")
    if not wait.isdecimal() and headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        wait = str(int(reset) - int(time.time()) + 1) if reset.isdecimal() else ""
    seconds = max(int(wait), 1) if wait.lstrip("-").isdecimal() else _SECONDARY_LIMIT_SECONDS
    detail = f"GitHub takes no more requests with this token for now. Export again in {_spoken(seconds)}."
    return QuotaExceeded(detail, code="github_rate_limited", retry_after=seconds)


def _refused(status: int, said: str, step: Step, place: str) -> Problem:
    words = said.lower()
    if status == 403 and "saml" in words:
        detail = f"The organisation of {place} wants single sign-on. Authorise the token for it in GitHub's settings."
        return Forbidden(detail, code="github_sso")
    if step is Step.CREATE:
        return _not_created(status, said, place)
    if status == 403 and "archived" in words:
        detail = f"{place} is archived, so nothing can be pushed to it. Unarchive it, or name another repository."
        return Forbidden(detail, code="github_archived")
    if step is Step.MOVE and status != 404 and any(phrase in words for phrase in _MOVED):
        detail = f"Somebody else pushed to {place} meanwhile, and nothing of theirs is overwritten. Export again."
        return Conflict(detail, code="github_branch_moved")
    if status != 404 and any(phrase in words for phrase in _PROTECTED):
        detail = f"{place} is protected: {said.rstrip('.')}. Name another branch, and open a pull request from it."
        return Forbidden(detail, code="github_branch_protected")
    if status in (403, 404):
        return _no_right(step, place)
    return BadRequest(f"GitHub refused to {step.value} of {place}: {said}", code="github_refused")


def _not_created(status: int, said: str, place: str) -> Problem:
    if status == 404:
        owner = place.partition("/")[0]
        detail = (
            f"There is no repository {place} that this token can see, and none can be made: GitHub knows no "
            f"organisation {owner} in which this token may. Check the name, and what the token is allowed."
        )
        return NotFound(detail, code="github_repository_unknown")
    if status == 422 and "already exists" in said.lower():
        detail = f"{place} exists, but this token cannot see it. Allow the token that repository, or take another name."
        return Conflict(detail, code="github_name_taken")
    if status == 403:
        return _no_right(Step.CREATE, place)
    return BadRequest(f"GitHub refused to create {place}: {said}", code="github_refused")


def _no_right(step: Step, place: str) -> Problem:
    if step is Step.CREATE:
        needed = 'create repositories: scope "repo", or "Administration: write" of a fine-grained token'
    elif step in (Step.WRITE, Step.MOVE):
        needed = (
            'change files and workflows: scopes "repo" and "workflow", or "Contents: write" and "Workflows: write" of '
            "a fine-grained token"
        )
    else:
        needed = 'read it: scope "repo", or "Contents: read" of a fine-grained token'
    detail = f"The token has no right to {step.value} ({place}). Give it the right to {needed}."
    return Forbidden(detail, code="github_rights")


def _said(error: GithubException) -> str:
    """GitHub's own words, those of single errors included."""
    data: Any = error.data if isinstance(error.data, Mapping) else {}
    errors = data.get("errors") or ()
    single = [item.get("message", "") if isinstance(item, Mapping) else item for item in errors]
    words = [data.get("message") or error.message or f"status {error.status}", *single]
    lines = [" ".join(line.split()) for word in words for line in str(word).splitlines()]
    return ": ".join(line for line in lines if line)[:_LONGEST_MESSAGE]


def _spoken(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
