"""The past of a project over the API."""

from typing import Any

from rest_framework.test import APIClient

from core.models import Project, User
from core.permissions import access_project
from schemas import drafts
from tests.conftest import client_of
from tests.fakes import anthropic as fake
from tests.fakes.anthropic import AnthropicServer
from tests.provisioning.acts import provision
from tests.schemas.generation.asking import PROMPT, ask


def past(client: APIClient, project: Project, **parameters: Any) -> dict[str, Any]:
    response = client.get(f"/api/v1/vibe-replay/{project.pk}", parameters)
    assert response.status_code == 200, response.content
    return dict(response.json())


def conversation(user: User, project: Project) -> None:
    """A version from two turns; then a question, and a turn that is taken back."""
    ask(user, project)
    drafted = ask(user, project, "add a fax number to agents")
    provision(user, project, drafted["schema_json"], trace=drafts.current_draft(user, project))
    ask(user, project, "hello")
    ask(user, project, "add a tagline to properties")
    drafts.undo(user, access_project(user, project.pk))


def test_decisions_and_versions_are_told_newest_first(api: APIClient, user: User, project: Project) -> None:
    conversation(user, project)

    answer = past(api, project)

    assert answer["count"] == 5
    assert [entry["kind"] for entry in answer["results"]] == ["decision", "decision", "version", "decision", "decision"]
    assert [entry["at"] for entry in answer["results"]] == sorted(
        (entry["at"] for entry in answer["results"]), reverse=True
    )


def test_a_decision_says_what_was_asked_and_what_came_of_it(api: APIClient, user: User, project: Project) -> None:
    conversation(user, project)

    tagline, question, _, fax, first = (entry["decision"] for entry in past(api, project)["results"])

    assert (first["prompt"], first["intent"], first["outcome"], first["engine"]) == (
        PROMPT,
        "CREATE",
        "schema",
        "offline",
    )
    assert (first["operations"], first["base"], first["versions"]) == ([], None, [])
    assert [step["op"] for step in fax["operations"]] == ["add_column"]
    assert len(fax["changes"]) == 1
    assert (fax["base"], fax["versions"], fax["undone"]) == (first["id"], ["1.0.0"], False)
    assert (question["outcome"], question["operations"], question["changes"]) == ("clarify", [], [])
    assert (tagline["undone"], tagline["base"]) == (True, None)


def test_a_version_says_what_it_changed(api: APIClient, user: User, project: Project) -> None:
    conversation(user, project)

    entry = past(api, project)["results"][2]

    assert entry["decision"] is None
    assert (entry["version"]["version"], entry["version"]["active"]) == ("1.0.0", True)
    assert entry["version"]["prompt"] == "add a fax number to agents"
    assert any("agents" in change for change in entry["version"]["changes"])


def test_what_a_model_took_is_told(api: APIClient, user: User, project: Project, claude: AnthropicServer) -> None:
    claude.script(fake.reply("no JSON"), claude.next_answer())
    response = ask(user, project, "A clinic")

    decision = past(api, project)["results"][0]["decision"]

    assert decision["usage"] == response["usage"]
    assert decision["repairs"] == 1
    assert decision["prompt_version"]


def test_the_past_comes_in_pages(api: APIClient, user: User, project: Project) -> None:
    conversation(user, project)

    pages = [past(api, project, page=number, page_size=2) for number in (1, 2, 3)]

    assert [len(page["results"]) for page in pages] == [2, 2, 1]
    assert [bool(page["next"]) for page in pages] == [True, True, False]
    assert [entry for page in pages for entry in page["results"]] == past(api, project)["results"]
    assert api.get(f"/api/v1/vibe-replay/{project.pk}?page=9").status_code == 404


def test_an_empty_past_is_an_empty_list(api: APIClient, project: Project) -> None:
    assert past(api, project) == {"count": 0, "next": None, "previous": None, "results": []}


def test_another_users_past_does_not_exist(user: User, other_user: User, project: Project) -> None:
    conversation(user, project)

    assert client_of(other_user).get(f"/api/v1/vibe-replay/{project.pk}").status_code == 404
    assert APIClient().get(f"/api/v1/vibe-replay/{project.pk}").status_code == 401
