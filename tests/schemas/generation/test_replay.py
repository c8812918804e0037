"""Replay: stored decisions give the stored versions again, byte for byte, and no engine is asked."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.models import DecisionTrace, Project, User, VibeConfig
from core.permissions import access_project
from core.tenancy import as_platform
from schemas import drafts
from schemas.document import Json, Schema
from schemas.replay import ReplayedVersion, replay_project
from tests.fakes.anthropic import AnthropicServer
from tests.provisioning.acts import provision
from tests.schemas.generation.asking import PROMPT, ask
from vibecrm.demo import make_demo


def publish(user: User, project: Project, document: Json | None = None, **options: Any) -> None:
    """Provisions the current draft, or a document in its name."""
    trace = drafts.current_draft(user, access_project(user, project.pk))
    assert trace is not None
    provision(user, project, document or trace.document, trace=trace, confirm_destructive=True, **options)


def by_hand(user: User, project: Project, document: Json) -> None:
    provision(user, project, document, confirm_destructive=True)


def active_document(user: User, project: Project) -> Json:
    return access_project(user, project.pk).active_config.document


def replayed(user: User, project: Project) -> list[ReplayedVersion]:
    return replay_project(user, access_project(user, project.pk))


def findings(user: User, project: Project) -> list[str]:
    return [each.finding for each in replayed(user, project)]


def conversation(user: User, project: Project) -> None:
    """Two versions: the first from three turns, one of them taken back, the second from two."""
    ask(user, project, PROMPT)
    ask(user, project, "add a fax number to agents")
    ask(user, project, "add a tagline to properties")
    drafts.undo(user, access_project(user, project.pk))
    ask(user, project, "add a nickname to agents")
    publish(user, project)
    ask(user, project, "add a tagline to properties")
    ask(user, project, "rename agents to brokers")
    publish(user, project)


def test_every_version_follows_from_its_decisions(user: User, project: Project) -> None:
    conversation(user, project)

    versions = replayed(user, project)

    assert [(each.config.version, each.finding) for each in versions] == [
        ("1.0.0", "reproduced"),
        ("1.1.0", "reproduced"),
    ]
    assert [[trace.prompt for trace in each.decisions] for each in versions] == [
        [PROMPT, "add a fax number to agents", "add a nickname to agents"],
        ["add a tagline to properties", "rename agents to brokers"],
    ]


def test_what_claude_decided_is_replayed_without_claude(user: User, project: Project, claude: AnthropicServer) -> None:
    ask(user, project, "A clinic")
    publish(user, project)

    assert findings(user, project) == ["reproduced"]
    assert len(claude.requests) == 1


def test_the_demo_is_replayed(database: None) -> None:
    demo = make_demo()

    assert findings(demo.user, demo.project) == ["reproduced"]


def test_a_draft_that_was_edited_is_told_with_what_differs(user: User, project: Project) -> None:
    document = ask(user, project)["schema_json"]
    document["tables"][0]["columns"].append({"name": "parking", "type": "boolean"})
    publish(user, project, document)
    ask(user, project, "add a tagline to properties")
    publish(user, project)

    first, second = replayed(user, project)

    assert (first.finding, second.finding) == ("edited", "reproduced")
    assert len(first.differences) == 1
    assert "parking" in first.differences[0]
    assert [trace.prompt for trace in first.decisions] == [PROMPT]


def test_a_version_that_nobody_decided_is_told_with_what_it_changed(user: User, project: Project) -> None:
    conversation(user, project)
    document = active_document(user, project)
    document["tables"][0]["columns"].append({"name": "parking", "type": "boolean"})
    by_hand(user, project, document)

    last = replayed(user, project)[-1]

    assert (last.finding, last.decisions) == ("edited", ())
    assert last.note == "No decision is on record for it."
    assert len(last.differences) == 1


def test_a_version_that_brings_an_earlier_one_back_says_so(user: User, project: Project) -> None:
    conversation(user, project)
    with as_platform():
        first = VibeConfig.objects.get(project=project, number=1)
    by_hand(user, project, first.document)
    ask(user, project, "add a motto to agents")
    publish(user, project)

    versions = replayed(user, project)

    assert [each.finding for each in versions] == ["reproduced", "reproduced", "edited", "reproduced"]
    assert versions[2].note == "No decision is on record for it. It has the tables of version 1.0.0."


def test_a_version_whose_decision_was_deleted_is_edited_by_hand(user: User, project: Project) -> None:
    conversation(user, project)
    with as_platform():
        DecisionTrace.objects.filter(configs__number=2).delete()

    assert findings(user, project) == ["reproduced", "edited"]


def test_a_decision_whose_draft_was_deleted_cannot_be_replayed(user: User, project: Project) -> None:
    conversation(user, project)
    with as_platform():
        DecisionTrace.objects.filter(prompt=PROMPT).delete()

    first, second = replayed(user, project)

    assert (first.finding, second.finding) == ("failed", "reproduced")
    assert "add a fax number to agents" in first.note


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ({"operations": [{"op": "add_column", "table": "boats", "column": {"name": "x", "type": "text"}}]}, "'boats'"),
        ({"operations": [{"op": "launch"}]}, "'launch'"),
        ({"operations": []}, "another schema"),
        ({"document": {"name": "x", "tables": []}}, "does not give a valid schema"),
    ],
)
def test_a_decision_that_was_tampered_with_cannot_be_replayed(
    user: User, project: Project, draft: Json, reason: str
) -> None:
    conversation(user, project)
    with as_platform():
        DecisionTrace.objects.filter(configs__number=2).update(draft=draft)

    broken = replayed(user, project)[1]

    assert broken.finding == "failed"
    assert reason in broken.note
    assert str(broken.decisions[-1].pk) in broken.note


@pytest.mark.parametrize(
    ("change", "finding", "word"),
    [({"version": "9.0.0"}, "edited", "9.0.0"), ({"more": 1}, "edited", "not written"), ({"tables": 7}, "failed", "")],
)
def test_a_version_that_was_tampered_with_is_noticed(
    user: User, project: Project, change: Json, finding: str, word: str
) -> None:
    conversation(user, project)
    with as_platform():
        config = VibeConfig.objects.get(project=project, number=1)
        VibeConfig.objects.filter(pk=config.pk).update(document=config.document | change)

    first = replayed(user, project)[0]

    assert first.finding == finding
    assert word in " ".join(first.differences)


def test_a_decision_from_before_answers_were_kept_is_replayed_from_its_document(user: User, project: Project) -> None:
    ask(user, project)
    publish(user, project)
    with as_platform():
        DecisionTrace.objects.update(draft={}, parent=None, base=None)

    assert findings(user, project) == ["reproduced"]


# The command


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("replay", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_became_of_every_version(user: User, project: Project) -> None:
    conversation(user, project)
    by_hand(user, project, Schema.from_json(active_document(user, project) | {"name": "Other"}).to_json())

    lines = run(project.name).splitlines()

    assert lines[:2] == [
        "1.0.0  reproduced from 3 decisions, byte for byte",
        "1.1.0  reproduced from 2 decisions, byte for byte",
    ]
    assert lines[2] == "1.1.1  edited by hand. No decision is on record for it."
    assert len(lines) == 4


def test_the_command_fails_when_a_decision_cannot_be_replayed(user: User, project: Project) -> None:
    conversation(user, project)
    with as_platform():
        DecisionTrace.objects.filter(configs__number=2).update(draft={"operations": [{"op": "launch"}]})

    with pytest.raises(CommandError, match="1 version could not be replayed") as caught:
        run(str(project.pk))

    assert caught.value.returncode == 1


def test_the_command_speaks_json(user: User, project: Project) -> None:
    conversation(user, project)

    report = json.loads(run(str(project.pk), "--json"))

    assert (report["project_id"], report["replayed"]) == (str(project.pk), True)
    assert [each["finding"] for each in report["versions"]] == ["reproduced", "reproduced"]
    assert [len(each["decisions"]) for each in report["versions"]] == [3, 2]


def test_a_project_without_a_version_has_nothing_to_replay(project: Project) -> None:
    assert run(project.name) == "There is no version.\n"


def test_an_unknown_project_is_said(database: None) -> None:
    with pytest.raises(CommandError, match="No project"):
        run("nothing")
