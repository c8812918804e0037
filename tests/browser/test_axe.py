"""Every page of the product in both themes, judged by axe-core: nothing serious, nothing critical."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.urls import URLResolver, get_resolver, resolve, reverse
from playwright.sync_api import Page, expect

from core import jobs
from core.memberships import add_member
from core.models import Project, User
from core.rights import Role
from exporter import service as exporter
from provisioning import service
from schemas.jobs import decide
from tests.browser.conftest import sign_in
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.factories import PASSWORD
from tests.node import NPM, run

pytestmark = [pytest.mark.browser, pytest.mark.node]

AXE_VERSION = "4.14.1"

JUDGE = """async (rules) => {
    const found = await axe.run(document, { resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
    const bad = found.violations.filter((each) => ["serious", "critical"].includes(each.impact));
    return bad.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 160)}`));
}"""

NO_PAGES = {
    "healthz", "schema-format", "record-choices", "record-counts", "record-file", "export-download", "set_language",
    # a fragment of a page that is judged
    "record-cell",
    # what only a form is sent to
    "provision", "schema-lock", "schema-release", "schema-freeze", "schema-unfreeze", "job-cancel", "project-delete",
    "draft-undo", "draft-redo", "project-hand-over", "member-role", "trash-restore", "record-import-undo",
    "record-import-cancel", "record-import-refused",
    # what leads on to a page
    "record-bulk-done",
}  # fmt: skip
"""Addresses of people that are no pages."""


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core."""
    folder = tmp_path_factory.mktemp("axe")
    run(folder, NPM, "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"axe-core@{AXE_VERSION}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture
def size() -> str:
    return "desktop"


@pytest.fixture
def client(user: User) -> RecordsClient:
    """A project with all kinds of relations, two versions, and some records."""
    document = documents.estate()
    made = RecordsClient(client_of(user), provisioned(user, document))
    document["tables"][0]["columns"].append({"name": "nickname", "type": "text"})
    change(user, made.project, document)
    agent = made.made("agents", name="Ada", email="ada@example.com")
    rows = [{"address": f"{n} Elm", "price": str(n), "agent_id": agent["id"], "furnished": True} for n in range(60)]
    made.create("properties", rows)
    return made


def change(user: User, project: Project, document: object) -> None:
    job = service.provision(user, project, document)
    assert job is not None
    jobs.run(job.pk)


class Judge:
    """Looks at pages and keeps what is wrong with them."""

    def __init__(self, page: Page, axe: str) -> None:
        self.page = page
        self.axe = axe
        self.faults: list[str] = []
        self.seen: set[str] = set()

    def visit(self, name: str, *args: object, query: str = "") -> None:
        """A page as it opens."""
        path = reverse(name, args=args)
        self.page.goto(path + query)
        self.see(name)

    def see(self, what: str) -> None:
        """The page that is open, which counts as visited."""
        self.page.wait_for_load_state("networkidle")
        self.seen.add(resolve(urlsplit(self.page.url).path).url_name or "")
        self.look(what)

    def look(self, what: str) -> None:
        """The page as it is now: all rules in the light, and in the dark those about colours."""
        self.page.evaluate(self.axe)
        self.page.add_style_tag(content="* { transition: none !important; }")
        for theme, rules in (("dark", ["color-contrast", "link-in-text-block"]), ("light", None)):
            self.page.evaluate("(dark) => document.documentElement.classList.toggle('dark', dark)", theme == "dark")
            self.faults += [f"{what}, {theme}: {fault}" for fault in self.page.evaluate(JUDGE, rules)]


def page_names(resolver: URLResolver) -> Iterator[str]:
    """The names of all addresses that people open."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from page_names(pattern) if not pattern.namespace else ()
        elif pattern.name and not pattern.name.startswith("api-") and not str(pattern.pattern).startswith("api/"):
            yield pattern.name


def test_no_page_has_a_serious_fault(
    page: Page, user: User, other_user: User, client: RecordsClient, worker: object, axe: str
) -> None:
    judge, project = Judge(page, axe), client.project
    for name in ("home", "account_login", "account_signup", "account_reset_password", "account_reset_password_done"):
        judge.visit(name)
    sign_in(page, user.email, PASSWORD)
    for name in ("home", "project-list", "project-create", "ai-usage", "account_change_password", "account_logout"):
        judge.visit(name)
    trace = uuid4()
    decide(user, project, "add a table invoices with number and due date", trace_id=trace)
    exported = exporter.submit(user, project)
    assert jobs.wait(user, exported.pk, 60).status == "succeeded"
    judge.visit("job", exported.pk)
    pages = ("project-detail", "project-settings", "builder", "history", "provisioned", "isolation", "export")
    for name in (*pages, "project-api"):
        judge.visit(name, project.pk)
    judge.visit("plan", project.pk, trace)
    judge.visit("exported", project.pk, exported.pk)
    judge.visit("version-diff", project.pk, "1.0.0", "1.1.0")
    judge.visit("rollback", project.pk, "1.0.0")
    member = add_member(user, project, other_user.email, Role.VIEWER)
    judge.visit("project-members", project.pk)
    judge.visit("member-remove", project.pk, member)
    look_at_records(judge, client)
    look_at_changes_of_many(judge, client)
    look_at_an_import(judge, client)
    assert judge.faults == [], "\n".join(judge.faults)
    unseen = {name for name in page_names(get_resolver()) if not name.startswith("account_")} - judge.seen - NO_PAGES
    assert unseen == set(), "Visit these pages here, or name them in NO_PAGES."


def look_at_records(judge: Judge, client: RecordsClient) -> None:
    """The pages of records, with all that opens in them."""
    page, project = judge.page, client.project.pk
    agent = client.list("agents").json()["results"][0]["id"]
    for name in ("record-list", "record-create", "record-filters", "record-columns"):
        judge.visit(name, project, "properties")
    for name in ("record-detail", "record-edit", "record-delete"):
        judge.visit(name, project, "agents", agent)
    judge.visit("record-list", project, "offers")  # nothing there
    judge.visit("record-list", project, "agents", query="?search=nobody")
    query = '?filter={"or":[{"status":"sold"},{"price__gte":1}]}&ordering=price,-address'
    judge.visit("record-list", project, "properties", query=query)
    page.get_by_role("link", name="Filters").click()
    page.get_by_role("button", name="Group").click()
    expect(page.get_by_label("Column", exact=True)).to_have_count(4)
    judge.look("filter builder")
    page.get_by_role("link", name="Columns").click()
    expect(page.get_by_role("button", name="Show these columns")).to_be_visible()
    judge.look("columns")
    page.locator("td[data-edit]").nth(3).dblclick(position={"x": 2, "y": 2})
    expect(page.locator("[data-cell-editor]")).to_be_visible()
    judge.look("cell editor")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    judge.look("keys")
    judge.visit("record-create", project, "properties")
    page.get_by_label("Agent", exact=True).fill("Zoe")
    page.get_by_role("option", name="Add agent").click()
    expect(page.get_by_role("dialog", name="New agent")).to_be_visible()
    judge.look("a record made in place")


def look_at_changes_of_many(judge: Judge, client: RecordsClient) -> None:
    """The pages on the way to a change of chosen rows, of a record that somebody else changed, and back."""
    page, project = judge.page, client.project.pk
    bar = page.get_by_role("region", name="Chosen properties")
    for action in ("Edit", "Delete"):
        judge.visit("record-list", project, "properties", query="?ordering=address")
        page.locator("tbody input[type=checkbox]").first.check()
        judge.look("chosen rows")
        bar.get_by_role("button", name=action).click()
        page.wait_for_url(f"**/bulk/{action.lower()}/")
        judge.see(f"{action} chosen rows")
    page.get_by_role("button", name="Delete 1").click()
    expect(page.get_by_text("was deleted.")).to_be_visible()
    judge.visit("trash", project)
    (batch,) = client.trash()
    for name in ("trash-batch", "trash-delete"):
        judge.visit(name, project, batch["batch"])
    home = client.list("properties").json()["results"][0]
    late = page.context.new_page()  # its answer is 409, which the fixture's page takes for a fault
    late.goto(reverse("record-edit", args=[project, "properties", home["id"]]))
    client.change("properties", home["id"], {"price": "120"})
    late.get_by_label(re.compile("^Price")).fill("130")
    late.get_by_role("button", name="Save", exact=True).click()
    expect(late.get_by_role("group", name=re.compile("^Price"))).to_be_visible()
    merging = Judge(late, judge.axe)
    merging.look("two edits that crossed")
    judge.faults += merging.faults


def look_at_an_import(judge: Judge, client: RecordsClient) -> None:
    """The pages of an import, with problems of all kinds."""
    page, file = judge.page, "name;email;Z\xf6e\nBob;b@example.com;\nCy;none;x\nDi\n".encode("cp1252")
    judge.visit("record-import", client.project.pk, "agents")
    page.get_by_label("CSV file").set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": file})
    for press in ("Continue", "Check 3 rows", "Import the 1 good row", "Undo the import"):
        page.get_by_role("button", name=press).click()
        page.wait_for_load_state("networkidle")
        judge.see(press)
    judge.visit("record-import", client.project.pk, "properties")


def test_axe_finds_what_it_looks_for(page: Page, database: None, axe: str) -> None:
    page.goto("/accounts/login/")
    judge = Judge(page, axe)
    judge.look("sign in")
    assert judge.faults == []
    wrong = '<button></button><input><p style="background: #777; color: #888">dim</p>'
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", wrong)
    judge.look("sign in")
    found = {tuple(fault.split(": ")[:2]) for fault in judge.faults}
    assert found == {
        ("sign in, light", "button-name"),
        ("sign in, light", "label"),
        ("sign in, light", "color-contrast"),
        ("sign in, dark", "color-contrast"),
    }
