"""The pages of records, as a browser without scripts sees them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import User
from schemas.column_types import column_types
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.factories import ProjectFactory

SCRIPT = "<script>alert('x')</script>"


def address(client: RecordsClient, name: str, table: str, *args: Any) -> str:
    return reverse(name, args=[client.project.pk, table, *args])


def html(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-2000:]
    return response.content.decode()


def test_a_record_is_added_found_changed_and_deleted(estate: RecordsClient, browser: Client) -> None:
    form = html(browser.get(address(estate, "record-create", "agents")))
    assert 'name="name"' in form
    added = browser.post(address(estate, "record-create", "agents"), {"name": "Ada", "email": ""}, follow=True)
    assert "Agent &quot;Ada&quot; was added." in html(added)
    (made,) = estate.list("agents").json()["results"]
    assert added.redirect_chain[-1][0] == address(estate, "record-detail", "agents", made["id"])
    assert made["email"] is None

    assert "Ada" in html(browser.get(address(estate, "record-list", "agents"), {"search": "ad"}))
    assert "Nothing matches" in html(browser.get(address(estate, "record-list", "agents"), {"search": "zoe"}))

    edit = address(estate, "record-edit", "agents", made["id"])
    assert 'value="Ada"' in html(browser.get(edit))
    assert "was saved" in html(browser.post(edit, {"name": "Ada L.", "email": "ada@example.com"}, follow=True))
    assert estate.get("agents", made["id"]).json()["email"] == "ada@example.com"

    delete = address(estate, "record-delete", "agents", made["id"])
    assert "restore it from the trash" in html(browser.get(delete))
    assert "was deleted" in html(browser.post(delete, follow=True))
    assert estate.list("agents").json()["count"] == 0
    assert "No agents yet" in html(browser.get(address(estate, "record-list", "agents")))


def test_a_form_starts_with_defaults_and_with_what_the_address_says(estate: RecordsClient, browser: Client) -> None:
    agent = estate.made("agents", name="Ada")
    form = html(browser.get(address(estate, "record-create", "properties"), {"agent_id": agent["id"]}))
    assert f'<option value="{agent["id"]}" selected>Ada</option>' in form
    assert '<option value="available" selected>Available</option>' in form
    assert 'type="date"' in form


def test_errors_stand_beside_their_fields_and_the_input_is_kept(estate: RecordsClient, browser: Client) -> None:
    estate.made("agents", name="Ada", email="ada@example.com")
    create = address(estate, "record-create", "agents")
    missing = html(browser.post(create, {"name": "", "email": "bob@example.com"}), 422)
    assert "This field is required." in missing
    assert 'aria-invalid="true"' in missing
    assert 'value="bob@example.com"' in missing
    taken = html(browser.post(create, {"name": "Ada 2", "email": "ada@example.com"}), 422)
    assert "Another agent already has this value." in taken
    assert 'value="Ada 2"' in taken
    properties = address(estate, "record-create", "properties")
    estate.made("properties", address="1 Main St", status="sold")
    values = {"address": "1 Main St", "status": "sold", "price": "-5", "agent_id": "nobody"}
    assert "greater than or equal to 0" in html(browser.post(properties, values), 422)
    values |= {"price": "5"}
    assert html(browser.post(properties, values), 422).count("Another property already has this value.") == 2
    values |= {"address": "2 Main St", "agent": "nobody"}
    assert "There is no such record" in html(browser.post(properties, values), 422)
    assert estate.list("properties").json()["count"] == 1


def test_json_that_is_not_there_is_an_empty_box(things: RecordsClient, browser: Client) -> None:
    company = things.made("companies", name="Acme")
    form = html(browser.get(address(things, "record-create", "things")))
    made = things.made("things", name="x", company_id=company["id"])
    for page in (form, html(browser.get(address(things, "record-edit", "things", made["id"])))):
        assert ">\nnull<" not in page


def test_only_what_was_changed_is_saved(estate: RecordsClient, browser: Client) -> None:
    made = estate.made(
        "showings",
        visitor="Bob",
        starts_at="2026-11-20T10:00:00.123456Z",
        property_id=estate.made("properties", address="x")["id"],
    )
    edit = address(estate, "record-edit", "showings", made["id"])
    values = {"visitor": "Rob", "starts_at": "2026-11-20T10:00:00", "property": made["property_id"], "agent": ""}
    assert browser.post(edit, values).status_code == 302
    changed = estate.get("showings", made["id"]).json()
    assert (changed["visitor"], changed["starts_at"]) == ("Rob", "2026-11-20T10:00:00.123456Z")


def test_a_picker_finds_related_records(estate: RecordsClient, browser: Client) -> None:
    estate.create("agents", [{"name": f"Agent {number:03}", "email": f"a{number}@example.com"} for number in range(60)])
    form = html(browser.get(address(estate, "record-create", "properties")))
    assert form.count(">Agent 0") == 50
    assert "data-picker-more" in form
    choices = address(estate, "record-choices", "agents")
    first = browser.get(choices).json()
    assert (len(first["results"]), first["more"]) == (50, True)
    found = browser.get(choices, {"q": "059 agent"}).json()
    assert [set(each) for each in found["results"]] == [{"id", "label"}]
    assert found["results"][0]["label"] == "Agent 059"
    assert browser.get(choices, {"q": "a\0'%\\"}).json()["results"] == []


def test_a_chosen_record_is_offered_wherever_it_stands(estate: RecordsClient, browser: Client) -> None:
    agents = estate.create("agents", [{"name": f"Agent {number:03}"} for number in range(60)]).json()
    made = estate.made("properties", address="x", agent_id=agents[59]["id"])
    form = html(browser.get(address(estate, "record-edit", "properties", made["id"])))
    assert f'<option value="{agents[59]["id"]}" selected>Agent 059</option>' in form


def test_a_detail_page_shows_what_points_to_the_record(estate: RecordsClient, browser: Client) -> None:
    agent = estate.made("agents", name="Ada")
    estate.create("properties", [{"address": f"{number} Main St", "agent_id": agent["id"]} for number in range(7)])
    page = html(browser.get(address(estate, "record-detail", "agents", agent["id"])))
    assert 'Properties <span class="vc-badge">7</span>' in page
    assert page.count("Main St</a>") == 5
    assert f"{address(estate, 'record-list', 'properties')}?agent_id={agent['id']}" in page
    assert f"{address(estate, 'record-create', 'properties')}?agent_id={agent['id']}" in page


def test_deleting_says_what_else_will_happen(estate: RecordsClient, browser: Client) -> None:
    agent = estate.made("agents", name="Ada")
    home = estate.made("properties", address="1 Main St", agent_id=agent["id"])
    showing = {"starts_at": "2026-11-20T10:00:00Z", "property_id": home["id"], "agent_id": agent["id"]}
    estate.create("showings", [{"visitor": "Bob", **showing}, {"visitor": "Eve", **showing}])
    page = html(browser.get(address(estate, "record-delete", "agents", agent["id"])))
    assert "<strong>1</strong> property, whose agent becomes empty" in page
    assert "<strong>2</strong> showings, whose agent becomes empty" in page
    delete = address(estate, "record-delete", "properties", home["id"])
    page = html(browser.get(delete))
    assert "deleted too" in page
    assert "<strong>2</strong> showings" in page
    offer = estate.made("offers", buyer="Bob", property_id=home["id"])
    page = html(browser.get(delete))
    assert "in the way" in page
    assert 'type="submit" class="vc-btn vc-btn-danger"' not in page
    assert "offers still point to it" in html(browser.post(delete), 409)
    estate.delete("offers", offer["id"])
    assert browser.post(delete).status_code == 302
    assert estate.list("showings").json()["count"] == 0


def test_a_list_page_filters_sorts_and_pages(estate: RecordsClient, browser: Client) -> None:
    agent = estate.made("agents", name="Ada")
    rows = [{"address": f"{n:03} Main St", "price": str(n * 1000), "agent_id": agent["id"]} for n in range(60)]
    estate.create("properties", rows)
    listing = address(estate, "record-list", "properties")
    page = html(browser.get(listing, {"ordering": "-price"}))  # rows of one call share the time they were made
    assert "1 to 50 of 60" in page
    assert "Page 1 of 2" in page
    assert "$59,000.00" in page
    assert 'class="vc-badge vc-badge-green">Available' in page
    assert f'href="{address(estate, "record-detail", "agents", agent["id"])}">Ada</a>' in page
    page = html(browser.get(listing, {"page": 2, "ordering": "price"}))
    assert "51 to 60 of 60" in page
    assert 'aria-sort="ascending"' in page
    assert "ordering=-price" in page
    page = html(browser.get(listing, {"price__gte": "58000", "agent_id": agent["id"], "status": "available"}))
    assert "1 to 2 of 2" in page
    for chip in ("Price from 58000", "Agent is Ada", "Status is Available"):
        assert f"Remove filter: {chip}" in page
    assert "51 to 60 of 60" in html(browser.get(listing, {"page": 99}))


def test_a_list_page_says_which_parameter_is_wrong(estate: RecordsClient, browser: Client) -> None:
    listing = address(estate, "record-list", "properties")
    assert "There is no parameter" in html(browser.get(listing, {"nonsense": "1"}), 400)
    assert "Price from: Enter a number" in html(browser.get(listing, {"price__gte": "abc"}), 400)


def test_a_refused_filter_leaves_the_others_as_they_were(estate: RecordsClient, browser: Client) -> None:
    listing = address(estate, "record-list", "properties")
    asked = {"price__gte": "abc", "search": "elm", "status": "sold"}
    page = html(browser.get(listing, asked), 400)
    assert "Remove filter: Price from abc" in page
    assert 'value="elm"' in page
    assert '<option value="sold" selected' in page
    assert "Nothing matches" not in page


def test_a_list_page_takes_the_same_number_of_queries_however_long_it_is(
    estate: RecordsClient, browser: Client
) -> None:
    agents = [estate.made("agents", name=f"Agent {number}")["id"] for number in range(3)]
    queries = []
    for count in (1, 40):
        estate.create("properties", [{"address": f"{count}-{n}", "agent_id": agents[n % 3]} for n in range(count)])
        with CaptureQueriesContext(connection) as captured:
            html(browser.get(address(estate, "record-list", "properties")))
        queries.append(len(captured))
    assert queries[0] == queries[1]


def test_a_list_is_downloaded_as_csv(estate: RecordsClient, browser: Client) -> None:
    agent = estate.made("agents", name="=1+1")
    estate.create(
        "properties", [{"address": f"{n} Main St, W1", "price": "-0", "agent_id": agent["id"]} for n in range(60)]
    )
    estate.made("properties", address="@evil", notes='"quoted"\nsecond line', status="sold")
    listing = address(estate, "record-list", "properties")
    response = browser.get(listing, {"format": "csv", "ordering": "status,address"})
    assert response["Content-Disposition"] == 'attachment; filename="properties.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 61
    assert rows[0]["address"] == "0 Main St, W1"
    assert rows[0]["agent (label)"] == "'=1+1"
    assert (rows[60]["address"], rows[60]["notes"], rows[60]["price"]) == ("'@evil", '"quoted"\nsecond line', "")
    sold = browser.get(listing, {"format": "csv", "status": "sold"})
    assert len(b"".join(sold.streaming_content).splitlines()) == 3


@pytest.mark.parametrize("text", ["=1", "@1", "+cmd|' /C calc'!A0", "-2+3", "\uff1d1+1", "\uff20SUM(A1)"])
def test_no_text_is_a_formula_in_a_spreadsheet(estate: RecordsClient, browser: Client, text: str) -> None:
    estate.made("agents", name=text)
    response = browser.get(address(estate, "record-list", "agents"), {"format": "csv"})
    (row,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))
    assert row["name"] == f"'{text}"


@pytest.mark.parametrize("number", ["+1", "-1.5", "+14155552671"])
def test_a_number_with_its_sign_stays_a_number_in_a_spreadsheet(
    estate: RecordsClient, browser: Client, number: str
) -> None:
    estate.made("agents", name=number)
    response = browser.get(address(estate, "record-list", "agents"), {"format": "csv"})
    (row,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))
    assert row["name"] == number


@pytest.mark.parametrize("form", [" {} ", "{{{}}}", "urn:uuid:{}"])
def test_a_list_is_filtered_by_a_link_however_its_id_is_written(
    estate: RecordsClient, browser: Client, form: str
) -> None:
    agent = estate.made("agents", name="Ann")
    estate.made("properties", address="1 Main St", agent_id=agent["id"])
    listing = browser.get(address(estate, "record-list", "properties"), {"agent_id": form.format(agent["id"])})
    assert "1 Main St" in html(listing)


def test_every_type_has_a_cell_a_form_field_and_a_filter(things: RecordsClient, browser: Client) -> None:
    for kind in column_types:
        get_template(kind.cell)
    company = things.made("companies", name="Acme")
    # What exists in this project alone, and what nobody enters.
    own = {"many_to_many": [company["id"]], "user": str(things.project.owner_id), "attachment": None}
    entered = [kind for kind in column_types if kind.key != "relation" and not kind.numbered]
    examples = {f"a_{kind.key}": own.get(kind.key, next(iter(kind.examples), None)) for kind in entered}
    made = things.made("things", name="x", company_id=company["id"], **examples)
    html(browser.get(address(things, "record-list", "things")))
    html(browser.get(address(things, "record-detail", "things", made["id"])))
    form = html(browser.get(address(things, "record-edit", "things", made["id"])))
    for column in examples:
        assert f'name="{column}"' in form, column


def test_names_and_values_are_never_markup(user: User, browser: Client) -> None:
    document = {
        "name": SCRIPT,
        "tables": [
            {
                "name": "agents",
                "description": SCRIPT,
                "ui_hints": {"label": SCRIPT, "label_plural": SCRIPT},
                "columns": [
                    {"name": "name", "type": "text", "required": True, "label": SCRIPT, "help_text": SCRIPT},
                    {"name": "notes", "type": "long_text", "help_text": SCRIPT},
                    {"name": "extra", "type": "json"},
                    {"name": "kind", "type": "select", "options": [{"value": "a", "label": SCRIPT}]},
                ],
            },
        ],
        "relationships": [
            {
                "from_table": "agents",
                "from_column": "boss_id",
                "to_table": "agents",
                "type": "many_to_one",
                "label": SCRIPT,
            }
        ],
    }
    client = RecordsClient(client_of(user), provisioned(user, document))
    boss = client.made("agents", name=SCRIPT)
    made = client.made("agents", name=SCRIPT, notes=SCRIPT, extra={SCRIPT: SCRIPT}, kind="a", boss_id=boss["id"])
    for page in (
        browser.get(address(client, "record-list", "agents")),
        browser.get(address(client, "record-list", "agents"), {"boss_id": boss["id"], "kind": "a", "search": SCRIPT}),
        browser.get(address(client, "record-detail", "agents", boss["id"])),
        browser.get(address(client, "record-detail", "agents", made["id"])),
        browser.get(address(client, "record-edit", "agents", made["id"])),
        browser.get(address(client, "record-delete", "agents", boss["id"])),
        browser.post(address(client, "record-create", "agents"), {"name": "", "notes": SCRIPT}),
        browser.post(address(client, "record-delete", "agents", made["id"]), follow=True),
    ):
        assert SCRIPT not in page.content.decode()


def test_pages_ask_strangers_to_sign_in(estate: RecordsClient) -> None:
    for name in ("record-list", "record-create", "record-choices"):
        response = Client().get(address(estate, name, "agents"))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))


def test_forms_need_the_csrf_token(estate: RecordsClient, user: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    assert browser.post(address(estate, "record-create", "agents"), {"name": "Eve"}).status_code == 403
    made = estate.made("agents", name="Ada")
    assert browser.post(address(estate, "record-delete", "agents", made["id"])).status_code == 403
    assert estate.list("agents").json()["count"] == 1


@pytest.mark.parametrize("name", ["record-list", "record-create", "record-choices"])
def test_a_table_that_does_not_exist_is_not_found(estate: RecordsClient, browser: Client, name: str) -> None:
    assert browser.get(address(estate, name, "passwords")).status_code == 404
    empty = ProjectFactory(owner=estate.project.owner)
    assert browser.get(reverse(name, args=[empty.pk, "agents"])).status_code == 404
