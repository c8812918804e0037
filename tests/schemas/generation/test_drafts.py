"""The chain of drafts: each prompt refines the one before, until it is provisioned; undo and redo walk along it."""

from __future__ import annotations

from uuid import uuid4

from core import jobs
from core.errors import Conflict
from core.models import DecisionTrace, Job, Project, User
from core.permissions import access_project, access_trace
from core.tenancy import as_platform
from schemas import drafts, traces
from schemas.document import Json, Schema
from schemas.generation.offline import OfflineEngine
from schemas.jobs import JOB_KIND
from tests.at_once import at_once
from tests.provisioning.acts import provision
from tests.schemas.generation.asking import PROMPT, ask

ADD_FAX = "add a fax number to agents"
ADD_TAGLINE = "add a tagline to properties"


def current(user: User, project: Project) -> DecisionTrace | None:
    return drafts.current_draft(user, access_project(user, project.pk))


def prompts(user: User, project: Project) -> list[str]:
    """The prompts of the draft and of those that it refines, the newest first."""
    found, trace = [], current(user, project)
    while trace is not None:
        found.append(trace.prompt)
        trace = access_trace(user, project.pk, trace.base_id) if trace.base_id else None
    return found


def columns(document: Json, table: str) -> list[str]:
    return [column.name for column in Schema.from_json(document).table(table).columns]


def test_a_prompt_refines_the_draft_that_is_not_provisioned(user: User, project: Project) -> None:
    first = ask(user, project)
    second = ask(user, project, ADD_FAX)
    third = ask(user, project, ADD_TAGLINE)

    assert [response["intent"] for response in (first, second, third)] == ["CREATE", "MODIFY", "MODIFY"]
    assert "fax_number" in columns(third["schema_json"], "agents")
    assert "tagline" in columns(third["schema_json"], "properties")
    assert prompts(user, project) == [ADD_TAGLINE, ADD_FAX, PROMPT]


def test_what_was_not_mentioned_stays_byte_for_byte(user: User, project: Project) -> None:
    before = ask(user, project)["schema_json"]
    after = ask(user, project, ADD_FAX)["schema_json"]

    agents = next(table for table in after["tables"] if table["name"] == "agents")
    added = [column for column in agents["columns"] if column["name"] == "fax_number"]
    agents["columns"].remove(*added)
    assert Schema.from_json(after).canonical_bytes() == Schema.from_json(before).canonical_bytes()


def test_a_question_or_a_failure_is_no_draft(user: User, project: Project) -> None:
    ask(user, project)
    ask(user, project, "hello")

    assert prompts(user, project) == [PROMPT]


def test_after_provisioning_the_chain_starts_from_the_active_version(user: User, project: Project) -> None:
    ask(user, project)
    drafted = ask(user, project, ADD_FAX)
    provision(user, project, drafted["schema_json"], trace=current(user, project))

    assert current(user, project) is None
    response = ask(user, project, ADD_TAGLINE)

    trace = current(user, project)
    active = access_project(user, project.pk).active_config
    assert trace is not None
    assert (trace.base_id, trace.parent_id) == (None, active.pk)
    assert "fax_number" in columns(response["schema_json"], "agents")
    assert len(response["changes"]) == 1


def test_a_draft_of_an_older_version_is_overtaken(user: User, project: Project) -> None:
    first = ask(user, project)
    ask(user, project, ADD_FAX)
    provision(user, project, first["schema_json"])

    assert current(user, project) is None


def test_undo_takes_one_turn_back_and_redo_restores_it(user: User, project: Project) -> None:
    for prompt in (PROMPT, ADD_FAX, ADD_TAGLINE):
        ask(user, project, prompt)

    taken = [drafts.undo(user, project) for _time in range(4)]
    assert [trace.prompt if trace else None for trace in taken] == [ADD_TAGLINE, ADD_FAX, PROMPT, None]
    assert current(user, project) is None

    back = [drafts.redo(user, project) for _time in range(4)]
    assert [trace.prompt if trace else None for trace in back] == [PROMPT, ADD_FAX, ADD_TAGLINE, None]
    assert prompts(user, project) == [ADD_TAGLINE, ADD_FAX, PROMPT]


def test_a_turn_after_an_undo_does_not_know_what_was_taken_back(user: User, project: Project) -> None:
    for prompt in (PROMPT, ADD_FAX):
        ask(user, project, prompt)
    drafts.undo(user, project)

    response = ask(user, project, ADD_TAGLINE)

    assert "fax_number" not in columns(response["schema_json"], "agents")
    assert prompts(user, project) == [ADD_TAGLINE, PROMPT]
    assert drafts.redo(user, project) is None


def test_of_two_turns_in_one_place_the_last_one_taken_back_is_restored(user: User, project: Project) -> None:
    ask(user, project)
    for prompt in (ADD_FAX, ADD_TAGLINE):
        ask(user, project, prompt)
        drafts.undo(user, project)

    restored = drafts.redo(user, project)

    assert restored is not None
    assert restored.prompt == ADD_TAGLINE
    assert drafts.redo(user, project) is None


def test_a_draft_that_was_provisioned_is_not_taken_back(user: User, project: Project) -> None:
    drafted = ask(user, project)
    provision(user, project, drafted["schema_json"], trace=current(user, project))

    assert drafts.undo(user, access_project(user, project.pk)) is None


def test_two_undos_at_once_take_back_two_turns(user: User, project: Project) -> None:
    for prompt in (PROMPT, ADD_FAX, ADD_TAGLINE):
        ask(user, project, prompt)

    taken = at_once([lambda: drafts.undo(user, project)] * 2)

    assert {trace.prompt for trace in taken} == {ADD_FAX, ADD_TAGLINE}
    assert prompts(user, project) == [PROMPT]


def test_one_button_pressed_twice_takes_back_one_turn(user: User, project: Project) -> None:
    for prompt in (PROMPT, ADD_FAX, ADD_TAGLINE):
        ask(user, project, prompt)
    shown = current(user, project).pk

    taken = at_once([lambda: drafts.undo(user, project, shown)] * 4)

    assert sorted(trace.code if isinstance(trace, Conflict) else trace.prompt for trace in taken) == [
        ADD_TAGLINE, "stale_draft", "stale_draft", "stale_draft",
    ]  # fmt: skip
    assert prompts(user, project) == [ADD_FAX, PROMPT]


def test_undos_and_redos_at_once_leave_a_chain(user: User, project: Project) -> None:
    for prompt in (PROMPT, ADD_FAX, ADD_TAGLINE):
        ask(user, project, prompt)
    drafts.undo(user, project)

    undo, redo = lambda: drafts.undo(user, project), lambda: drafts.redo(user, project)
    at_once([undo, redo, undo, redo, undo, redo])

    chain = [ADD_TAGLINE, ADD_FAX, PROMPT]
    assert prompts(user, project) in [chain[start:] for start in range(4)]


def test_a_draft_that_is_taken_back_while_the_next_is_made_stays_its_base(user: User, project: Project) -> None:
    ask(user, project)
    base = drafts.base_of(user, access_project(user, project.pk))
    trace = traces.begin(user, project, ADD_FAX, OfflineEngine(), uuid4(), base)
    drafts.undo(user, project)

    response = ask(user, project, ADD_FAX, trace_id=trace.pk)

    assert "fax_number" in columns(response["schema_json"], "agents")
    assert prompts(user, project) == [ADD_FAX, PROMPT]


def test_a_job_that_is_delivered_again_starts_from_the_same_draft(user: User, project: Project) -> None:
    ask(user, project)
    job = jobs.submit(user, JOB_KIND, {"prompt": ADD_FAX}, project=project)
    base = drafts.base_of(user, access_project(user, project.pk))
    traces.begin(user, project, ADD_FAX, OfflineEngine(), job.pk, base)  # by a worker that was lost
    ask(user, project, ADD_TAGLINE)

    jobs.run(job.pk)
    with as_platform():
        Job.objects.filter(pk=job.pk).update(status=Job.Status.QUEUED)
    jobs.run(job.pk)

    trace = access_trace(user, project.pk, job.pk)
    assert trace.base_id == base.draft.pk
    assert "tagline" not in columns(trace.document, "properties")
    with as_platform():
        assert DecisionTrace.objects.count() == 3
