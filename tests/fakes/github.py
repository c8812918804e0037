"""GitHub's API on 127.0.0.1, as far as pushes need it: real HTTP, GitHub's own status codes and bodies.

    with GitHubServer() as github:
        github.account("ada", "ghp_secret")
        repo = github.repository("ada/crm")
        repo.push({"NOTES.md": "Mine"})

What goes wrong is part of the state (an archived repository, a protected branch, a token without a scope) or scripted
for one request: `github.answer("POST", "/git/commits", 403, "Forbidden")`, `github.before("PATCH", "/git/refs", act)`.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.fakes.git_store import Repo
from tests.fakes.serving import LocalHandler, LocalServer

ALL_SCOPES = frozenset({"repo", "workflow"})
_DOCS = "https://docs.github.com/rest"


class Refused(Exception):
    """An answer other than success."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = {"message": message, "documentation_url": _DOCS, "status": str(status), **more}


@dataclass(frozen=True)
class Account:
    """A user, as the token shows it.

    Args:
        login: the user's name.
        scopes: of the token, a classic one.
        organisations: those in which it may make repositories.
        hidden: repositories that are there but that the token cannot see.
    """

    login: str
    scopes: frozenset[str]
    organisations: frozenset[str]
    hidden: frozenset[str]


class GitHubServer(LocalServer):
    """The server, on a free port."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.accounts: dict[str, Account] = {}
        self.repos: dict[str, Repo] = {}
        self.requests: list[tuple[str, str]] = []
        self.authorizations: set[str] = set()
        self.scripted: list[tuple[str, str, Callable[[], None]]] = []
        self.lock = threading.Lock()

    def account(
        self,
        login: str,
        token: str,
        scopes: frozenset[str] = ALL_SCOPES,
        organisations: frozenset[str] = frozenset(),
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        """A user who can sign in."""
        self.accounts[token] = Account(login, scopes, organisations, hidden)

    def repository(self, full_name: str, **options: Any) -> Repo:
        """A new repository, empty."""
        self.repos[full_name.lower()] = Repo(full_name, **options)
        return self.repos[full_name.lower()]

    def find(self, full_name: str) -> Repo:
        """A repository, however it came to be."""
        return self.repos[full_name.lower()]

    def before(self, method: str, path: str, act: Callable[[], None]) -> None:
        """Does something once, before the next request to a path that contains this is answered."""
        self.scripted.append((method, path, act))

    def answer(
        self, method: str, path: str, status: int, message: str, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        """Refuses the next request to a path that contains this."""

        def refuse() -> None:
            raise Refused(status, message, headers, **more)

        self.before(method, path, refuse)

    def play(self, method: str, path: str) -> None:
        """Carries out what was scripted for this request."""
        for number, (wanted, part, act) in enumerate(self.scripted):
            if wanted == method and part in path:
                del self.scripted[number]
                act()
                return


class Handler(LocalHandler):
    """Answers one request after the other."""

    owner: GitHubServer

    def respond(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        path = unquote(urlsplit(self.path).path)
        headers: dict[str, str] = {}
        with self.owner.lock:
            self.owner.requests.append((self.command, path))
            try:
                self.owner.play(self.command, path)
                account = self.signed_in()
                headers["X-OAuth-Scopes"] = ", ".join(sorted(account.scopes))
                status, data = self.route(path, body, account)
            except Refused as refused:
                status, data, headers = refused.status, refused.body, refused.headers
        content = json.dumps(data).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def signed_in(self) -> Account:
        header = self.headers.get("Authorization", "")
        self.owner.authorizations.add(header)
        account = self.owner.accounts.get(header.partition(" ")[2])
        if account is None:
            raise Refused(401, "Bad credentials")
        return account

    def route(self, path: str, body: dict[str, Any], account: Account) -> tuple[int, Any]:
        if (self.command, path) == ("GET", "/user"):
            return 200, {"login": account.login, "url": f"{self.owner.url}/user"}
        if self.command == "POST" and (place := re.fullmatch(r"/user/repos|/orgs/([^/]+)/repos", path)):
            return self.create(place[1] or account.login, body, account)
        found = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", path)
        repo = self.owner.repos.get(found[1].lower()) if found else None
        is_hidden = repo is not None and repo.full_name in account.hidden
        if found is None or repo is None or is_hidden or (repo.private and "repo" not in account.scopes):
            raise Refused(404, "Not Found")
        for method, pattern, answer in ROUTES:
            if method == self.command and (parts := re.fullmatch(pattern, found[2] or "")):
                if method != "GET":
                    self.check_writing(repo, account)
                return answer(self, repo, body, account, *parts.groups())
        raise Refused(404, "Not Found")

    def create(self, owner: str, body: dict[str, Any], account: Account) -> tuple[int, Any]:
        if owner != account.login and owner not in account.organisations:
            raise Refused(404, "Not Found")
        if "repo" not in account.scopes:
            raise Refused(403, "Resource not accessible by personal access token")
        full_name = f"{owner}/{body['name']}"
        if full_name.lower() in self.owner.repos:
            taken = {"resource": "Repository", "code": "custom", "field": "name"}
            errors = [taken | {"message": "name already exists on this account"}]
            raise Refused(422, "Repository creation failed.", errors=errors)
        assert body["auto_init"] is False
        return 201, self.shown(self.owner.repository(full_name, private=body["private"]))

    def check_writing(self, repo: Repo, account: Account) -> None:
        if repo.archived:
            raise Refused(403, "Repository was archived so is read-only.")
        if "repo" not in account.scopes:
            raise Refused(403, "Resource not accessible by personal access token")

    def shown(self, repo: Repo) -> dict[str, Any]:
        return {
            "full_name": repo.full_name,
            "name": repo.full_name.partition("/")[2],
            "private": repo.private,
            "default_branch": repo.default_branch,
            "html_url": f"https://github.test/{repo.full_name}",
            "url": f"{self.owner.url}/repos/{repo.full_name}",
        }

    def get_repo(self, repo: Repo, body: Any, account: Account) -> tuple[int, Any]:
        return 200, self.shown(repo)

    def get_ref(self, repo: Repo, body: Any, account: Account, branch: str) -> tuple[int, Any]:
        self.check_not_empty(repo)
        if branch not in repo.branches:
            raise Refused(404, "Not Found")
        return 200, self.ref(repo, branch)

    def ref(self, repo: Repo, branch: str) -> dict[str, Any]:
        sha = repo.branches[branch]
        base = self.shown(repo)["url"]
        return {
            "ref": f"refs/heads/{branch}",
            "url": f"{base}/git/refs/heads/{branch}",
            "object": {"type": "commit", "sha": sha, "url": f"{base}/git/commits/{sha}"},
        }

    def get_commit(self, repo: Repo, body: Any, account: Account, sha: str) -> tuple[int, Any]:
        return 200, self.commit(repo, sha)

    def commit(self, repo: Repo, sha: str) -> dict[str, Any]:
        found = repo.commits[sha]
        base = self.shown(repo)["url"]
        return {
            "sha": sha,
            "url": f"{base}/git/commits/{sha}",
            "message": found.message,
            "tree": {"sha": found.tree, "url": f"{base}/git/trees/{found.tree}"},
            "parents": [{"sha": parent} for parent in found.parents],
        }

    def get_tree(self, repo: Repo, body: Any, account: Account, sha: str) -> tuple[int, Any]:
        assert "recursive=1" in self.path
        files = [
            {"path": path, "mode": file.mode, "type": "commit" if file.mode == "160000" else "blob", "sha": file.sha}
            for path, file in sorted(repo.trees[sha].items())
        ]
        folders = sorted({path.rpartition("/")[0] for path in repo.trees[sha] if "/" in path})
        trees = [{"path": folder, "mode": "040000", "type": "tree", "sha": "0" * 40} for folder in folders]
        return 200, {"sha": sha, "tree": files + trees, "truncated": False}

    def get_blob(self, repo: Repo, body: Any, account: Account, sha: str) -> tuple[int, Any]:
        content = base64.encodebytes(repo.blobs[sha]).decode()
        return 200, {"sha": sha, "encoding": "base64", "content": content, "size": len(repo.blobs[sha])}

    def post_blob(self, repo: Repo, body: Any, account: Account) -> tuple[int, Any]:
        self.check_not_empty(repo)
        assert body["encoding"] == "utf-8"
        return 201, {"sha": repo.add_blob(body["content"].encode())}

    def post_tree(self, repo: Repo, body: Any, account: Account) -> tuple[int, Any]:
        self.check_not_empty(repo)
        touches_workflows = any(element["path"].startswith(".github/workflows/") for element in body["tree"])
        if touches_workflows and "workflow" not in account.scopes:
            raise Refused(404, "Not Found")  # that is how GitHub says it
        base = repo.trees[body["base_tree"]] if "base_tree" in body else {}
        try:
            return 201, {"sha": repo.changed_tree(base, body["tree"]), "tree": [], "truncated": False}
        except KeyError:
            raise Refused(422, "GitRPC::BadObjectState") from None

    def post_commit(self, repo: Repo, body: Any, account: Account) -> tuple[int, Any]:
        self.check_not_empty(repo)
        made = repo.add_commit(body["tree"], tuple(body["parents"]), body["message"])
        return 201, self.commit(repo, made.sha)

    def post_ref(self, repo: Repo, body: Any, account: Account) -> tuple[int, Any]:
        branch = body["ref"].removeprefix("refs/heads/")
        if branch in repo.branches:
            raise Refused(422, "Reference already exists")
        repo.branches[branch] = body["sha"]
        return 201, self.ref(repo, branch)

    def patch_ref(self, repo: Repo, body: Any, account: Account, branch: str) -> tuple[int, Any]:
        assert body["force"] is False
        if branch in repo.protected:
            violation = "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"
            raise Refused(422, violation, metadata={})
        if branch not in repo.branches:
            raise Refused(422, "Reference does not exist")
        if not repo.is_ahead(body["sha"], repo.branches[branch]):
            raise Refused(422, "Update is not a fast forward")
        repo.branches[branch] = body["sha"]
        return 200, self.ref(repo, branch)

    def put_contents(self, repo: Repo, body: Any, account: Account, path: str) -> tuple[int, Any]:
        text = base64.b64decode(body["content"]).decode()
        repo.push({path: text}, body.get("branch", ""), body["message"])
        sha = repo.branches[body.get("branch") or repo.default_branch]
        return 201, {"content": {"path": path, "sha": repo.add_blob(text.encode())}, "commit": {"sha": sha}}

    def check_not_empty(self, repo: Repo) -> None:
        if not repo.branches:
            raise Refused(409, "Git Repository is empty.")


ROUTES: tuple[tuple[str, str, Callable[..., tuple[int, Any]]], ...] = (
    ("GET", "", Handler.get_repo),
    ("GET", r"/git/ref/heads/(.+)", Handler.get_ref),
    ("GET", r"/git/commits/(\w+)", Handler.get_commit),
    ("GET", r"/git/trees/(\w+)", Handler.get_tree),
    ("GET", r"/git/blobs/(\w+)", Handler.get_blob),
    ("POST", "/git/blobs", Handler.post_blob),
    ("POST", "/git/trees", Handler.post_tree),
    ("POST", "/git/commits", Handler.post_commit),
    ("POST", "/git/refs", Handler.post_ref),
    ("PATCH", r"/git/refs/heads/(.+)", Handler.patch_ref),
    ("PUT", r"/contents/(.+)", Handler.put_contents),
)
