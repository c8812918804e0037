"""`manage.py generate`."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.models import DecisionTrace, User
from core.projects import create_project
from core.tenancy import as_platform
from schemas.blueprints import blueprint
from schemas.document import Schema
from schemas.validation import validate
from tests.fakes.anthropic import AnthropicServer
from tests.schemas.generation.asking import PROMPT

REAL_ESTATE = blueprint("real_estate").document


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("generate", *arguments, stdout=out)
    return out.getvalue()


def test_a_draft_is_printed_and_needs_no_database() -> None:
    text = run(PROMPT)

    assert "properties" in text
    assert "agent_id -> agents" in text
    assert "No AI model was used" in text


def test_json_is_the_response_of_the_api() -> None:
    response = json.loads(run(PROMPT, "--json"))

    assert response["outcome"] == "schema"
    assert response["trace_id"] is None


def test_the_document_is_written_to_a_file(tmp_path: Path) -> None:
    run(PROMPT, "--out", str(tmp_path / "schema.json"))

    assert validate(json.loads((tmp_path / "schema.json").read_text())).valid


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="could not be written"):
        run(PROMPT, "--out", str(tmp_path / "missing" / "schema.json"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("hello",), 1),
        (("",), 1),
        ((PROMPT, "--user", "a@b.c"), 2),
        ((PROMPT, "--schema", "x.json", "--project", "Homes"), 2),
        ((PROMPT, "--schema", "missing.json"), 2),
    ],
)
def test_what_gives_no_schema_fails(arguments: tuple[str, ...], code: int) -> None:
    with pytest.raises(CommandError) as caught:
        run(*arguments)

    assert caught.value.returncode == code


def test_with_a_project_the_decision_is_stored(user: User) -> None:
    project = create_project(user, "Homes")

    response = json.loads(run(PROMPT, "--project", str(project.pk), "--json"))

    with as_platform():
        trace = DecisionTrace.objects.get()
    assert response["trace_id"] == str(trace.pk)
    assert trace.user_id == user.pk


def test_an_unknown_project_is_said(user: User) -> None:
    with pytest.raises(CommandError, match="No project"):
        run(PROMPT, "--project", "nothing")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The real estate blueprint in a file."""
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(REAL_ESTATE.to_json()))
    return path


def test_a_document_is_changed(document: Path) -> None:
    response = json.loads(run("add a fax number to agents", "--schema", str(document), "--json"))

    assert response["intent"] == "MODIFY"
    schema = Schema.from_json(response["schema_json"])
    assert [column.name for column in schema.table("agents").columns if "fax" in column.name] == ["fax_number"]
    assert schema.table("offers") == REAL_ESTATE.table("offers")


def test_a_document_with_errors_is_told_in_full(document: Path) -> None:
    document.write_text('{"name": "x", "tables": [{"name": "Bad Name", "columns": []}]}')

    with pytest.raises(CommandError) as caught:
        run("add a fax number", "--schema", str(document))

    assert caught.value.returncode == 1
    assert f"at {document} $.tables[0].name" in str(caught.value)
    assert "has" in str(caught.value).splitlines()[-1]


def test_claude_without_a_key_is_one_sentence() -> None:
    with pytest.raises(CommandError) as caught:
        run(PROMPT, "--engine", "claude")

    assert str(caught.value) == "Claude needs an API key: set ANTHROPIC_API_KEY to use it."


@pytest.mark.parametrize(("engine", "requests"), [("claude", 1), ("offline", 0)])
def test_the_engine_is_the_one_that_was_named(claude: AnthropicServer, engine: str, requests: int) -> None:
    response = json.loads(run(PROMPT, "--engine", engine, "--json"))

    assert response["engine"] == engine
    assert len(claude.requests) == requests


def test_with_a_project_the_draft_is_refined(user: User) -> None:
    project = create_project(user, "Homes")

    run(PROMPT, "--project", str(project.pk))
    response = json.loads(run("add a fax number to agents", "--project", "Homes", "--engine", "offline", "--json"))

    assert response["intent"] == "MODIFY"
