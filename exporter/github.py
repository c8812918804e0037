"""Pushes an export to GitHub: one commit with all that changed, made through the Git data API.

Texts travel inside the tree, so a commit takes as many requests for sixty files as for one. Nothing is ever forced: a
branch that somebody else moved meanwhile stays as they left it. An empty repository has nothing that a commit could
be added to, so its README comes first, through the only door that is open there.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from github import Auth, Github, GithubException, UnknownObjectException
from github.GitCommit import GitCommit
from github.GitRef import GitRef
from github.GitTreeElement import GitTreeElement
from github.InputGitTreeElement import InputGitTreeElement
from github.Repository import Repository
from urllib3 import Retry

from core.errors import BadRequest, NotFound
from exporter.github_destination import Destination
from exporter.github_errors import Step, as_problems
from exporter.github_merge import MANIFEST_PATH, Changes, changes, read_manifest, with_manifest

Tell = Callable[[int, str], None]
"""Is told how far the work is, in percent, and what is done now."""

_TIMEOUT_SECONDS: Final = 30
_RETRY: Final = Retry(
    total=2,
    backoff_factor=0.5,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods=("GET",),  # a write may have been done although its answer was lost
    respect_retry_after_header=False,  # whoever exports is told how long to wait; a worker does not sit it out
    raise_on_status=False,
)
_INLINE_CHARACTERS: Final = 1_000_000
"""Longer texts become blobs by requests of their own: a tree of many of them would be refused as too large."""
_PLAIN_FILE: Final = "100644"
_PROGRAM: Final = "100755"
_FIRST_FILE: Final = "README.md"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a push.

    Args:
        repository: `owner/name`.
        url: the repository's page.
        branch: where the files are.
        commit: the new commit; empty when nothing had changed.
        created: whether the repository was made for it.
        changes: what the commit did.
    """

    repository: str
    url: str
    branch: str
    commit: str
    created: bool
    changes: Changes


@dataclass(frozen=True, slots=True)
class _Head:
    """The commit to build on.

    Args:
        commit: the last one of the branch, or of the default branch when there is no such branch yet.
        branch: the branch that the export goes to.
        ref: the branch itself, if it exists.
        entries: the commit's files by path.
    """

    commit: GitCommit
    branch: str
    ref: GitRef | None
    entries: Mapping[str, GitTreeElement]


def push(destination: Destination, token: str, files: Mapping[str, str], message: str, tell: Tell) -> Pushed:
    """Brings the files to the destination, in one commit if anything changed.

    Args:
        destination: where to; the repository and the branch are made if they are not there.
        token: a personal access token or one of an app. It goes into requests and nowhere else.
        files: contents by path.
        message: of the commit.
        tell: is told of each step.

    Raises:
        Problem: whatever GitHub or the network refuses, each with a code of its own.
    """
    with Github(
        auth=Auth.Token(token),
        base_url=settings.GITHUB_API_URL,
        user_agent="VibeCRM",
        timeout=_TIMEOUT_SECONDS,
        retry=_RETRY,
        seconds_between_requests=None,  # a push has three writes: nothing that would have to be spread out
        seconds_between_writes=None,
        lazy=True,
    ) as client:
        tell(30, "Find the repository on GitHub")
        repository, created = _repository(client, destination)
        tell(45, "Compare with what is there")
        wanted = with_manifest(files)
        head = _head(repository, destination.branch or repository.default_branch, wanted, is_empty=created)
        changed = changes(wanted, _export_before(repository, head), _blobs(head))
        commit = _commit(repository, head, changed, message, tell) if changed or head.ref is None else ""
        return Pushed(
            repository=repository.full_name,
            url=repository.html_url,
            branch=head.branch,
            commit=commit,
            created=created,
            changes=changed,
        )


def _repository(client: Github, destination: Destination) -> tuple[Repository, bool]:
    """The repository, and whether it was made just now."""
    user = client.get_user()
    with as_problems(Step.SIGN_IN, "GitHub"):
        login = user.login
    owner = destination.owner or login
    full_name = f"{owner}/{destination.name}"
    with as_problems(Step.FIND, full_name):
        try:
            return client.get_repo(full_name).complete(), False
        except UnknownObjectException:
            pass  # it is made below
    with as_problems(Step.CREATE, full_name):
        home = user if owner.lower() == login.lower() else client.get_organization(owner)
        return home.create_repo(destination.name, private=destination.private, auto_init=False), True


def _head(repository: Repository, branch: str, files: Mapping[str, str], *, is_empty: bool) -> _Head:
    """The commit to build on. An empty repository gets its first one."""
    place = f"{repository.full_name}, branch {branch}"
    with as_problems(Step.READ, place):
        refs = None if is_empty else _refs(repository, branch)
    if refs is None:
        with as_problems(Step.WRITE, place):
            first = _FIRST_FILE if _FIRST_FILE in files else min(set(files) - {MANIFEST_PATH})
            repository.create_file(first, f"Add {first}", files[first])
        with as_problems(Step.READ, place):
            refs = _refs(repository, branch)
    if not refs:
        detail = f"{repository.full_name} has neither the branch {branch} nor its default branch. Name one that exists."
        raise NotFound(detail, code="github_branch_unknown")
    with as_problems(Step.READ, place):
        commit = repository.get_git_commit(refs[0].object.sha)
        tree = repository.get_git_tree(commit.tree.sha, recursive=True)
    if tree.truncated:
        detail = f"{repository.full_name} has too many files to compare with. Name a repository of its own for this."
        raise BadRequest(detail, code="github_repository_too_large")
    entries = {entry.path: entry for entry in tree.tree if entry.type != "tree"}
    ref = refs[0] if refs[0].ref == f"refs/heads/{branch}" else None
    return _Head(commit=commit, branch=branch, ref=ref, entries=entries)


def _refs(repository: Repository, branch: str) -> list[GitRef] | None:
    """The branch, or else the default branch, or neither; None when the repository is empty."""
    for name in dict.fromkeys((branch, repository.default_branch)):
        try:
            return [repository.get_git_ref(f"heads/{name}").complete()]
        except UnknownObjectException:
            continue
        except GithubException as error:
            if error.status == 409:  # "Git Repository is empty."
                return None
            raise
    return []


def _blobs(head: _Head) -> dict[str, str]:
    return {path: entry.sha for path, entry in head.entries.items()}


def _export_before(repository: Repository, head: _Head) -> dict[str, str]:
    """What the last export wrote to this branch, as it says in the repository itself."""
    listed = head.entries.get(MANIFEST_PATH)
    if listed is None:
        return {}
    with as_problems(Step.READ, repository.full_name):
        content = base64.b64decode(repository.get_git_blob(listed.sha).content)
    return read_manifest(content.decode(errors="replace"))


def _commit(repository: Repository, head: _Head, changed: Changes, message: str, tell: Tell) -> str:
    """Makes the commit if anything changed, and the branch show it; returns the commit's name."""
    place = f"{repository.full_name}, branch {head.branch}"
    commit = head.commit
    if changed:
        with as_problems(Step.WRITE, place):
            tell(60, "Send the files")
            elements = [_written(repository, head, path, text) for path, text in changed.written.items()]
            elements += [InputGitTreeElement(path, _mode(head, path), "blob", sha=None) for path in changed.removed]
            tree = repository.create_git_tree(elements, base_tree=head.commit.tree)
            tell(80, "Make the commit")
            commit = repository.create_git_commit(message, tree, [head.commit])
    with as_problems(Step.MOVE, place):
        if head.ref is None:
            repository.create_git_ref(f"refs/heads/{head.branch}", commit.sha)
        else:
            head.ref.edit(commit.sha, force=False)
    return commit.sha if changed else ""


def _written(repository: Repository, head: _Head, path: str, text: str) -> InputGitTreeElement:
    if len(text) <= _INLINE_CHARACTERS:
        return InputGitTreeElement(path, _mode(head, path), "blob", content=text)
    blob = repository.create_git_blob(text, "utf-8")
    return InputGitTreeElement(path, _mode(head, path), "blob", sha=blob.sha)


def _mode(head: _Head, path: str) -> str:
    """A file that somebody made executable stays so; whatever else stood there becomes a plain file."""
    entry = head.entries.get(path)
    return _PROGRAM if entry is not None and entry.mode == _PROGRAM else _PLAIN_FILE
