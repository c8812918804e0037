"""Pushes to a GitHub that is a server of the tests, with the client that talks to the real one."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import Problem
from exporter import github
from exporter.github import Pushed
from exporter.github_destination import Destination
from exporter.github_merge import MANIFEST_PATH
from tests.fakes.git_store import File, Repo
from tests.fakes.github import GitHubServer

TOKEN = "ghp_5ecretOfAda"
WORKFLOW = ".github/workflows/ci.yml"
FILES = {"README.md": "# Homes\n", "src/app.ts": "export {}\n", WORKFLOW: "on: push\n"}


@pytest.fixture
def server(settings: Any) -> Iterator[GitHubServer]:
    with GitHubServer() as running:
        running.account("ada", TOKEN, organisations=frozenset({"guild"}))
        settings.GITHUB_API_URL = running.url
        yield running


@pytest.fixture
def repo(server: GitHubServer) -> Repo:
    """A repository in use, with nothing of ours."""
    made = server.repository("ada/homes")
    made.push({"NOTES.md": "Mine\n"})
    return made


def push(files: dict[str, str] = FILES, to: str = "homes", token: str = TOKEN, **options: Any) -> Pushed:
    return github.push(Destination(to, **options), token, files, "Export version 1.0.0", lambda percent, step: None)


def problem(act: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        act()
    assert TOKEN not in str(caught.value.to_json())
    return caught.value


def test_a_repository_that_is_not_there_is_made_and_filled_by_one_commit(server: GitHubServer) -> None:
    files = FILES | {f"src/page-{number}.ts": f"// {number}\n" for number in range(57)}
    pushed = push(files)
    made = server.find("ada/homes")
    assert len(files) == 60
    assert {path: text for path, text in made.files().items() if path != MANIFEST_PATH} == files
    assert made.log() == ["Export version 1.0.0", "Add README.md"]
    assert made.private
    assert (pushed.created, pushed.url, pushed.branch) == (True, "https://github.test/ada/homes", "main")
    assert pushed.commit == made.branches["main"]
    assert len(server.requests) <= 12


def test_an_update_of_sixty_files_takes_nine_requests(server: GitHubServer) -> None:
    push({f"f{number}": "1" for number in range(60)})
    server.requests.clear()
    push({f"f{number}": "2" for number in range(60)})
    assert len(server.requests) == 9


def test_a_public_repository_is_made_in_an_organisation(server: GitHubServer) -> None:
    pushed = push(to="guild/homes", private=False)
    assert pushed.repository == "guild/homes"
    assert not server.find("guild/homes").private


def test_an_empty_repository_is_filled(server: GitHubServer) -> None:
    empty = server.repository("ada/homes", default_branch="trunk")
    pushed = push()
    assert (pushed.created, pushed.branch) == (False, "trunk")
    assert FILES.items() <= empty.files("trunk").items()


@pytest.mark.parametrize("is_there", [True, False])
def test_another_branch_is_made_from_the_default_one(server: GitHubServer, is_there: bool) -> None:
    if is_there:
        server.repository("ada/homes").push({"NOTES.md": "Mine\n"})
    push(branch="feature/crm")
    made = server.find("ada/homes")
    assert FILES.items() <= made.files("feature/crm").items()
    assert WORKFLOW not in made.files("main")
    assert made.files("main").items() <= made.files("feature/crm").items()
    assert len(server.requests) <= 12


def test_an_export_without_a_readme_fills_an_empty_repository_too(server: GitHubServer) -> None:
    push({"schema.sql": "select 1;\n"})
    assert set(server.find("ada/homes").files()) == {"schema.sql", MANIFEST_PATH}
    assert server.find("ada/homes").log() == ["Export version 1.0.0", "Add schema.sql"]


def test_files_of_people_stay_and_so_does_history(repo: Repo, server: GitHubServer) -> None:
    push()
    assert repo.files()["NOTES.md"] == "Mine\n"
    assert repo.log() == ["Export version 1.0.0", "By hand"]


def test_nothing_changed_makes_no_commit(repo: Repo, server: GitHubServer) -> None:
    push()
    repo.push({"src/mine.ts": "// mine\n"})
    tip = repo.branches["main"]
    server.requests.clear()
    pushed = push()
    assert (pushed.commit, repo.branches["main"]) == ("", tip)
    assert {method for method, _ in server.requests} == {"GET"}


def test_a_second_export_touches_only_what_changed(repo: Repo, server: GitHubServer) -> None:
    push()
    repo.push({WORKFLOW: "on: never\n", "src/app.ts": None})
    repo.push({"src/new.ts": "// mine\n"})
    pushed = push(FILES | {"README.md": "# Houses\n"})
    assert set(pushed.changes.written) == {"README.md", MANIFEST_PATH}
    files = repo.files()
    assert (files["README.md"], files[WORKFLOW], files["src/new.ts"]) == ("# Houses\n", "on: never\n", "// mine\n")
    assert "src/app.ts" not in files


def test_what_both_changed_is_as_the_export_has_it_and_the_commit_before_has_the_other(repo: Repo) -> None:
    push()
    repo.push({"README.md": "# My houses\n"})
    pushed = push(FILES | {"README.md": "# Houses\n"})
    assert pushed.changes.overwritten == ("README.md",)
    assert repo.files()["README.md"] == "# Houses\n"
    assert repo.log() == ["Export version 1.0.0", "By hand", "Export version 1.0.0", "By hand"]


def test_files_that_the_export_has_no_more_go_unless_somebody_changed_them(repo: Repo) -> None:
    push(FILES | {"old.ts": "1", "edited.ts": "1"})
    repo.push({"edited.ts": "mine"})
    pushed = push()
    assert (pushed.changes.removed, pushed.changes.kept) == (("old.ts",), ("edited.ts",))
    assert "old.ts" not in repo.files()
    assert repo.files()["edited.ts"] == "mine"


def test_a_program_stays_one(repo: Repo) -> None:
    push(FILES | {"run.sh": "echo 1\n"})
    repo.push({"run.sh": "echo 1\n"}, mode="100755")
    push(FILES | {"run.sh": "echo 2\n"})
    assert repo.modes()["run.sh"] == "100755"


def test_a_link_in_the_place_of_a_file_becomes_a_file(repo: Repo) -> None:
    repo.push({"README.md": "docs/README.md"}, mode="120000")
    push()
    assert repo.modes()["README.md"] == "100644"


def test_a_submodule_of_somebody_stays(repo: Repo) -> None:
    tip = repo.commits[repo.branches["main"]]
    tree = repo.add_tree({**repo.trees[tip.tree], "vendor": File("5" * 40, "160000")})
    repo.branches["main"] = repo.add_commit(tree, (tip.sha,), "Add a submodule").sha
    push()
    assert repo.modes()["vendor"] == "160000"


def test_a_long_file_travels_by_itself(repo: Repo, server: GitHubServer) -> None:
    seed = "insert;\n" * 200_000
    push(FILES | {"seed.sql": seed})
    assert repo.files()["seed.sql"] == seed
    assert ("POST", "/repos/ada/homes/git/blobs") in server.requests


def test_a_name_in_other_case_is_the_same_repository(repo: Repo) -> None:
    assert push(to="Ada/Homes").repository == "ada/homes"


@pytest.mark.parametrize(
    ("method", "path", "status", "message", "code", "kind"),
    [
        ("GET", "/repos/", 403, "Resource protected by organization SAML enforcement.", "github_sso", 403),
        ("GET", "/repos/", 403, "Resource not accessible by personal access token", "github_rights", 403),
        ("POST", "/git/trees", 403, "Resource not accessible by personal access token", "github_rights", 403),
        ("PATCH", "/git/refs", 422, "Cannot update this protected ref.", "github_branch_protected", 403),
        ("PATCH", "/git/refs", 403, "Protected branch update failed.", "github_branch_protected", 403),
        ("PATCH", "/git/refs", 422, "At least 1 approving review is required.", "github_branch_protected", 403),
        ("PATCH", "/git/refs", 422, "Reference does not exist", "github_branch_moved", 409),
        ("PATCH", "/git/refs", 422, "Something new", "github_refused", 400),
        ("POST", "/git/trees", 422, "tree.path contains a malformed path component", "github_refused", 400),
        ("POST", "/git/trees", 413, "Payload too big", "github_too_large", 413),
        ("POST", "/git/commits", 502, "Server Error", "github_unavailable", 503),
    ],
)  # fmt: skip
def test_what_github_refuses_is_a_problem_with_a_fix(
    repo: Repo, server: GitHubServer, method: str, path: str, status: int, message: str, code: str, kind: int
) -> None:
    tip = repo.branches["main"]
    server.answer(method, path, status, message)
    found = problem(push)
    assert (found.code, found.status) == (code, kind)
    assert len(found.detail.split(". ")) > 1 or message in found.detail
    assert repo.branches["main"] == tip


def test_a_token_that_expired_is_said_so(server: GitHubServer) -> None:
    found = problem(lambda: push(token="ghp_old"))
    assert (found.code, found.status) == ("github_token_refused", 400)


def test_an_unknown_owner_is_said_so(server: GitHubServer) -> None:
    found = problem(lambda: push(to="nobody/homes"))
    assert (found.code, found.status) == ("github_repository_unknown", 404)
    assert "nobody" in found.detail


def test_a_name_that_is_taken_by_what_the_token_cannot_see_is_said_so(server: GitHubServer) -> None:
    server.account("ada", TOKEN, hidden=frozenset({"ada/homes"}))
    server.repository("ada/homes")
    assert problem(push).code == "github_name_taken"


def test_a_token_that_may_not_make_repositories_is_said_so(server: GitHubServer) -> None:
    server.account("ada", TOKEN, scopes=frozenset())
    found = problem(push)
    assert found.code == "github_rights"
    assert "create repositories" in found.detail


def test_a_token_without_the_right_to_workflows_is_told_which_it_lacks(repo: Repo, server: GitHubServer) -> None:
    server.account("ada", TOKEN, scopes=frozenset({"repo"}))
    found = problem(push)
    assert found.code == "github_rights"
    assert '"workflow"' in found.detail


def test_a_protected_branch_is_said_so_and_another_one_takes_the_export(repo: Repo, server: GitHubServer) -> None:
    repo.protected.add("main")
    found = problem(push)
    assert found.code == "github_branch_protected"
    assert "found: Changes must be made through a pull request. Name another branch" in found.detail
    assert push(branch="crm").commit


def test_an_archived_repository_is_said_so(repo: Repo, server: GitHubServer) -> None:
    repo.archived = True
    assert problem(push).code == "github_archived"


@pytest.mark.parametrize("is_new", [True, False])
def test_who_pushes_meanwhile_loses_nothing(repo: Repo, server: GitHubServer, is_new: bool) -> None:
    branch = "crm" if is_new else "main"
    method, path = ("POST", "/git/refs") if is_new else ("PATCH", "/git/refs")
    server.before(method, path, lambda: repo.push({"theirs.ts": "// theirs\n"}, branch))
    found = problem(lambda: push(branch=branch))
    assert (found.code, found.status) == ("github_branch_moved", 409)
    assert repo.files(branch)["theirs.ts"] == "// theirs\n"
    assert push(branch=branch).commit
    assert repo.files(branch).keys() >= {"theirs.ts", *FILES}


@pytest.mark.parametrize(
    ("status", "message", "headers", "least", "most"),
    [
        (403, "You have exceeded a secondary rate limit.", {"Retry-After": "37"}, 37, 37),
        (403, "You have exceeded a secondary rate limit.", {}, 60, 60),
        (429, "Too many requests", {"Retry-After": "5"}, 5, 5),
        (403, "API rate limit exceeded for user ID 1.", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, 1, 1),
    ],
)
def test_a_rate_limit_says_how_long_to_wait_and_is_not_waited_for(
    repo: Repo, server: GitHubServer, status: int, message: str, headers: dict[str, str], least: int, most: int
) -> None:
    server.answer("POST", "/git/commits", status, message, headers)
    found = problem(push)
    assert (found.code, found.status) == ("github_rate_limited", 429)
    assert least <= (found.retry_after or 0) <= most
    assert [path for method, path in server.requests if method == "POST"].count("/repos/ada/homes/git/commits") == 1


def test_a_fault_of_github_while_reading_is_tried_again(repo: Repo, server: GitHubServer) -> None:
    server.answer("GET", "/git/commits", 502, "Server Error")
    assert push().commit


def test_no_network_is_said_so(settings: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.GITHUB_API_URL = f"http://127.0.0.1:{probe.getsockname()[1]}"
    found = problem(push)
    assert (found.code, found.status, found.retry_after) == ("github_unreachable", 503, 60)


def test_a_repository_with_neither_branch_is_said_so(repo: Repo, server: GitHubServer) -> None:
    repo.default_branch = "gone"
    assert problem(lambda: push(branch="crm")).code == "github_branch_unknown"


def test_the_token_is_in_requests_and_in_no_log(
    repo: Repo, server: GitHubServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        push()
        problem(lambda: push(to="nobody/homes"))
    assert server.authorizations == {f"token {TOKEN}"}
    assert "git/trees" in caplog.text
    assert TOKEN not in caplog.text


def test_every_code_is_documented() -> None:
    root = Path(__file__).resolve().parent.parent.parent
    sources = "".join(path.read_text() for path in (root / "exporter").glob("github*.py"))
    codes = set(re.findall(r'code="(github_\w+)"', sources))
    documented = set(
        re.findall(r"`(github_\w+)`", (root / "docs/github.md").read_text().partition("## What can go")[2])
    )
    assert documented == codes
