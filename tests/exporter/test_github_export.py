"""Export to GitHub through the API and the pages: what is answered, and where the token has never been."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.errors import Conflict
from core.models import Project, User
from exporter import github_job, github_token
from exporter.github_merge import MANIFEST_PATH
from tests.conftest import running_worker
from tests.exporter.test_export_api import browser, finished, project
from tests.fakes.github import GitHubServer

__all__ = ["browser", "project"]

TOKEN = "ghp_5ecretOfAda"
URL = "/api/v1/export-code"


@pytest.fixture
def github(settings: Any) -> Iterator[GitHubServer]:
    with GitHubServer() as running:
        running.account("ada", TOKEN)
        settings.GITHUB_API_URL = running.url
        yield running


def asked(project: Project, **values: Any) -> dict[str, Any]:
    return {
        "project_id": str(project.pk),
        "export_type": "github",
        "repo_name": "homes",
        "github_token": TOKEN,
        **values,
    }


def submitted(api: APIClient, project: Project, **values: Any) -> str:
    response = api.post(URL, asked(project, **values), format="json", HTTP_PREFER="respond-async")
    assert response.status_code == 202, response.content
    assert TOKEN not in response.content.decode()
    return response.json()["id"]


def in_redis() -> bytes:
    """All that Redis holds, keys and values of every kind."""
    client = cache._cache.get_client(write=True)  # type: ignore[attr-defined]
    read = {
        b"string": client.get,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
        b"hash": client.hgetall,
        b"zset": lambda key: client.zrange(key, 0, -1),
    }
    return b"\n".join(key + repr(read[client.type(key)](key)).encode() for key in client.scan_iter())


def sealed_tokens() -> int:
    return in_redis().count(b"github-token:")


def test_a_call_waits_for_the_push_and_answers_the_repository(
    database: None, api: APIClient, project: Project, github: GitHubServer
) -> None:
    with running_worker(GITHUB_API_URL=github.url):
        response = api.post(URL, asked(project, branch="crm", private=False), format="json")
    assert response.status_code == 200, response.content
    answer = response.json()
    assert answer["success"] is True
    assert answer["repository_url"] == "https://github.test/ada/homes"
    assert answer["message"] == "The repository ada/homes was created. Its branch crm holds the application."
    made = github.find("ada/homes")
    assert "package.json" in made.files("crm")
    assert not made.private
    assert made.log("crm")[0] == "Export version 1.0.0"


def test_a_push_takes_at_most_twelve_requests(
    user: User, api: APIClient, project: Project, github: GitHubServer
) -> None:
    job = finished(user, submitted(api, project))
    assert job.status == "succeeded", job.error
    assert [step["label"] for step in job.steps] == [
        "Read the active version", "Write the source code", "Find the repository on GitHub",
        "Compare with what is there", "Send the files", "Make the commit", "Pack the files", "Store the archive",
    ]  # fmt: skip
    assert len(github.find("ada/homes").files()) == (job.result or {})["file_count"] + 1
    assert len(github.requests) <= 12
    assert api.get(f"/api/v1/jobs/{job.pk}/download").status_code == 200


def test_a_second_export_says_that_nothing_changed(
    user: User, api: APIClient, project: Project, github: GitHubServer
) -> None:
    finished(user, submitted(api, project))
    job = finished(user, submitted(api, project))
    assert (job.result or {})["commit"] == ""
    assert (job.result or {})["message"].startswith(
        "Nothing has changed since the last export to ada/homes, branch main"
    )


def test_a_second_export_tells_of_files_that_people_changed(
    user: User, api: APIClient, project: Project, github: GitHubServer
) -> None:
    finished(user, submitted(api, project, project_name="Homes"))
    github.find("ada/homes").push({"package.json": "{}", "src/mine.ts": "// mine\n"})
    job = finished(user, submitted(api, project, project_name="Houses"))
    assert (job.result or {})["overwritten"] == ["package.json"]
    assert "The branch had another version of package.json" in (job.result or {})["message"]
    assert github.find("ada/homes").files()["src/mine.ts"] == "// mine\n"


def test_no_name_of_the_platform_is_in_what_is_pushed(
    user: User, api: APIClient, project: Project, github: GitHubServer
) -> None:
    finished(user, submitted(api, project))
    made = github.find("ada/homes")
    assert str(project.pk) not in json.dumps(made.files())
    assert "vibecrm" not in json.dumps([made.log(), made.files()[MANIFEST_PATH]]).lower()


@pytest.mark.parametrize("failing", [False, True])
def test_the_token_is_stored_nowhere(
    user: User,
    api: APIClient,
    project: Project,
    github: GitHubServer,
    superuser: psycopg.Connection,
    caplog: pytest.LogCaptureFixture,
    failing: bool,
) -> None:
    if failing:
        github.answer("POST", "/user/repos", 403, "Resource not accessible by personal access token")
    with caplog.at_level(logging.DEBUG):
        job_id = submitted(api, project)
        assert sealed_tokens() == 1
        assert TOKEN.encode() not in in_redis()
        job = finished(user, job_id)
    assert job.status == ("failed" if failing else "succeeded")
    assert sealed_tokens() == 0
    rows = superuser.execute("select to_jsonb(core_job)::text from core_job").fetchall()
    told = [str(rows), caplog.text, api.get(f"/api/v1/jobs/{job_id}").content.decode(), in_redis().decode("latin-1")]
    assert len(rows) == 1
    assert not [text for text in told if TOKEN in text]
    assert github.authorizations == {f"token {TOKEN}"}


def test_the_row_and_redis_together_are_not_the_token(database: None, settings: Any) -> None:
    claim = github_token.leave(TOKEN)
    settings.SECRET_KEY = "another installation's, forty characters and more"
    with pytest.raises(Conflict):
        github_token.take(claim)


def test_a_token_is_taken_once(database: None) -> None:
    claim = github_token.leave(TOKEN)
    assert github_token.take(claim) == TOKEN
    with pytest.raises(Conflict) as caught:
        github_token.take(claim)
    assert caught.value.code == "github_token_gone"


def test_a_token_does_not_wait_for_ever(database: None) -> None:
    github_token.leave(TOKEN)
    client = cache._cache.get_client(write=True)  # type: ignore[attr-defined]
    (key,) = [key for key in client.scan_iter() if b"github-token:" in key]
    assert 0 < client.ttl(key) <= github_token.SECONDS <= 3600


def test_an_attempt_after_a_lost_worker_says_that_the_token_is_used_up(
    user: User, api: APIClient, project: Project, github: GitHubServer, superuser: psycopg.Connection
) -> None:
    job_id = submitted(api, project)
    claim = superuser.execute("select payload->'github'->>'claim' from core_job").fetchone()
    assert claim is not None
    github_token.take(claim[0])
    job = finished(user, job_id)
    assert (job.error or {})["code"] == "github_token_gone"


def test_a_request_that_comes_again_gets_the_first_answer_and_leaves_no_token(
    user: User, api: APIClient, project: Project, github: GitHubServer
) -> None:
    headers = {"HTTP_PREFER": "respond-async", "HTTP_IDEMPOTENCY_KEY": "once"}
    first = api.post(URL, asked(project), format="json", **headers).json()["id"]
    assert api.post(URL, asked(project), format="json", **headers).json()["id"] == first
    assert finished(user, first).status == "succeeded"
    answer = api.post(URL, asked(project), format="json", **headers)
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert sealed_tokens() == 0
    assert api.post(URL, asked(project, branch="other"), format="json", **headers).status_code == 409


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"repo_name": ""}, "$.repo_name"),
        ({"repo_name": "../../user"}, "$.repo_name"),
        ({"repo_name": "a/b/c"}, "$.repo_name"),
        ({"repo_name": "ada/.."}, "$.repo_name"),
        ({"repo_name": "ada/crm.git"}, "$.repo_name"),
        ({"repo_name": "https://evil.test/x"}, "$.repo_name"),
        ({"repo_name": "crm?x=1"}, "$.repo_name"),
        ({"branch": "a..b"}, "$.branch"),
        ({"branch": "-f"}, "$.branch"),
        ({"branch": "refs/heads/main"}, "$.branch"),
        ({"branch": "a b"}, "$.branch"),
        ({"github_token": ""}, "$.github_token"),
        ({"github_token": f"{TOKEN}\r\nX-Evil: 1"}, "$.github_token"),
        ({"github_token": f"{TOKEN}é"}, "$.github_token"),
        ({"github_token": TOKEN * 100}, "$.github_token"),
    ],
)
def test_a_wrong_request_names_its_field_and_never_the_token(
    api: APIClient, project: Project, values: dict[str, str], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = api.post(URL, asked(project, **values), format="json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["path"] == path
    assert TOKEN not in response.content.decode() + caplog.text
    assert sealed_tokens() == 0


@pytest.mark.parametrize("missing", ["repo_name", "github_token"])
def test_a_push_needs_a_repository_and_a_token(api: APIClient, project: Project, missing: str) -> None:
    body = {name: value for name, value in asked(project).items() if name != missing}
    response = api.post(URL, body, format="json")
    assert (response.status_code, response.json()["code"]) == (400, f"invalid_{missing}")


def test_nobody_but_the_operator_says_where_github_is(
    user: User, api: APIClient, project: Project, github: GitHubServer
) -> None:
    with GitHubServer() as evil:
        values = {"github_api_url": evil.url, "base_url": evil.url, "GITHUB_API_URL": evil.url}
        assert finished(user, submitted(api, project, **values)).status == "succeeded"
        assert (evil.requests, bool(github.requests)) == ([], True)


def test_a_rate_limit_reaches_the_caller_with_its_header(
    user: User, api: APIClient, project: Project, github: GitHubServer
) -> None:
    github.answer("GET", "/user", 403, "You have exceeded a secondary rate limit.", {"Retry-After": "37"})
    headers = {"HTTP_PREFER": "respond-async", "HTTP_IDEMPOTENCY_KEY": "limited"}
    finished(user, api.post(URL, asked(project), format="json", **headers).json()["id"])
    answer = api.post(URL, asked(project), format="json", **headers)
    assert (answer.status_code, answer["Retry-After"]) == (429, "37")
    assert answer.json()["code"] == "github_rate_limited"


def test_what_is_too_large_for_github_is_said_before_anything_is_sent(
    user: User, api: APIClient, project: Project, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_job, "_MAX_CHARACTERS", 1000)
    job = finished(user, submitted(api, project))
    assert (job.error or {})["code"] == "github_too_large"
    assert (github.requests, sealed_tokens()) == ([], 0)


def form(**values: str) -> dict[str, str]:
    return {
        "target": "nextjs", "project_name": "Homes", "delivery": "github", "repo_name": "homes", "github_token": TOKEN,
        "branch": "crm", "private": "on", **values,
    }  # fmt: skip


def test_the_pages_lead_from_the_form_to_github(
    user: User, browser: Client, project: Project, github: GitHubServer
) -> None:
    page = browser.get(reverse("export", args=[project.pk]))
    assert b'type="password"' in page.content
    response = browser.post(page.request["PATH_INFO"], form())
    assert response.status_code == 302
    assert TOKEN not in response["Location"]
    finished(user, response["Location"].split("/jobs/")[1].split("/")[0])
    done = browser.get(response["Location"], follow=True)
    assert b'href="https://github.test/ada/homes"' in done.content
    assert b"Its branch crm holds the application." in done.content
    assert github.find("ada/homes").private


def test_a_failed_push_leads_back_to_the_form_as_it_was_without_the_token(
    user: User, browser: Client, project: Project, github: GitHubServer
) -> None:
    response = browser.post(reverse("export", args=[project.pk]), form(repo_name="nobody/homes"))
    finished(user, response["Location"].split("/jobs/")[1].split("/")[0])
    page = browser.get(response["Location"])
    assert b"no repository nobody/homes" in page.content
    back = page.content.decode().split('<a class="vc-btn" href="')[1].split('"')[0].replace("&amp;", "&")
    again = browser.get(back).content.decode()
    assert 'value="nobody/homes"' in again
    assert 'value="crm"' in again
    assert TOKEN not in page.content.decode() + again


def test_the_page_names_the_field_that_is_wrong_and_never_repeats_the_token(browser: Client, project: Project) -> None:
    page = browser.post(reverse("export", args=[project.pk]), form(repo_name="a/b/c", branch="a..b"))
    assert page.status_code == 422
    assert b"Write the repository as name or owner/name" in page.content
    assert b"A branch cannot be called that" in page.content
    assert TOKEN not in page.content.decode()


def test_the_fields_of_github_do_not_stand_in_the_way_of_a_zip(browser: Client, project: Project) -> None:
    values = form(delivery="zip", repo_name="a/b/c", github_token="")
    response = browser.post(reverse("export", args=[project.pk]), values)
    assert response.status_code == 302
