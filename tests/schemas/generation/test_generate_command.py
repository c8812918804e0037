"""`manage.py generate`."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.models import DecisionTrace, User
from core.projects import create_project
from core.tenancy import as_platform
from schemas.validation import validate

PROMPT = "Create a CRM for real estate agents with properties, agents and showings"


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


@pytest.mark.parametrize(("arguments", "code"), [(("hello",), 1), (("",), 1), ((PROMPT, "--user", "a@b.c"), 2)])
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
