"""Every page in both themes and both sizes: readable, named, inside its width."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from core.models import DecisionTrace, Project, User
from core.permissions import access_project
from core.projects import create_project
from core.tenancy import as_platform
from provisioning import service
from schemas import drafts
from schemas.blueprints import blueprint
from schemas.jobs import decide
from tests.browser.conftest import sign_in
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
NAMELESS = (Path(__file__).parent / "nameless.js").read_text()


@pytest.fixture
def project(user: User, worker) -> Project:
    """A provisioned application with five related tables."""
    from core import jobs

    project = access_project(user, create_project(user, "Real estate", "Homes and the people around them.").pk)
    job = service.provision(user, project, blueprint("real_estate").document.to_json())
    assert job is not None
    finished = jobs.wait(user, job.pk, 60)
    assert finished.status == "succeeded", finished.error
    return project


@pytest.fixture(params=["light", "dark"])
def themed(page: Page, request) -> Page:
    page.emulate_media(color_scheme=request.param)
    return page


def check(page: Page, path: str, fits) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    fits()
    assert page.evaluate(CONTRAST) == [], path
    assert page.evaluate(NAMELESS) == [], path
    assert page.locator("h1").count() == 1, path


def test_public_pages(themed: Page, database, fits):
    for path in ("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        check(themed, path, fits)


def test_pages_of_a_project(themed: Page, user: User, project: Project, fits):
    sign_in(themed, user.email, PASSWORD)
    base = f"/projects/{project.pk}"
    for path in ("/", "/projects/", "/projects/new/", "/usage/", f"{base}/", f"{base}/settings/", f"{base}/builder/"):
        check(themed, path, fits)
    for path in ("history/", "provisioned/", "export/", "api/", "data/properties/", "data/properties/new/", "trash/"):
        check(themed, f"{base}/{path}", fits)


def test_a_draft_with_marks_and_what_was_taken_back(themed: Page, user: User, project: Project, fits):
    for prompt in (
        "add a nickname to agents",
        "add a table invoices with number and due date",
        "rename agents to brokers",
    ):
        decide(user, project, prompt, trace_id=uuid4())
    drafts.undo(user, project)
    with as_platform():
        DecisionTrace.objects.create(
            user=user, project=project, engine="claude", model="claude-opus-4-8", prompt="Add tasks",
            outcome="clarify", message="Which tasks?", response={"suggestions": ["Add a table tasks"]},
            input_tokens=12_000, output_tokens=3_400,
        )  # fmt: skip
    sign_in(themed, user.email, PASSWORD)
    for path in (f"/projects/{project.pk}/builder/", f"/projects/{project.pk}/history/", "/usage/"):
        check(themed, path, fits)
    assert themed.get_by_text("No AI request in the last 30 days").count() == 0


def test_a_table_with_many_columns_scrolls_inside_the_page(page: Page, user: User, fits):
    columns = [{"name": f"a_rather_long_name_{number}", "type": "boolean"} for number in range(25)]
    table = {
        "name": "things",
        "columns": [{"name": "name", "type": "text", "required": True}, *columns],
        "ui_hints": {"list_columns": ["name", *(column["name"] for column in columns)]},
    }
    client = RecordsClient(client_of(user), provisioned(user, {"name": "Wide", "tables": [table]}))
    made = client.made("things", name="مرحبا بالعالم 🏡 " + "W" * 180, **{column["name"]: True for column in columns})
    sign_in(page, user.email, PASSWORD)
    for path in ("", "new/", f"{made['id']}/", f"{made['id']}/edit/", f"{made['id']}/delete/"):
        page.goto(f"/projects/{client.project.pk}/data/things/{path}")
        fits()


def test_the_checks_find_what_they_look_for(page: Page, database):
    page.goto("/accounts/login/")
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend",
            '<p style="background: #fff; color: #bbb">pale</p><button></button><i id="content"></i>')"""
    )

    assert any("pale" in fault for fault in page.evaluate(CONTRAST))
    assert len(page.evaluate(NAMELESS)) == 2
