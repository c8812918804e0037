"""The pages around a schema: the builder and its drafts, the history, the usage of AI, and the words they derive."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import jobs
from core.models import DecisionTrace, Job, Project, User
from core.permissions import access_project, access_trace
from core.projects import create_project, delete_project
from core.tenancy import as_platform
from schemas.diff import diff
from schemas.document import Json, Schema
from schemas.draft_page import CHANGED, NEW, marks_of
from schemas.jobs import JOB_KIND, decide
from schemas.turns import MAX_CHANGES, Turn
from schemas.views import name_from
from tests.provisioning.acts import provision

PROMPT = "Create a CRM for real estate agents with properties, agents and showings"
ADD = "add a commission percentage to agents"
RENAME = "rename showings to viewings"
ADDED = "Add the column commission_percentage (percent) to agents."
RENAMED = "Rename the table showings to viewings."


@pytest.fixture
def client(user: User) -> Client:
    return browser_of(user)


@pytest.fixture
def project(user: User) -> Project:
    return access_project(user, create_project(user, "Homes").pk)


def browser_of(user: User) -> Client:
    client = Client(enforce_csrf_checks=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def say(user: User, project: Project, *prompts: str) -> list[dict[str, Json]]:
    """The turns of a conversation, decided by the offline engine."""
    return [decide(user, access_project(user, project.pk), prompt, trace_id=uuid4()) for prompt in prompts]


def provisioned(user: User, project: Project) -> Project:
    """The project after its first draft was provisioned."""
    (turn,) = say(user, project, PROMPT)
    trace = access_trace(user, project.pk, turn["trace_id"])
    provision(user, project, trace.document, trace=trace)
    return access_project(user, project.pk)


def page(client: Client, name: str, *args: object, **query: str) -> str:
    """The text of a page that is there, without tags and without space that nobody sees."""
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return words_of(response.content.decode())


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html.replace("<s>", "~").replace("</s>", "~"))).split())


def post(client: Client, name: str, project: Project) -> str:
    """The words of the page that the builder's form leads to; where it has no such form, one that names no draft."""
    url = reverse(name, args=[project.pk])
    html = client.get(reverse("builder", args=[project.pk])).content.decode()
    expected = re.search(rf'action="{url}".*?name="trace" value="([^"]+)"', html)
    return send(client, url, expected[1] if expected else "", project)


def send(client: Client, url: str, expected: str, project: Project) -> str:
    response = client.post(url, {"trace": expected}, follow=True)
    assert response.redirect_chain == [(reverse("builder", args=[project.pk]), 302)]
    return words_of(response.content.decode())


def a_trace(user: User, project: Project | None, **fields: object) -> DecisionTrace:
    """A decision of a model, as it is stored."""
    usage = {"input_tokens": 12_000, "cached_tokens": 9_000, "output_tokens": 3_400, "cost_usd": Decimal("0.0615")}
    with as_platform():
        return DecisionTrace.objects.create(
            user=user, project=project, engine="claude", model="claude-opus-4-8", prompt="Add tasks", **usage | fields
        )


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Create a CRM for real estate agents with properties, agents and showings", "CRM for real estate agents"),
        ("I need an inventory tracker that warns me", "Inventory tracker"),
        ("please build me a clinic manager. Patients first.", "Clinic manager"),
        ("boats", "Boats"),
        ("Create", "Create"),
        ("with properties", "With properties"),
        ("...", "..."),
        ("x" * 300, "X" + "x" * 59),
    ],
)
def test_a_project_is_named_after_its_description(prompt, name):
    assert name_from(prompt) == name


def test_the_builder_shows_the_draft_that_the_turns_have_come_to(client, user, project):
    say(user, project, PROMPT, ADD, RENAME)

    text = page(client, "builder", project.pk)

    assert "What changes" in text
    assert "By the last message Rename the table showings to viewings." in text
    assert "Add the table viewings with 9 columns." in text
    assert "Add the table agents with 10 columns." in text
    assert "against the draft before" in text
    assert "Review and provision" in text
    assert "Nothing touches the database until you provision." in text


def test_a_draft_is_compared_with_the_active_version(client, user, project):
    project = provisioned(user, project)
    assert "A change starts from version 1.0.0." in page(client, "builder", project.pk)

    say(user, project, ADD, RENAME)

    text = page(client, "builder", project.pk)
    assert "All of it, against version 1.0.0" in text
    assert text.count(ADDED) == 2  # in the conversation and in the comparison
    assert text.count(f"By the last message {RENAMED}") == 1
    assert "Changed Agents and Viewings against version 1.0.0" in text
    assert "Add the table" not in text.split("What changes")[1]


def test_a_change_is_taken_back_and_restored(client, user, project):
    say(user, project, PROMPT, ADD, RENAME)

    text = post(client, "draft-undo", project)
    assert f"Taken back: {RENAME}" in text
    assert f"~{RENAME}~" in text
    assert "Add the table showings with 9 columns." in text.split("What changes")[1]

    text = post(client, "draft-redo", project)
    assert f"Restored: {RENAME}" in text
    assert "~" not in text
    assert "Add the table viewings with 9 columns." in text.split("What changes")[1]


def test_only_what_can_be_done_is_offered(client, user, project):
    def offered() -> tuple[bool, bool]:
        text = page(client, "builder", project.pk)
        return "Undo last change" in text, " Redo " in text

    assert offered() == (False, False)
    say(user, project, PROMPT)
    assert offered() == (True, False)
    post(client, "draft-undo", project)
    assert offered() == (False, True)
    assert "There is no draft to take back." in post(client, "draft-undo", project)
    post(client, "draft-redo", project)
    assert "There is nothing to restore." in post(client, "draft-redo", project)
    assert offered() == (True, False)


def test_nothing_is_taken_back_while_a_change_is_drafted(client, user, project):
    say(user, project, PROMPT)
    with as_platform():
        Job.objects.create(user=user, project=project, kind=JOB_KIND, payload={"prompt": ADD})

    assert "Undo last change" not in page(client, "builder", project.pk)
    assert "Wait until it is done" in post(client, "draft-undo", project)
    assert "~" not in page(client, "builder", project.pk)


def test_two_clicks_take_back_one_change(client, user, project):
    _, second = say(user, project, PROMPT, ADD)
    url = reverse("draft-undo", args=[project.pk])

    send(client, url, str(second["trace_id"]), project)
    text = send(client, url, str(second["trace_id"]), project)

    assert "Taken back:" not in text
    assert f"~{PROMPT}~" not in text
    assert "Undo last change" in text


def test_one_message_is_worked_on_at_a_time(client, user, project):
    with as_platform():
        Job.objects.create(user=user, project=project, kind=JOB_KIND, payload={"prompt": PROMPT})

    response = client.post(reverse("builder", args=[project.pk]), {"prompt": ADD})

    assert response.status_code == 409
    assert f"{ADD}</textarea>" in response.content.decode()
    with as_platform():
        assert Job.objects.filter(project=project).count() == 1


@pytest.mark.parametrize("name", ["draft-undo", "draft-redo"])
def test_drafts_change_by_forms_of_our_own_only(user, other_user, project, name):
    say(user, project, PROMPT)
    url = reverse(name, args=[project.pk])

    assert browser_of(user).get(url).status_code == 405
    assert browser_of(other_user).post(url, {"trace": str(uuid4())}).status_code == 404
    assert browser_of(user).post(url, {"trace": "no id"}).status_code == 404
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert forged.post(url).status_code == 403
    assert "~" not in page(browser_of(user), "builder", project.pk)


def test_an_older_draft_says_that_it_is_one_and_leads_back(client, user, project):
    first, second = say(user, project, PROMPT, ADD)

    text = page(client, "builder", project.pk, trace=first["trace_id"])
    assert "You are looking at an earlier draft. Back to the current draft" in text
    assert "Review and provision" not in text
    assert "You are looking at" not in page(client, "builder", project.pk, trace=second["trace_id"])

    post(client, "draft-undo", project)
    text = page(client, "builder", project.pk, trace=second["trace_id"])
    assert "You are looking at a draft that was taken back. Back to the current draft" in text


def test_a_provisioned_draft_is_named_by_its_version(client, user, project):
    (turn,) = say(user, project, PROMPT)
    trace = access_trace(user, project.pk, turn["trace_id"])
    provision(user, project, trace.document, trace=trace)

    text = page(client, "builder", project.pk)
    assert "Undo last change" not in text
    assert "Provisioned as version 1.0.0" in text
    assert "What changes" not in text
    text = page(client, "builder", project.pk, trace=turn["trace_id"])
    assert "the draft that became version 1.0.0. Back to version 1.0.0" in text


def test_a_question_shows_what_could_be_said_instead(client, user, project):
    (_, question) = say(user, project, PROMPT, "make it nicer")
    assert question["outcome"] == "clarify"

    html = client.get(reverse("builder", args=[project.pk])).content.decode()

    for suggestion in question["suggestions"]:
        assert f'data-prompt="{suggestion}"' in html
    assert "Current draft" in html


def test_a_turn_lists_its_first_changes_and_counts_the_others():
    sentences = [f"Add the table t{number}." for number in range(MAX_CHANGES + 3)]
    turn = Turn(DecisionTrace(response={"changes": sentences}, message="Nine tables."))

    assert turn.changes == sentences[:MAX_CHANGES]
    assert turn.more_changes == sentences[MAX_CHANGES:]


def test_a_turn_does_not_repeat_its_message():
    assert Turn(DecisionTrace(response={"changes": [ADDED, RENAMED]}, message=f"{ADDED} {RENAMED}")).changes == []
    assert Turn(DecisionTrace(response={})).changes == []


def test_marks_tell_new_from_changed():
    def schema(*tables: tuple[str, list[str]]) -> Schema:
        return Schema.from_json(
            {
                "name": "Test",
                "tables": [
                    {"id": name, "name": name, "columns": [{"id": c, "name": c, "type": "text"} for c in columns]}
                    for name, columns in tables
                ],
            }
        )

    marks = marks_of(
        diff(schema(("a", ["x"]), ("b", ["x"]), ("gone", ["x"])), schema(("a", ["x", "y"]), ("b", ["x"]), ("c", ["x"])))
    )

    assert {table: mark for table, mark in marks.tables.items() if table != "gone"} == {"a": CHANGED, "c": NEW}
    assert marks.columns == {("a", "y"): NEW}


def test_the_diagram_says_its_marks_in_words(client, user, project):
    project = provisioned(user, project)
    say(user, project, ADD, "add a table invoices with number and due date")

    html = client.get(reverse("builder", args=[project.pk])).content.decode()

    description = re.search(r"<desc[^>]*>(.*?)</desc>", html, re.DOTALL)
    assert description
    assert "Agents: changed." in description[1]
    assert "Invoices: new." in description[1]
    assert "Properties: " not in description[1]


def test_tables_appear_while_they_are_drafted_and_nothing_moves_until_one_does(client, user, project):
    with as_platform():
        job = Job.objects.create(user=user, project=project, kind=JOB_KIND, status=Job.Status.RUNNING)
    context = jobs.JobContext(job)
    context.progress(40, "Drafting tables", {"tables": ["Properties"]})

    html = client.get(reverse("builder", args=[project.pk])).content.decode()
    assert "Properties" in html
    again = poll_url(html)
    assert client.get(again, headers={"HX-Request": "true"}).status_code == 204

    context.progress(50, "Drafting tables", {"tables": ["Properties", "Agents & <b>brokers</b>"]})
    part = client.get(again, headers={"HX-Request": "true"}).content.decode()

    assert "Agents &amp; &lt;b&gt;brokers" in part
    assert re.findall(r"<li class=\"vc-badge[^>]*>", part)[0].count("data-new") == 0
    assert part.count("data-new") == 1
    assert client.get(poll_url(part), headers={"HX-Request": "true"}).status_code == 204
    cache.clear()


def poll_url(html: str) -> str:
    found = re.search(r'hx-get="(/jobs/[^"]+)"', html)
    assert found
    return unescape(found[1])


def test_other_jobs_show_no_tables(client, user):
    with as_platform():
        job = Job.objects.create(user=user, kind="export", status=Job.Status.RUNNING)
    jobs.JobContext(job).progress(40, "Writing pages")

    html = client.get(reverse("job", args=[job.pk]), {"tables": "9" * 5000}).content.decode()

    assert "Writing pages" in html
    assert "vc-drafted" not in html
    cache.clear()


def test_the_history_tells_decisions_their_cost_and_what_was_taken_back(client, user, project):
    project = provisioned(user, project)
    say(user, project, ADD)
    a_trace(user, project, outcome="clarify", message="Which tasks?")
    post(client, "draft-undo", project)

    text = page(client, "history", project.pk)

    assert "Version 1.0.0" in text
    assert f"~{ADD}~" in text
    assert "Taken back" in text
    assert "12,000 tokens in (9,000 from the cache), 3,400 out, $0.0615" in text
    assert "Offline engine" in text


def test_the_usage_page_sums_up_days_and_projects(client, user, other_user, project):
    a_trace(user, project)
    a_trace(user, None)
    yesterday = a_trace(user, project, input_tokens=1_000, cost_usd=Decimal("0.01"))
    with as_platform():
        DecisionTrace.objects.filter(pk=yesterday.pk).update(created_at=timezone.now() - timedelta(days=1))
    a_trace(other_user, None, input_tokens=77_777)

    text = page(client, "ai-usage")

    assert "Homes 1 12,000 9,000 3,400 0.0615" in text
    assert "No project 1 12,000 9,000 3,400 0.0615" in text
    assert "Homes 1 1,000 9,000 3,400 0.0100" in text
    assert "Total 3 25,000 27,000 10,200 0.1330" in text
    assert "77,777" not in text
    assert "00:00 UTC" in text


def test_the_usage_of_a_deleted_project_stays_without_a_way_to_it(client, user, project):
    a_trace(user, project)
    link = reverse("history", args=[project.pk])
    assert link in client.get(reverse("ai-usage")).content.decode()

    delete_project(user, project, project.name)

    html = client.get(reverse("ai-usage")).content.decode()
    assert link not in html
    assert "Total 1 12,000" in words_of(html)


def test_the_usage_page_is_in_the_menu_and_says_when_no_model_is_used(client, user):
    assert reverse("ai-usage") in client.get(reverse("project-list")).content.decode()
    assert "no AI model is used" in page(client, "ai-usage")
    assert "No AI request in the last 30 days" in page(client, "ai-usage")
