"""`manage.py plan` and `manage.py provision`."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.models import Project, User
from provisioning import commands
from tests.factories import ProjectFactory
from tests.provisioning.acts import provision, query, reload
from tests.provisioning.documents import column, document, estate, table


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "estate.json"
    path.write_text(json.dumps(estate()))
    return path


@pytest.fixture(autouse=True)
def _no_waiting_for_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_WORKER_SECONDS", 0.0)


def run(*arguments: Any) -> str:
    output = StringIO()
    call_command(*map(str, arguments), stdout=output)
    return output.getvalue()


def test_plan_shows_sentences_and_sql_and_changes_nothing(user: User, project: Project, file: Path) -> None:
    text = run("plan", project.pk, file)
    assert text.startswith("Version 1.0.0")
    assert "create table" in text
    assert reload(user, project).active_config is None


def test_plan_as_json_is_the_dry_run(project: Project, file: Path) -> None:
    plan = json.loads(run("plan", project.pk, file, "--json"))
    assert plan["tables_created"] == ["agents", "properties", "showings"]


def test_provision_without_a_worker_does_the_work_itself(user: User, project: Project, file: Path) -> None:
    text = run("provision", project.name, file)
    assert "Version 1.0.0 is active." in text
    assert "Created: agents, properties, showings" in text
    assert query(project, user.pk, "admin", "select count(*) from agents") == [(0,)]
    assert "nothing to do" in run("provision", project.pk, file)
    assert "nothing to do" in run("plan", project.pk, file)


def test_provision_as_json_is_the_result(project: Project, file: Path) -> None:
    assert json.loads(run("provision", project.pk, file, "--json"))["rls_policies_created"] == 18


def test_provision_asks_before_something_disappears(user: User, project: Project, tmp_path: Path) -> None:
    provision(user, project, document(table("notes", column("a"), column("b"))))
    smaller = tmp_path / "smaller.json"
    smaller.write_text(json.dumps(document(table("notes", column("a")))))
    with pytest.raises(CommandError, match="--confirm-destructive"):
        run("provision", project.pk, smaller)
    assert "Version 2.0.0" in run("provision", project.pk, smaller, "--confirm-destructive")


@pytest.mark.parametrize("command", ["plan", "provision"])
def test_bad_input_is_said_in_a_sentence(
    user: User, other_user: User, project: Project, tmp_path: Path, command: str
) -> None:
    broken, invalid, good = (tmp_path / name for name in ("broken.json", "invalid.json", "good.json"))
    broken.write_text("{")
    invalid.write_text(json.dumps(document(table("notes", column("a", "nonsense")))))
    good.write_text(json.dumps(estate()))
    ProjectFactory(owner=user, name="Twin")
    ProjectFactory(owner=other_user, name="Twin")
    for arguments, message in (
        ((project.pk, tmp_path / "absent.json"), "cannot be read"),
        ((project.pk, broken), "does not hold JSON"),
        ((project.pk, invalid), r"\$\.tables\[0\]\.columns\[0\]\.type"),
        (("nothing called so", good), "No project"),
        (("Twin", good), "Several projects"),
        ((project.pk, good, "--user", "nobody@example.com"), "There is no user"),
        ((project.pk, good, "--user", other_user.email), "No project"),
    ):
        with pytest.raises(CommandError, match=message):
            run(command, *arguments)
    assert reload(user, project).active_config is None


def test_a_user_can_be_named(user: User, project: Project, file: Path) -> None:
    ProjectFactory(owner=user, name="Other")
    assert "Version 1.0.0" in run("plan", project.name, file, "--user", user.email.upper())
